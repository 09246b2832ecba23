"""What a role may do at most: scopes that follow the duties, before a token narrows them."""

from typing import Final

from shared.duties.departments import ALL_CODES, TOWNS

REGISTRARS: Final = (
    "education",
    "culture_tourism_sports",
    "science_tech",
    "civil_affairs",
    "market_regulation",
)
"""They license, register or supervise training institutions: 方案任务17、18, annex 4."""

FINANCE: Final = ("finance_office", "pboc", "cbirc")
"""They supervise the custody of fees with the banks: 方案任务24, annex 4."""

COMPETENT: Final = ("education", "culture_tourism_sports", "science_tech")
"""Each is in charge of one kind of institution, also of its fees."""

SCHOOL_KEEPERS: Final = ("education",)
"""市教育局 sets the school year: annex 4."""

BANK_KEEPERS: Final = ("finance_office",)
"""市金融办 decides which banks may report: the custody of fees is its charge."""

PLATFORM_KEEPERS: Final = ("economy_it",)
"""市经信局 looks after the teaching platforms with 市教育局: annex 4."""

PRICE_SETTERS: Final = ("development_reform",)
"""市发改局 sets what compulsory-stage subject training may cost: annex 4."""

FEE_SETTERS: Final = ("finance_office", "education")
"""They set the thresholds of fee supervision, each for the group it leads: annexes 2 and 4."""

OPERATORS: Final = ("data_bureau",)
"""市政务数据办 keeps the city's shared systems running: annex 4."""

TOWN_CODES: Final = frozenset(town.code for town in TOWNS)

SCOPES: Final = {
    "alerts:read": "查看送达的预警",
    "alerts:act": "签收、整改、复核、处置预警，陈述申辩",
    "registry:read": "查询机构登记",
    "registry:write": "登记和吊销机构，登记许可证和教学点",
    "funds:read": "查询银行报送的事件、账户与汇总",
    "feeds:read": "查询银行对其报送的声明",
    "releases:act": "申请、复核人工划拨",
    "lessons:act": "报送、确认消课，提出和决定异议",
    "lessons:read": "查询消课确认",
    "accounts:read": "查询账户备案与托管覆盖率",
    "accounts:file": "备案、确认托管账户",
    "fees:read": "查询收费规则的参数和政府指导价",
    "fees:write": "设定收费规则的参数",
    "prices:write": "载入政府指导价",
    "contracts:file": "备案合同、取得学员代码",
    "contracts:read": "查询备案的合同",
    "students:admin": "更换学员代码的密钥",
    "refunds:act": "申请、答复、决定退费",
    "refunds:read": "查询退费申请",
    "statements:act": "报送对账文件，说明或了结对账差异",
    "banks:admin": "登记银行、更换其签名密钥",
    "banks:state": "认证、上线、暂停银行的报送",
    "banks:webhook": "登记银行接收结果的地址，重新推送",
    "platforms:admin": "登记教学平台、更换其签名密钥",
    "ads:check": "检查广告内容与媒介",
    "sightings:report": "上报广告线索",
    "sightings:read": "查看上报的广告",
    "leads:read": "查看移送的线索",
    "leads:act": "签收、退回移送的线索，反馈办理结果",
    "schedule:read": "查询日历、校历、课程和课表，预检课表",
    "schedule:write": "载入校历、作息时间和放假通知，决定政策开关",
    "timetables:file": "备案课程、教室和课表",
    "sessions:tell": "报送上课记录，查看被拒收的记录",
    "practices:report": "报送、更正、撤回培训行为反映",
    "practices:read": "查询培训行为反映",
    "practices:act": "征询专家意见，办理培训行为反映",
    "takedowns:read": "查询下架、停课要求",
    "takedowns:act": "拟稿、送达、复查下架、停课要求",
    "duties:read": "查询职责与流转依据",
    "audit:read": "查询审计链：部门查本部门所为",
    "dead-letters:read": "查看搁置的消息",
    "dead-letters:act": "重放搁置的消息",
    "notifications:read": "查看通知的投递情况",
    "notifications:act": "登记接收地址、重发通知",
    "access:admin": "吊销令牌",
}
"""Every scope, in the words a token's holder reads."""

_OF_ROLE: Final[dict[str, frozenset[str]]] = {
    "staff": frozenset(
        {
            "alerts:read",
            "alerts:act",
            "audit:read",
            "registry:read",
            "fees:read",
            "ads:check",
            "sightings:report",
            "sightings:read",
            "leads:read",
            "leads:act",
            "schedule:read",
            "practices:report",
            "practices:read",
            "duties:read",
            "dead-letters:read",
            "notifications:read",
            "notifications:act",
        }
    ),
    "institution": frozenset(
        {
            "alerts:read",
            "alerts:act",
            "registry:read",
            "releases:act",
            "lessons:act",
            "lessons:read",
            "ads:check",
            "schedule:read",
            "timetables:file",
            "sessions:tell",
            "practices:report",
            "practices:read",
            "accounts:read",
            "accounts:file",
            "contracts:file",
            "fees:read",
            "contracts:read",
            "refunds:act",
            "refunds:read",
            "duties:read",
        }
    ),
    "bank": frozenset({"funds:read", "feeds:read", "statements:act", "banks:webhook"}),
    "platform": frozenset({"lessons:act", "lessons:read", "refunds:act", "sessions:tell"}),
    "bank_admin": frozenset(
        {"banks:admin", "banks:state", "banks:webhook", "feeds:read", "platforms:admin"}
    ),
    "admin": frozenset(SCOPES),
}
_OF_DEPARTMENT: Final[dict[str, frozenset[str]]] = {
    code: frozenset(
        scope
        for scope, bodies in (
            ("registry:write", REGISTRARS),
            ("funds:read", (*FINANCE, *COMPETENT)),
            ("feeds:read", (*FINANCE, *COMPETENT)),
            ("releases:act", COMPETENT),
            ("lessons:act", COMPETENT),
            ("lessons:read", (*FINANCE, *COMPETENT)),
            ("accounts:read", (*FINANCE, *COMPETENT, *TOWN_CODES)),
            ("accounts:file", COMPETENT),
            ("fees:write", FEE_SETTERS),
            ("prices:write", PRICE_SETTERS),
            ("contracts:file", COMPETENT),
            ("contracts:read", (*FINANCE, *COMPETENT)),
            ("banks:state", BANK_KEEPERS),
            ("statements:act", (*FINANCE, *COMPETENT)),
            ("refunds:act", COMPETENT),
            ("refunds:read", (*FINANCE, *COMPETENT)),
            ("platforms:admin", PLATFORM_KEEPERS),
            ("schedule:write", SCHOOL_KEEPERS),
            ("timetables:file", COMPETENT),
            ("sessions:tell", (*COMPETENT, *TOWN_CODES, *PLATFORM_KEEPERS)),
            ("practices:act", (*COMPETENT, *PLATFORM_KEEPERS)),
            ("takedowns:read", (*PLATFORM_KEEPERS, *COMPETENT)),
            ("takedowns:act", (*PLATFORM_KEEPERS, *COMPETENT)),
            ("dead-letters:act", OPERATORS),
        )
        if code in bodies
    )
    for code in ALL_CODES
}


def default_scopes(role: str, office: str | None) -> frozenset[str]:
    """Return what a role may do, for staff together with what their department may."""
    own = _OF_DEPARTMENT.get(office or "", frozenset()) if role == "staff" else frozenset()
    return _OF_ROLE[role] | own

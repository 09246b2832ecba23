"""Annex 4 of the plan as data: what each department and town must do, clause by clause.

A clause is what stands between two full stops or semicolons of a row. Each has one duty here, in
our own words, with the tasks of the main part that ask the same of that body.
"""

from dataclasses import dataclass
from typing import Final

from shared.duties.tasks import TOWN_ROW


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """What one clause of annex 4 asks of one body; ``body`` is ``towns`` for each town."""

    body: str
    row: int
    clause: int
    text: str
    tasks: tuple[int, ...] = ()

    @property
    def id(self) -> str:
        return f"{self.body}.{self.clause}"


_Clause = tuple[str, tuple[int, ...]]

# In the order of the annex, so that the place of a row is its number.
_ROWS: Final[tuple[tuple[str, tuple[_Clause, ...]], ...]] = (
    ("foreign_affairs", (("为培训机构聘用的外籍教师提供涉外服务。", ()),)),
    (
        "publicity",
        (
            ("统管减负宣传，掌握舆情并组织应对。", (30,)),
            ("查处培训中的政治导向问题、误导学生价值观和低俗色情的内容，以及盗版和非法出版。", ()),
            ("借广播电视、新媒体和公益广告宣讲减负，督导媒体，让社会树立正确的教育观。", (30,)),
            ("管住媒体、公共场所、小区广告牌和网络平台，不让培训广告出现。", (25,)),
            ("协助处置电视端（IPTV、互联网电视）的违规线上培训应用。", ()),
            ("协助教育、经信等部门监管线上培训。", ()),
        ),
    ),
    (
        "political_legal",
        (
            ("指导各部门评估“双减”风险，盯住线上线下的事件和苗头，协调维稳。", ()),
            ("用基层治理“四个平台”和网格排查培训机构。", ()),
        ),
    ),
    ("staffing", (("在市教育局设立校外教育监管科，补足中小学教师编制。", (14,)),)),
    ("petitions", (("汇集有关信访信息，指导协调信访事件的处置。", ()),)),
    (
        "development_reform",
        (
            ("与教育等部门一起制定学科类培训的收费政策和计价办法，防止高收费和逐利。", (20, 24)),
            ("监督义务教育阶段培训的收费。", (24,)),
        ),
    ),
    (
        "economy_it",
        (("协助主管部门监管线上培训，让违规的平台和应用停办、下架。", (21, 22)),),
    ),
    (
        "education",
        (
            (
                "总牵头全市“双减”，协调各部门落实政策，提高学校育人水平，减轻作业和培训负担。",
                (*range(1, 17), 30),
            ),
            ("对学科类培训机构作日常监管。", (*range(17, 28), 29)),
            ("联合有关部门查处培训机构的违法违规，开展综合执法。", (26, 28)),
            ("牵头协调和推进校外培训专项治理。", (17, 28)),
            ("指导镇（街道）管好学科类培训机构。", (18,)),
        ),
    ),
    (
        "science_tech",
        (
            ("主管科技创新类培训机构，分类定标准，从严审批。", (18, 19)),
            (
                "监管科技创新类培训机构，联合有关部门查处其违法违规。",
                (17, 23, 24, 25, 26, 28, 29),
            ),
            ("指导镇（街道）管好科技类培训机构。", (18,)),
            ("办理外籍人员的工作许可。", (23,)),
            ("协助教育部门核查外籍人员的从业资质。", (23,)),
        ),
    ),
    (
        "public_security",
        (
            ("管好治安，共同收集研判情报、预警预防，应急处置涉稳事件。", ()),
            ("监督培训机构担起单位安全防范的责任。", ()),
            ("协助监管线上培训机构的网络安全。", ()),
            ("管好交通，有隐患的机构督促其整改，并告知主管部门。", ()),
            ("在法定职责内查处培训机构的违法行为。", (25,)),
            ("查询教职员工的邪教和犯罪记录，把结果反馈主管部门。", (23,)),
        ),
    ),
    (
        "civil_affairs",
        (
            ("牵头学科类培训机构转登记。", (20,)),
            (
                "管好民办非企业单位的登记、评估和年检，与教育部门一起查处违规营利并作信用惩戒。",
                (15, 17, 18, 19, 24, 25),
            ),
        ),
    ),
    ("justice", (("督促落实行政执法“三项制度”，监督并指导各部门的“双减”执法。", ()),)),
    (
        "human_resources",
        (("防范化解用工风险，查处劳动保障违法，监测失业，为被裁人员登记并扶持就业。", ()),),
    ),
    (
        "housing_construction",
        (
            ("指导监督培训场所新建、改建、扩建的消防设计审查、验收、备案和抽查。", ()),
            ("管培训场所的建筑安全，配合查处违法建筑和擅改房屋用途。", ()),
            ("处置培训机构的房屋租赁纠纷。", ()),
        ),
    ),
    (
        "culture_tourism_sports",
        (
            ("主管文化艺术类、体育类培训机构，分类定标准，从严审批。", (18, 19)),
            (
                "监管文化艺术类、体育类培训机构，联合有关部门查处其违法违规。",
                (17, 23, 24, 25, 26, 28, 29),
            ),
            ("指导镇（街道）管好文化艺术类、体育类培训机构。", (18,)),
        ),
    ),
    ("health", (("协助做好培训机构的防疫、近视防控和卫生。", ()),)),
    (
        "market_regulation",
        (
            ("办理非学科类机构的登记和学科类机构的转登记。", (18, 19, 20)),
            ("定期把登记信息推送给相关部门。", (17,)),
            (
                "监管明码标价、竞争、广告宣传、垄断和食品安全，加强执法，配合查处违规培训。",
                (19, 24, 25, 26, 28),
            ),
            ("对违法违规的机构作信用惩戒。", (28,)),
            ("查处无照经营。", (28,)),
            ("监督义务教育阶段学科类培训的收费。", (24,)),
            ("维护消费者权益，引导改善消费环境。", (24,)),
        ),
    ),
    (
        "finance_office",
        (
            ("防控金融风险，引导银行等机构规范地服务培训机构。", (24,)),
            ("清理学科类培训机构的融资和上市。", (27,)),
        ),
    ),
    (
        "urban_enforcement",
        (("查处违反民办教育法规的行为，以及违法设置的户外培训广告。", (25, 28)),),
    ),
    (
        "media_center",
        (("协助建设市培训机构监管服务平台。", (29,)), ("宣传“双减”。", ())),
    ),
    ("data_bureau", (("为市培训机构监管服务平台提供技术协助。", (29,)),)),
    ("tax", (("监管培训机构的发票使用，查处偷逃税和虚开。", (24,)),)),
    (
        "pboc",
        (
            (
                "指导银行开立学员培训费专户，配合主管部门建立资金监管风险预警反馈机制。",
                (24,),
            ),
        ),
    ),
    ("cbirc", (("会同主管部门做好预收费风险管控。", (24,)),)),
    ("fire_rescue", (("监督培训机构的消防，抽查并督促消除火灾隐患，查处消防违法。", ()),)),
    (
        TOWN_ROW,
        (
            ("把辖区内的培训机构纳入网格管理。", ()),
            ("掌握辖区内各类培训机构的基本情况。", (17,)),
            ("对辖区内各类培训机构作日常监管。", ()),
            ("发现违法违规的线索，及时报主管部门并督促整改。", ()),
            ("配合主管部门查处违规培训，处置信访和突发事件。", ()),
        ),
    ),
)

DUTIES: Final[tuple[Duty, ...]] = tuple(
    Duty(body=body, row=row, clause=clause, text=text, tasks=tasks)
    for row, (body, clauses) in enumerate(_ROWS, start=1)
    for clause, (text, tasks) in enumerate(clauses, start=1)
)


def duties_of(row: str) -> tuple[Duty, ...]:
    """Return the duties of a body's row; towns share ``TOWN_ROW``, group members have none."""
    return tuple(duty for duty in DUTIES if duty.body == row)

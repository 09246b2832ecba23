"""What is no advertisement though it uses an advertisement's words.

Regulators forbid and quote them, schools warn parents of them, news reports them. A whole text is
set aside by who speaks in it; a single phrase by the negation or the quotation around it.
"""

import re
from typing import Final

_SPEAKS: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern), why)
    for pattern, why in (
        (
            (
                "行政处罚|处罚决定|处罚告知|罚款|罚没|责令[^。]{0,6}(?:停止|改正|整改)|当事人|涉嫌违法|"
                "立案(?:调查|查处)|典型案例|骗局|谨防上当|消费警示|消费提示|违法广告|虚假广告"
            ),
            "这是执法或监管文书，不是广告",
        ),
        ("公益广告|倡议书|减负提质|倡导[^。]{0,10}不", "这是公益宣传，不是商业广告"),
    )
)
# These speak for a school or an authority unless somebody sells something in the same text.
_UNLESS_SOLD: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern), why)
    for pattern, why in (
        (
            (
                "关于[^。]{1,50}的(?:通知|公告|通告|公示|意见|决定|提示|函|说明|报告|办法|规定)|"
                "(?:招生|录取|放假|开放|招聘)(?:工作)?(?:公告|通知)|招生办公室|录取分数线|施教区|校历"
            ),
            "这是机关、学校或单位的公文，不是广告",
        ),
        (
            (
                "(?:致|给)[^。,]{0,12}(?:家长|学生|同学)[^。,]{0,4}(?:信|书)|告家长书|家长会|家长须知|"
                "各位家长|家长朋友|我(?:校|园)|本校|课后服务|教研组|备课组|公开课|优质课"
            ),
            "这是学校与家长、学生之间的往来，不是广告",
        ),
        (
            (
                "(?:教育局|教育部|市场监管局|教体局|文旅局|科技馆|图书馆|博物馆|少年宫|青少年宫|"
                "(?:中学|小学|学校|幼儿园))[^。]{0,24}(?:举行|开展|召开|举办|组织|印发|发布|检查|推进|部署)"
            ),
            "这是机关、学校或场馆的消息，不是广告",
        ),
        (
            "(?:诚聘|招聘|急聘)[^。]{0,20}(?:教师|老师|教练|人员|五险|薪)",
            "这是招聘启事，不是培训广告",
        ),
        ("让[^。,]{1,10}成为[^。,]{0,4}最好的", "这是倡导性的标语，不是培训广告"),
        (
            "请问|求推荐|有没有[^。]{0,10}推荐|(?:举报|投诉)[^。]{0,20}(?:机构|补习|培训)",
            "这是询问或投诉",
        ),
    )
)
_SELLS: Final = re.compile(
    "优惠|立减|团购|¥|￥|[0-9]元|试听|抢(?:报|购|位|课|好)|火热|火爆|扫码|加微信|私聊|名额|学员招募|"
    "招生中|热招|报名(?:热线|电话|咨询|立)|咨询(?:热线|电话)|限时|特价|免费领|仅剩"
)
_STOPS: Final = "。;?\n"
_FORBIDS: Final = re.compile(
    "不得|严禁|轻信|当心|理性(?:看待|选择|消费)|禁止|谨防|防范|警惕|严防|切勿|请勿|勿(?=[信报参听被让])|不准|不许|不能(?:有|发布|使用|以)|"
    "杜绝|抵制|查处|取缔|整治|清理|曝光|不可(?:发布|宣传)|不应|制止|停止|"
    "不(?:参加|组织|举办|开展|承诺|补课|提供)|"
    "不要(?!错过|犹豫|等|再|输|让孩子输|让[^,]{1,6}输)|没有[^,]{0,6}(?:承诺|补课)"
)
_QUOTES: Final = re.compile(
    '(?:宣传|使用|含有|发布|宣称|声称|自称|打出|标注|标称|出现|诸如|所谓|以|打着|鼓吹)[^,。;“"「]{0,8}'
    '[“"「『][^”"」』]{0,40}$'
)
_BACK: Final = 120


def why_no_advertisement(text: str) -> str | None:
    """Say why a whole text is no advertisement, or nothing where it may be one."""
    for pattern, why in _SPEAKS:
        if pattern.search(text):
            return why
    if _SELLS.search(text):
        return None
    return next((why for pattern, why in _UNLESS_SOLD if pattern.search(text)), None)


def is_forbidden_or_quoted(text: str, start: int) -> bool:
    """Tell whether what stands here is something that the text forbids, or quotes of others."""
    begin = max([text.rfind(stop, 0, start) for stop in _STOPS] + [start - _BACK, -1]) + 1
    before = text[begin:start]
    return bool(_FORBIDS.search(before) or _QUOTES.search(before))

"""What platforms and operators may be asked by this service, within which time, and what is late.

The technique is ``shared/takedown``; what is here is the policy of 市经信局 and 市教育局.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final, Literal

from shared.rules import Article, RuleCard
from shared.takedown.model import Term

ThingKind = Literal["class", "course", "recording", "app"]
Measure = Literal["take_down", "rectify"]
Urgency = Literal["urgent", "usual"]
GroundKind = Literal["alert", "held_session", "course", "report", "visit"]

THING_NAMES: Final[dict[str, str]] = {
    "class": "班级",
    "course": "课程",
    "recording": "录播内容",
    "app": "平台、应用",
}
MEASURE_NAMES: Final[dict[str, str]] = {"take_down": "下架（停课）", "rectify": "整改"}
KEEPER: Final = "economy_it"
"""市经信局 has a part in every request: 附件4, 关停、下架."""

_SINCE: Final = date(2021, 7, 24)
_TIME: Final = "下架（停课）要求办理时限（建议值，非法律规定）"
TERMS: Final = (
    Term(code="urgent", article=Article(_TIME, "紧急：24小时", "P", _SINCE), hours=24),
    Term(code="usual", article=Article(_TIME, "一般：5个工作日", "P", _SINCE), working_days=5),
)
"""No text fixes how long a platform has: defaults, each a dated rule."""

TAKEDOWN_OVERDUE: Final = RuleCard(
    "schedule.takedown_overdue",
    "下架、停课或整改要求逾期未办",
    Article(
        "海宁市“双减”实施方案",
        "附件4（市经信局）：做好违规线上校外培训平台、应用的关停、下架等工作",
        "Seed",
        _SINCE,
    ),
    "教学平台和线上培训的经营者",
)

INSTITUTION: Final = "institution_id"
CLASS_GROUP: Final = "class_group"
COURSE: Final = "course"
_KNOWN_BY: Final[Mapping[str, tuple[str, ...]]] = {
    "class": (INSTITUTION, CLASS_GROUP),
    "course": (INSTITUTION, COURSE),
}


def missing_marks(kind: ThingKind, marks: Mapping[str, str], url: str | None) -> tuple[str, ...]:
    """Return what must be told of a thing so that it is known again, and is not."""
    if kind == "recording":
        # Where it is found says enough; without that the course does.
        return () if url is not None else _lacking((INSTITUTION, COURSE), marks)
    return _lacking(_KNOWN_BY.get(kind, ()), marks)


def _lacking(known_by: tuple[str, ...], marks: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(name for name in known_by if name not in marks)

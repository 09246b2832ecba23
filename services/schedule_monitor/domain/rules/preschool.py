"""What may not be held for children before school at all."""

from typing import Final

from services.schedule_monitor.domain.rules import articles
from services.schedule_monitor.domain.rules.columns import KIND, MODE, STAGE
from services.schedule_monitor.domain.rules.rule import Case, Rule
from shared.rules import RuleCard

PRESCHOOL_ONLINE = RuleCard(
    "schedule.preschool_online",
    "对学龄前儿童开展线上培训",
    articles.PRESCHOOL_ONLINE,
    "学龄前，各类线上培训",
)
PRESCHOOL_SUBJECT = RuleCard(
    "schedule.preschool_subject",
    "对学龄前儿童开展线下学科类培训",
    articles.PRESCHOOL_SUBJECT,
    "学龄前，线下学科类培训",
)

_PRESCHOOL = STAGE == "preschool"


def _online(_: Case) -> str:
    return "不得对学龄前儿童开展线上培训"


def _subject(_: Case) -> str:
    return "不得对学龄前儿童开展线下学科类（含外语）培训"


PRESCHOOL_RULES: Final = (
    Rule(PRESCHOOL_ONLINE, "red", _PRESCHOOL & (MODE == "online"), message=_online),
    Rule(
        PRESCHOOL_SUBJECT,
        "red",
        _PRESCHOOL & (MODE == "offline") & (KIND == "subject"),
        message=_subject,
    ),
)

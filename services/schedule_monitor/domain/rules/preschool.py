"""What may not be held for children before school at all."""

from typing import Final

from services.schedule_monitor.domain.rules import articles
from services.schedule_monitor.domain.rules.case import Case, Rule
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


def no_online_class_before_school_age(case: Case) -> str | None:
    """Children before school are taught nothing online."""
    session = case.session
    if session.stage != "preschool" or session.mode != "online":
        return None
    return "不得对学龄前儿童开展线上培训"


def no_offline_subject_class_before_school_age(case: Case) -> str | None:
    """Children before school are taught no subject, foreign languages included."""
    session = case.session
    if (session.stage, session.mode, session.kind) != ("preschool", "offline", "subject"):
        return None
    return "不得对学龄前儿童开展线下学科类（含外语）培训"


PRESCHOOL_RULES: Final = (
    Rule(PRESCHOOL_ONLINE, "red", no_online_class_before_school_age),
    Rule(PRESCHOOL_SUBJECT, "red", no_offline_subject_class_before_school_age),
)

"""Days on which no subject class may be held."""

from typing import Final

from services.schedule_monitor.domain.rules import articles
from services.schedule_monitor.domain.rules.case import Case, Rule
from services.schedule_monitor.domain.school_calendar import BREAK_NAMES, BreakKind
from shared.rules import RuleCard

_SUBJECT = "学科类培训，线上线下，各学段"
_LONG: Final[tuple[BreakKind, ...]] = ("winter", "summer")

STATUTORY_HOLIDAY = RuleCard(
    "schedule.statutory_holiday", "法定节假日举办学科类培训", articles.DAYS, _SUBJECT
)
REST_DAY = RuleCard("schedule.rest_day", "休息日举办学科类培训", articles.DAYS, _SUBJECT)
ADJUSTED_WORKDAY = RuleCard(
    "schedule.adjusted_workday", "调休上班日举办学科类培训", articles.ADJUSTED, _SUBJECT
)
LONG_BREAK = RuleCard("schedule.long_break", "寒暑假举办学科类培训", articles.DAYS, _SUBJECT)
OTHER_BREAK = RuleCard(
    "schedule.other_break", "春秋假、临时停课期间举办学科类培训", articles.OTHER_BREAKS, _SUBJECT
)


def no_subject_class_on_a_statutory_holiday(case: Case) -> str | None:
    """Statutory holidays are free of subject classes, also those that fall on a weekend."""
    if not _is_subject(case) or case.day.kind != "statutory_holiday":
        return None
    festival = case.day.festival
    name = "" if festival is None else f"（{festival.name}）"
    return f"当日是法定节假日{name}，不得举办学科类培训"


def no_subject_class_on_a_rest_day(case: Case) -> str | None:
    """Weekends and weekdays off are rest days."""
    if not _is_subject(case) or case.day.kind not in ("ordinary_weekend", "in_lieu_rest_day"):
        return None
    name = "周末休息日" if case.day.kind == "ordinary_weekend" else "补假或调休的休息日"
    return f"当日是{name}，不得举办学科类培训"


def no_subject_class_on_an_adjusted_workday(case: Case) -> str | None:
    """A worked weekend day is a rest day for subject classes only where the city decides so."""
    if not _is_subject(case) or case.day.kind != "adjusted_workday":
        return None
    if case.adjusted_workday == "workday":
        return None
    return "当日是调休上班日，按本市政策决定视同休息日，不得举办学科类培训"


def no_subject_class_in_a_long_break(case: Case) -> str | None:
    """Winter and summer breaks of the stage's schools are free of subject classes."""
    return _in_break(case, long=True)


def no_subject_class_in_another_break(case: Case) -> str | None:
    """Spring and autumn breaks and closures are treated as the long breaks are."""
    return _in_break(case, long=False)


def _in_break(case: Case, *, long: bool) -> str | None:
    if not _is_subject(case):
        return None
    found = [one for one in case.school.breaks if (one.kind in _LONG) == long]
    if not found:
        return None
    first = found[0]
    return (
        f"当日在学校{BREAK_NAMES[first.kind]}期间"
        f"（{first.first_day.isoformat()}至{first.last_day.isoformat()}），不得举办学科类培训"
    )


def _is_subject(case: Case) -> bool:
    return case.session.kind == "subject"


DAY_RULES: Final = (
    Rule(STATUTORY_HOLIDAY, "red", no_subject_class_on_a_statutory_holiday),
    Rule(REST_DAY, "red", no_subject_class_on_a_rest_day),
    Rule(ADJUSTED_WORKDAY, "yellow", no_subject_class_on_an_adjusted_workday),
    Rule(LONG_BREAK, "red", no_subject_class_in_a_long_break),
    Rule(OTHER_BREAK, "yellow", no_subject_class_in_another_break),
)

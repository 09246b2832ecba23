"""Days on which no subject class may be held."""

from typing import Final

from services.schedule_monitor.domain.calendars.calendar import CityDay
from services.schedule_monitor.domain.calendars.school_calendar import BREAK_NAMES, BreakKind
from services.schedule_monitor.domain.rules import articles
from services.schedule_monitor.domain.rules.columns import (
    ADJUSTED_IS_REST,
    CHILDRENS_DAY,
    DAY_KIND,
    EXEMPT,
    KIND,
    LONG_BREAK,
    OTHER_BREAK,
)
from services.schedule_monitor.domain.rules.rule import Case, Rule
from shared.rules import RuleCard

_SUBJECT = "学科类培训，线上线下，各学段"
LONG_BREAKS: Final[tuple[BreakKind, ...]] = ("winter", "summer")

STATUTORY_HOLIDAY = RuleCard(
    "schedule.statutory_holiday", "法定节假日举办学科类培训", articles.DAYS, _SUBJECT
)
REST_DAY = RuleCard("schedule.rest_day", "休息日举办学科类培训", articles.DAYS, _SUBJECT)
ADJUSTED_WORKDAY = RuleCard(
    "schedule.adjusted_workday", "调休上班日举办学科类培训", articles.ADJUSTED, _SUBJECT
)
FIRST_OF_JUNE = RuleCard(
    "schedule.childrens_day",
    "六一儿童节举办学科类培训",
    articles.CHILDRENS_DAY,
    "学科类培训，线上线下，学龄前和义务教育阶段",
)
LONG_BREAK_CARD = RuleCard("schedule.long_break", "寒暑假举办学科类培训", articles.DAYS, _SUBJECT)
OTHER_BREAK_CARD = RuleCard(
    "schedule.other_break", "春秋假、临时停课期间举办学科类培训", articles.OTHER_BREAKS, _SUBJECT
)

# The city may have decided that a stage is kept off no days.
_KEPT_OFF = (KIND == "subject") & ~EXEMPT


def _statutory(case: Case) -> str:
    festival = case.facts.day.festival
    name = "" if festival is None else f"（{festival.name}）"
    return f"当日是法定节假日{name}，不得举办学科类培训"


def _rest_day(case: Case) -> str:
    return f"当日是{_rest(case.facts.day)}，不得举办学科类培训"


def _rest(day: CityDay) -> str:
    if day.override is not None and day.override.change == "rest_day":
        return f"依据{day.override.reference}改为休息的休息日"
    return "周末休息日" if day.kind == "ordinary_weekend" else "补假或调休的休息日"


def _adjusted(_: Case) -> str:
    return "当日是调休上班日，按本市政策决定视同休息日，不得举办学科类培训"


def _first_of_june(_: Case) -> str:
    return "当日是六一儿童节，按本市政策决定是儿童的休息日，不得举办学科类培训"


def _long_break(case: Case) -> str:
    return _break(case, long=True)


def _other_break(case: Case) -> str:
    return _break(case, long=False)


def _break(case: Case, *, long: bool) -> str:
    found = next(one for one in case.facts.school.breaks if (one.kind in LONG_BREAKS) == long)
    return (
        f"当日在学校{BREAK_NAMES[found.kind]}期间"
        f"（{found.first_day.isoformat()}至{found.last_day.isoformat()}），不得举办学科类培训"
    )


DAY_RULES: Final = (
    # Statutory holidays that fall on a weekend stay what they are.
    Rule(
        STATUTORY_HOLIDAY, "red", _KEPT_OFF & (DAY_KIND == "statutory_holiday"), message=_statutory
    ),
    Rule(
        REST_DAY,
        "red",
        _KEPT_OFF & ((DAY_KIND == "ordinary_weekend") | (DAY_KIND == "in_lieu_rest_day")),
        message=_rest_day,
    ),
    Rule(
        ADJUSTED_WORKDAY,
        "yellow",
        _KEPT_OFF & (DAY_KIND == "adjusted_workday") & ADJUSTED_IS_REST,
        message=_adjusted,
    ),
    Rule(FIRST_OF_JUNE, "yellow", _KEPT_OFF & CHILDRENS_DAY, message=_first_of_june),
    Rule(LONG_BREAK_CARD, "red", _KEPT_OFF & LONG_BREAK, message=_long_break),
    Rule(OTHER_BREAK_CARD, "yellow", _KEPT_OFF & OTHER_BREAK, message=_other_break),
)

"""An independent, slow and simple judge of classes: what the sample's timetables come to.

It knows nothing of how the sample was made, and nothing of the service: it reads what is filed.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, time

from chinese_calendar import is_workday

from deploy.demo.sample.watched.model import Filing, Lesson
from deploy.demo.sample.watched.school_year import calendar_of, hours_of

Levels = dict[str, dict[str, int]]

HOLIDAYS = {date(2026, 4, 5), date(2026, 5, 1), date(2026, 5, 2), date(2026, 6, 19)}


def current(filings: Iterable[Filing]) -> list[Filing]:
    """Return the last version of each institution's timetable."""
    last: dict[str, Filing] = {}
    for filing in filings:
        known = last.get(filing.institution.uscc)
        if known is None or known.version < filing.version:
            last[filing.institution.uscc] = filing
    return list(last.values())


def broken(filing: Filing) -> Iterator[tuple[Lesson, str]]:
    """Return each class with each rule that it breaks."""
    subject = filing.institution.kind == "subject"
    for lesson in filing.lessons:
        if mode_of(lesson, filing) == "online":
            yield from ((lesson, rule) for rule in online_broken(lesson, filing))
        elif minutes(lesson["end"]) > 20 * 60 + 30:
            yield lesson, "offline_end"
        if subject:
            yield from ((lesson, rule) for rule in days_broken(lesson))
        elif while_schools_teach(lesson):
            yield lesson, "school_hours"


def online_broken(lesson: Lesson, filing: Filing) -> Iterator[str]:
    start, end = minutes(lesson["start"]), minutes(lesson["end"])
    if lesson["stage"] == "preschool":
        yield "preschool_online"
    if end > 21 * 60:
        yield "online_end"
    if end - start > 30:
        yield "online_length"
    if any(
        minutes(other["start"]) < start < minutes(other["end"]) + 10
        for other in filing.lessons
        if (other["date"], other["class_group"]) == (lesson["date"], lesson["class_group"])
        if mode_of(other, filing) == "online"
    ):
        yield "online_gap"


def days_broken(lesson: Lesson) -> Iterator[str]:
    day = date.fromisoformat(lesson["date"])
    if day in HOLIDAYS:
        yield "statutory_holiday"
    elif not is_workday(day):
        yield "rest_day"
    kinds = {kind for kind, first, last in breaks_of(lesson["stage"]) if first <= day <= last}
    if kinds & {"winter", "summer"}:
        yield "long_break"
    if kinds & {"spring", "autumn"}:
        yield "other_break"


def while_schools_teach(lesson: Lesson) -> bool:
    """Tell whether a class overlaps the hours of its stage's schools; kindergartens have none."""
    day = date.fromisoformat(lesson["date"])
    off = any(first <= day <= last for _, first, last in breaks_of(lesson["stage"]))
    if lesson["stage"] == "preschool" or off or not is_workday(day):
        return False
    start, end = minutes(lesson["start"]), minutes(lesson["end"])
    return any(start < minutes(until) and minutes(since) < end for since, until in hours(lesson))


def hours(lesson: Lesson) -> Iterator[tuple[str, str]]:
    """Return when schools teach on a worked day: on a worked weekend as on a Monday."""
    weekday = min(date.fromisoformat(lesson["date"]).isoweekday(), 6) % 6 or 1
    [table] = hours_of(lesson["stage"])["tables"]
    for one in table["periods"]:
        if one["weekday"] == weekday:
            yield one["start"], one["end"]


def breaks_of(stage: str) -> Iterator[tuple[str, date, date]]:
    for one in calendar_of(stage)["breaks"]:
        days = (date.fromisoformat(one[name]) for name in ("first_day", "last_day"))
        yield one["kind"], *days


def mode_of(lesson: Lesson, filing: Filing) -> str:
    return lesson.get("mode", filing.institution.mode)


def minutes(written: str) -> int:
    moment = time.fromisoformat(written)
    return moment.hour * 60 + moment.minute


def sessions(filings: Iterable[Filing]) -> dict[str, object]:
    """Return the figures of classes."""
    now = current(filings)
    found = [(id(lesson), rule) for filing in now for lesson, rule in broken(filing)]
    filed = sum(len(filing.lessons) for filing in now)
    bad = {lesson for lesson, _ in found}
    return {
        "timetables": len(now),
        "filed": filed,
        "lawful": filed - len(bad),
        "breaching": len(bad),
        "calendar_incomplete": 0,
        "by_rule": dict(sorted(Counter(f"schedule.{rule}" for _, rule in found).items())),
    }


def count(counts: Levels, receivers: Iterable[str], level: str) -> None:
    for department in receivers:
        counts.setdefault(department, {"yellow": 0, "red": 0})[level] += 1

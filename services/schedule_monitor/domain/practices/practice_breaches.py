"""What the reports on one institution or platform come to: by rule and calendar month."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from services.schedule_monitor.domain.calendars.calendar import named
from services.schedule_monitor.domain.practices.practice import SOURCE_NAMES, Report
from services.schedule_monitor.domain.rules.practices import PRACTICE_RULES, PracticeRule
from services.schedule_monitor.domain.session import Kind, Mode, Registered
from shared.city_time import month_of
from shared.rules import Level

LONGEST_DAYS: Final = 366
"""Through so many days one report may reach: more is several."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One rule that a report is held against in one month; ``clue``: it is still to be judged."""

    rule: PracticeRule
    month: str
    clue: bool

    @property
    def level(self) -> Level:
        return "yellow" if self.clue else self.rule.level


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeBreach:
    """All reports of one month that one rule is held against."""

    rule: PracticeRule
    month: str
    level: Level
    message: str
    references: tuple[str, ...]
    figures: dict[str, int]

    @property
    def online(self) -> bool:
        """Whether any of what was reported is online."""
        return self.figures["online"] > 0


def hits_of(report: Report, registered: Registered | None) -> list[Hit]:
    """Return what rules a report is held against by the law of its days; none once it fell.

    ``registered`` is the institution it is about; a platform has none.
    """
    if report.state in ("unfounded", "withdrawn"):
        return []
    told = report.told
    kind, mode = _kind(report, registered), mode_of(report, registered)
    clue = report.state != "upheld"
    return [
        Hit(rule, month_of(first), clue)
        for first, last in _months(told.first_on, told.last_on)
        for rule in PRACTICE_RULES
        if rule.forbids(told.practice, kind=kind, mode=mode, stage=told.stage)
        and rule.in_force(first, last)
    ]


def practice_breaches(
    reports: Iterable[Report], registered: Registered | None
) -> list[PracticeBreach]:
    """Gather reports by month and rule, in that order."""
    found: dict[tuple[str, int], list[tuple[Report, Hit]]] = {}
    for report in reports:
        for hit in hits_of(report, registered):
            place = (hit.month, PRACTICE_RULES.index(hit.rule))
            found.setdefault(place, []).append((report, hit))
    return [_breach(found[place], registered) for place in sorted(found)]


def _breach(found: list[tuple[Report, Hit]], registered: Registered | None) -> PracticeBreach:
    hit = found[0][1]
    clues = sum(one.clue for _, one in found)
    # What is upheld is new evidence beside the clue it was: a disposed alert is looked at again.
    references = {f"practice {report.report_id}" for report, _ in found}
    references |= {f"practice {report.report_id} upheld" for report, one in found if not one.clue}
    return PracticeBreach(
        rule=hit.rule,
        month=hit.month,
        level=hit.rule.level if clues < len(found) else "yellow",
        message=_message(found, clues),
        references=tuple(sorted(references)),
        figures={
            "reports": len(found),
            "upheld": len(found) - clues,
            "clues": clues,
            "opinions": sum(_given(report) for report, _ in found),
            "online": sum(mode_of(report, registered) == "online" for report, _ in found),
        },
    )


def _message(found: list[tuple[Report, Hit]], clues: int) -> str:
    hit = found[0][1]
    earliest, _ = min(found, key=lambda pair: (pair[0].told.first_on, pair[0].report_id))
    standing = [f"已认定{len(found) - clues}件"] if clues < len(found) else []
    standing += [f"线索{clues}件，须核查"] if clues else []
    # What was seen is free text, and stays with the report.
    return (
        f"本月有{len(found)}件反映：{hit.rule.card.title}（{'，'.join(standing)}）。"
        f"最早一件：{named(earliest.told.first_on)}，来源为{SOURCE_NAMES[earliest.told.source]}"
    )


def _given(report: Report) -> int:
    return sum(one.given_at is not None for one in report.opinions)


def _kind(report: Report, registered: Registered | None) -> Kind | None:
    told = report.told.kind
    if registered is None:
        return told
    # As with classes: a subject institution's teaching is of subjects, whatever it is called. That
    # another kind of institution teaches a subject is asked of what it is registered as.
    if registered.kind == "subject" or report.told.practice == "subject_teaching":
        return registered.kind
    return told or registered.kind


def mode_of(report: Report, registered: Registered | None) -> Mode:
    """Return how it was taught, as told or else as registered; a platform is online."""
    if registered is None:
        return "online"
    return report.told.mode or registered.mode


def _months(first: date, last: date) -> Iterator[tuple[date, date]]:
    """Return the calendar months of some days, each as its first and last of them."""
    while first <= last:
        following = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
        yield first, min(last, following - timedelta(days=1))
        first = following

"""What reports of practice come to at an institution, as far as whoever goes there asks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from services.schedule_monitor.domain.patrols.patrol_places import Place
from services.schedule_monitor.domain.practices.practice import Report
from services.schedule_monitor.domain.practices.practice_breaches import hits_of, mode_of
from services.schedule_monitor.domain.rules.practices import PracticeRule
from services.schedule_monitor.domain.session import Mode, Registered
from shared.rules import Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """A rule that a report is held against, on its last day; ``clue``: it is still to be judged.

    ``visit_id`` is the visit that made the report, where one did.
    """

    rule: PracticeRule
    on: date
    mode: Mode
    clue: bool
    visit_id: str | None = None

    @property
    def level(self) -> Level:
        return "yellow" if self.clue else self.rule.level

    def may_be_at(self, place: Place, day: date) -> bool:
        """Tell whether it was before a day, and may have been at a place."""
        return self.on < day and (self.mode == "online") == (place.kind == "online")


def reported_in(reports: Iterable[Report], registered: Registered) -> list[Reported]:
    """Return what reports on an institution come to as they stand; one that fell is nothing."""
    found = []
    for report in reports:
        told = report.told
        # A report through several months is one matter: by the law of its last days.
        hits = {hit.rule.practice: hit for hit in hits_of(report, registered)}
        found += [
            Reported(
                rule=hit.rule,
                on=told.last_on,
                mode=mode_of(report, registered),
                clue=hit.clue,
                visit_id=told.source_reference if told.source == "visit" else None,
            )
            for hit in hits.values()
        ]
    return found

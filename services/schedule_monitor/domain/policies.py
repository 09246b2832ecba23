"""What the city has decided where no text decides, each decision from a day on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

AdjustedWorkday = Literal["workday", "rest_day"]


@dataclass(frozen=True, slots=True, order=True)
class Decision:
    """From a day on, what an adjusted workday is for subject classes."""

    since: date
    adjusted_workdays: AdjustedWorkday


# Schools teach on such days and no national text on subject classes was found: a proposed default.
PROPOSED: Final = (Decision(date(2021, 7, 24), "workday"),)


@dataclass(frozen=True, slots=True)
class Policies:
    """The decisions in order; the last one that has begun holds."""

    decisions: tuple[Decision, ...] = PROPOSED

    @classmethod
    def of(cls, decisions: Sequence[tuple[date, AdjustedWorkday]]) -> "Policies":
        """Return the proposed default, overtaken by the city's own decisions."""
        return cls((*PROPOSED, *sorted(Decision(*one) for one in decisions)))

    def adjusted_workday_on(self, day: date) -> AdjustedWorkday:
        """Return what an adjusted workday is on a day; before any decision, a workday."""
        begun = [one for one in self.decisions if one.since <= day]
        return begun[-1].adjusted_workdays if begun else "workday"

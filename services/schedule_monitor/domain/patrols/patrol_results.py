"""What people write into a patrol's sheet, row by row: what a visit there came to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time

from services.schedule_monitor.domain.patrols.visit import Outcome
from services.schedule_monitor.domain.session import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenClass:
    """A class that was met: its group, from when until when, and how many were counted."""

    class_group: str
    start: time
    end: time
    heads: int
    stage: Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledPlace:
    """A place of a proposal where somebody went; ``number`` counts from 1 in that version.

    ``concluded`` says by the number of a reason whether it was found to be so.
    """

    town: str
    version: int
    number: int
    at: time
    outcome: Outcome
    seen: tuple[SeenClass, ...] = ()
    concluded: Mapping[int, bool]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A place of a proposal where nobody went."""

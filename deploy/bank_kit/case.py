"""One numbered case of the kit, and how it ended."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from deploy.bank_kit.checking import Desk
from deploy.bank_kit.plan import Plan

Outcome = Literal["passed", "failed", "skipped"]
Play = Callable[[Desk], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Case:
    """What is tried, what must be seen, and the play that tries it."""

    number: str
    shows: str
    expected: str
    play: Play
    needs: Callable[[Plan], str | None] = lambda _: None
    """Says what a run lacks for this case, if anything."""
    alone: bool = False
    """Whether the other cases must wait meanwhile."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a case ended in one run."""

    number: str
    shows: str
    expected: str
    seen: str
    outcome: Outcome

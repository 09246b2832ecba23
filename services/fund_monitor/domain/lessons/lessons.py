"""一课一消: what a held lesson consumes of a contract, in lessons and in fen.

Consumption is told by entries that are never changed. A correction of a session takes back what
no longer holds and adds what is new, so that in whatever order versions come, the sum of all
entries is what the highest version says.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

LESSON: Final = 100
"""A lesson, in hundredths: contracts and banks count lessons with two places."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldSession:
    """A session as its highest version tells of it."""

    session_id: str
    version: int
    institution_id: str
    group: str
    started_at: datetime
    ended_at: datetime
    head_count: int
    attended: frozenset[str]

    @property
    def over_full(self) -> bool:
        """More contracts are to be charged than pupils were counted."""
        return len(self.attended) > self.head_count


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumption:
    """What one telling takes from one contract, in hundredths of lessons; negative: given back.

    The lesson was held from ``started_at`` to ``ended_at``; it counts from ``consumed_at`` on.
    ``session`` names the held session that a confirmation is of.
    """

    lesson: str
    version: int
    institution_id: str
    contract_no: str
    started_at: datetime
    ended_at: datetime
    consumed_at: datetime
    lessons: int
    by: Literal["session", "confirmation"] = "session"
    session: str | None = None

    @property
    def id(self) -> str:
        way = "given-back" if self.lessons < 0 else "consumed"
        return f"{self.lesson}|{self.version}|{self.contract_no}|{way}"


def corrected(before: HeldSession | None, after: HeldSession) -> list[Consumption]:
    """Return the entries that lead from one version of a session to a higher one."""
    if before is not None and before.version >= after.version:
        return []
    stays = before is not None and _place(before) == _place(after)
    kept = before.attended & after.attended if before is not None and stays else frozenset()
    gone = [] if before is None else sorted(before.attended - kept)
    return [
        *(_entry(before, no, after.version, -LESSON) for no in gone if before is not None),
        *(_entry(after, no, after.version, LESSON) for no in sorted(after.attended - kept)),
    ]


def value_fen(consumed: int, *, price_fen: int, lessons: int) -> int:
    """Return what so many hundredths of a contract's lessons are worth together.

    The sum is rounded down, not each lesson: all lessons together are the price to the fen, and
    what goes beyond them is worth nothing more.
    """
    if lessons <= 0:
        return 0
    return price_fen * min(max(consumed, 0), lessons) // lessons


def lessons_text(hundredths: int) -> str:
    """Return lessons as contracts and banks write them."""
    return f"{hundredths // LESSON}.{hundredths % LESSON:02d}"


def net(entries: Iterable[Consumption]) -> dict[tuple[str, str], int]:
    """Return what stays consumed, by lesson and contract."""
    found: dict[tuple[str, str], int] = {}
    for entry in entries:
        key = entry.lesson, entry.contract_no
        found[key] = found.get(key, 0) + entry.lessons
    return {key: lessons for key, lessons in found.items() if lessons}


def _place(session: HeldSession) -> tuple[str, datetime, datetime]:
    """Where a session's lessons count: its institution, and when it was held."""
    return session.institution_id, session.started_at, session.ended_at


def _entry(session: HeldSession, contract_no: str, version: int, lessons: int) -> Consumption:
    return Consumption(
        lesson=session.session_id,
        version=version,
        institution_id=session.institution_id,
        contract_no=contract_no,
        started_at=session.started_at,
        ended_at=session.ended_at,
        consumed_at=session.ended_at,
        lessons=lessons,
    )

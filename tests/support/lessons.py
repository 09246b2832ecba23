"""Held sessions and stated lessons, for tests."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from services.fund_monitor.domain.lessons.lessons import HeldSession
from tests.support.contracts import INSTITUTION

HELD_UNTIL = datetime(2026, 6, 24, 2, tzinfo=UTC)
_SESSION = HeldSession(
    session_id="s-1",
    version=1,
    institution_id=INSTITUTION,
    group="g-1",
    started_at=HELD_UNTIL - timedelta(minutes=45),
    ended_at=HELD_UNTIL,
    head_count=30,
    attended=frozenset({"C1"}),
)


def a_held_session(*attended: str, day: int = 0, minutes: int = 0, **more: Any) -> HeldSession:
    """Return a session of 45 minutes, moved by days and minutes."""
    ended_at = HELD_UNTIL + timedelta(days=day, minutes=minutes)
    told = replace(_SESSION, ended_at=ended_at, started_at=ended_at - timedelta(minutes=45))
    return replace(told, attended=frozenset(attended or ("C1",)), **more)


def a_statement(number: int = 1, *, day: int = 0, **more: object) -> dict[str, Any]:
    """Return a lesson of a contract as it is stated: at the time of the session of that day."""
    ended_at = HELD_UNTIL + timedelta(days=day)
    said = {
        "reference": f"n-{number}",
        "contract_no": "C1",
        "started_at": (ended_at - timedelta(minutes=45)).isoformat(),
        "ended_at": ended_at.isoformat(),
        **more,
    }
    return {name: value for name, value in said.items() if value is not None}

"""How a difference is kept: as it is found, and as it changes when it is looked at again."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

from services.fund_monitor.domain.statements.reconciliation import STATEMENT_KINDS, Difference, Kind
from shared.ids import id_from
from shared.mongo import Row
from shared.working_days import Deadline

State = Literal["waiting", "open", "explained", "resolved", "closed"]
"""What waits is not told yet: an event that comes late may still explain it."""
NO_CLOCK: Final[Row] = {"due_at": None, "provisional": False, "told_overdue": False}
_TOLD: Final = ("kind", "stated_fen", "reported_fen")
_SAID: Final = ("reason", "answered_at", "ended_at", "ended_by")


@dataclass(frozen=True, slots=True)
class Place:
    """The account and day that are compared, and what says so: a statement, or the bank's feed."""

    bank: str
    account: str
    day: date
    statement: str
    kinds: tuple[Kind, ...] = STATEMENT_KINDS
    grace: timedelta | None = None
    """How long what is found waits for late events before it is told."""

    @property
    def asked(self) -> Row:
        """Ask for what this comparison is complete about, and for nothing beside it."""
        return {
            "account": self.account,
            "day": self.day.isoformat(),
            "kind": {"$in": list(self.kinds)},
        }


def row_of(place: Place, found: Difference, due: Deadline, now: datetime) -> Row:
    """Return a difference as it is kept when it is found first."""
    return {
        "_id": id_from(f"{place.account}|{place.day}|{found.key}"),
        "schema": 1,
        "bank": place.bank,
        "account": place.account,
        "day": place.day.isoformat(),
        "statement": place.statement,
        "line": found.line,
        "event": found.event,
        "kind": found.kind,
        "stated_fen": found.stated_fen,
        "reported_fen": found.reported_fen,
        "owner": found.owner,
        "found_at": now,
        **_begun(place.grace, due, now),
    }


def _begun(grace: timedelta | None, due: Deadline, now: datetime) -> Row:
    """Return how a difference begins: told at once, or after it has waited for late events."""
    if grace is None:
        return {"state": "open", **clock_of(due)}
    return {"state": "waiting", **NO_CLOCK, "ripe_at": now + grace}


def clock_of(due: Deadline) -> Row:
    """Return the clock by which a difference is to be explained."""
    return {"due_at": due.at, "provisional": due.provisional, "told_overdue": False}


def changes_of(known: Row, found: Row | None, statement: str, now: datetime) -> Row:
    """Return what changes of a known difference now that it is found again, or is not."""
    if found is None:
        ended = known["state"] in ("closed", "resolved")
        return {} if ended else {"state": "closed", "ended_at": now, "ended_by": statement}
    again = {name: found[name] for name in (*_TOLD, "statement", "owner")}
    if known["state"] == "waiting":
        return again
    if known["state"] != "closed" and all(known[name] == found[name] for name in _TOLD):
        return {} if known["owner"] == found["owner"] else {"owner": found["owner"]}
    if known["state"] == "open":
        # Its clock goes on: else another figure each day would put it off for ever.
        return again
    # It begins anew: what was said of it, or ended it, was of another difference.
    names = ("state", "due_at", "provisional", "told_overdue", "ripe_at", "found_at")
    begun = {name: found[name] for name in names if name in found}
    return {**again, **dict.fromkeys(_SAID, None), **begun}

"""What banks are told of their events: one outcome, as it is written beside what was decided."""

from collections.abc import Mapping
from typing import Final

from services.fund_monitor.domain.banks.intake import Received, Refused
from services.fund_monitor.domain.ledger.posting import Outcome
from shared.mongo import Row

_OF_BODY: Final = ("account_no", "booked_on", "entry_no", "feed_no")


def outcome_of_received(received: Received, status: str, reason: str | None = None) -> Row:
    """Return what is told of an event that just came."""
    told: Row = {
        **_named(received.body),
        "bank": received.bank,
        "serial_no": received.serial_no,
        "occurred_at": received.event.occurred_at,
        "digest": received.digest,
        "status": status,
    }
    return told if reason is None else {**told, "reason": reason}


def outcome_of_recorded(row: Row, outcome: Outcome) -> Row:
    """Return what is told of a recorded event whose standing changes."""
    told: Row = {
        **_named(row["body"]),
        **{name: row[name] for name in ("bank", "serial_no", "occurred_at", "digest")},
        "status": outcome.state,
    }
    return told if outcome.reason is None else {**told, "reason": outcome.reason}


def outcome_of_refused(refused: Refused) -> Row:
    """Return what is told of an event that the door refused: with the fields that passed."""
    named = {"serial_no": refused.known.get("serial_no"), **_named(refused.known)}
    return {
        **{name: str(value) for name, value in named.items() if value is not None},
        "bank": refused.bank,
        "digest": refused.digest,
        "status": "refused",
        "problems": [dict(problem) for problem in refused.problems],
    }


def _named(body: Mapping[str, object]) -> Row:
    return {name: body[name] for name in _OF_BODY if body.get(name) is not None}

"""How the ledger's documents look, and what is read back from them."""

from datetime import datetime

from services.fund_monitor.domain.banks.intake import Received, Refused
from services.fund_monitor.domain.ledger.posting import Event, Outcome
from shared.mongo import Row

SCHEMA = 2
HISTORY_TYPES = [
    "account_opened",
    "opening_balance",
    "account_frozen",
    "account_unfrozen",
    "account_closed",
]
"""The events that say how an account stands."""


def event_row(received: Received, outcome: Outcome, *, posting: str, turns: int) -> Row:
    """Return the document of an event: its identity, its body and where it stands.

    ``posting`` names the transaction that recorded it, of which the audit chain holds a digest.
    """
    event = received.event
    row: Row = {
        "_id": event.identity,
        "schema": SCHEMA,
        "bank": received.bank,
        "account": event.account,
        "serial_no": received.serial_no,
        "type": event.type,
        "occurred_at": event.occurred_at,
        "digest": received.digest,
        "posting": posting,
        "body": dict(received.body),
        "webhook_id": received.webhook_id,
        "received_at": received.received_at,
        **outcome_fields(outcome, turns=turns),
    }
    if event.reverses is not None:
        row["reverses"] = event.reverses
    if received.slot is not None:
        row["slot"] = received.slot
    return row


def outcome_fields(outcome: Outcome, *, turns: int) -> Row:
    """Return the fields that change when an event's outcome does.

    ``turns`` counts the journal entries the event has made: its effect, taken back, given again.
    """
    return {"state": outcome.state, "reason": outcome.reason, "turns": turns}


def event_of(row: Row) -> Event:
    """Return an event as posting sees it."""
    body = row["body"]
    return Event(
        row["_id"],
        row["account"],
        row["type"],
        row["occurred_at"],
        body.get("amount_fen", 0),
        "lessons" in body,
        row.get("reverses"),
        body.get("contract_no"),
    )


def outcome_of(row: Row) -> Outcome:
    """Return where a recorded event stands."""
    return Outcome(row["state"], row["reason"])


def turns_of(row: Row) -> int:
    """Return how many journal entries a recorded event has made."""
    return int(row["turns"])


def conflict_row(received: Received, *, kept: str, kept_occurred_at: datetime, month: str) -> Row:
    """Return the record of another body under an identity that is taken."""
    return {
        "_id": f"{received.event.identity}#{received.digest}",
        "bank": received.bank,
        "identity": received.event.identity,
        "digest": received.digest,
        "kept_digest": kept,
        "kept_occurred_at": kept_occurred_at,
        "month": month,
        "received_at": received.received_at,
    }


def refused_row(refused: Refused) -> Row:
    """Return the record of what the door refused."""
    return {
        "_id": f"{refused.bank}#{refused.digest}",
        "bank": refused.bank,
        "digest": refused.digest,
        "problems": [dict(problem) for problem in refused.problems],
        "known": dict(refused.known),
        "unknown_fields": list(refused.unknown_fields),
        "received_at": refused.received_at,
    }


def unstorable_row(received: Received, *, reason: str) -> Row:
    """Return the record of an event that the store refused: its body as text."""
    return {
        "_id": received.event.identity,
        "bank": received.bank,
        "account": received.event.account,
        "serial_no": received.serial_no,
        "digest": received.digest,
        "body": {name: str(value) for name, value in received.body.items()},
        "reason": reason,
        "received_at": received.received_at,
    }

"""How the ledger's documents look, and what is read back from them."""

from collections.abc import Mapping
from datetime import datetime

from services.fund_monitor.domain.intake import Received
from services.fund_monitor.domain.posting import Event, Line, Outcome
from shared.mongo import Row

SCHEMA = 1


def event_row(received: Received, outcome: Outcome, *, posting: str) -> Row:
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
        **outcome_fields(outcome),
    }
    if event.reverses is not None:
        row["reverses"] = event.reverses
    if received.slot is not None:
        row["slot"] = received.slot
    return row


def outcome_fields(outcome: Outcome) -> Row:
    """Return the fields that change when an event's outcome does."""
    return {"state": outcome.state, "reason": outcome.reason}


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
    )


def outcome_of(row: Row) -> Outcome:
    """Return where a recorded event stands."""
    return Outcome(row["state"], row["reason"])


def entry_row(event: Event, lines: tuple[Line, ...], body: Mapping[str, object], day: str) -> Row:
    """Return a journal entry: its lines, which sum to zero, and what the rules ask of it."""
    row: Row = {
        "_id": event.identity,
        "schema": SCHEMA,
        "account": event.account,
        "type": event.type,
        "occurred_at": event.occurred_at,
        "day": day,
        "amount_fen": event.amount_fen,
        "lines": [{"book": line.book, "fen": line.fen} for line in lines],
    }
    for name in ("lessons", "period_from", "period_until"):
        if name in body:
            row[name] = body[name]
    pupil = body.get("student_ref") or body.get("contract_no")
    if pupil is not None:
        row["pupil"] = pupil
    if event.reverses is not None:
        row["reverses"] = event.reverses
    return row


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

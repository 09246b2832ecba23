"""How an alert lies in MongoDB, and back."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from shared.alerts.history import (
    Answer,
    Escalation,
    Feedback,
    Lateness,
    Recheck,
    Rectification,
    Statement,
    Transfer,
)
from shared.alerts.model import About, Alert, Delivery, Disposal, Finding, Key, RuleFacts
from shared.duties import routing
from shared.duties.routing import RoutingDecision
from shared.mongo import Row

# 2: routes, people in charge, clocks and what people do. A document of schema 1 has none of it.
_SCHEMA = 2


def key_text(key: Key) -> str:
    """Return a key as the text of the unique index."""
    parts = (key.about.kind, key.about.id, key.rule, key.window)
    return "/".join(quote(part, safe="") for part in parts)


def row_of(alert: Alert) -> Row:
    """Return the document of an alert."""
    row = asdict(alert, dict_factory=_without_dates)
    row["_id"] = row.pop("id")
    row["schema"] = _SCHEMA
    row["key"] = key_text(alert.key)
    for disposal in row["disposals"]:
        disposal["evidence"] = sorted(disposal["evidence"])
    return row


def alert_of(row: Row) -> Alert:
    """Return the alert of a document."""
    return Alert(
        id=row["_id"],
        version=row["version"],
        about=About(**row["about"]),
        rule=RuleFacts(**row["rule"]),
        window=row["window"],
        level=row["level"],
        state=row["state"],
        message=row["message"],
        findings=tuple(_finding_of(finding) for finding in row["findings"]),
        route=_route_of(row),
        lead=row["lead"],
        deliveries=tuple(Delivery(**delivery) for delivery in row["deliveries"]),
        disposals=tuple(_disposal_of(disposal) for disposal in row["disposals"]),
        raised_at=row["raised_at"],
        updated_at=row["updated_at"],
        opened_at=row.get("opened_at") or row["raised_at"],
        led_since=row.get("led_since") or row["raised_at"],
        told_at=row.get("told_at"),
        causes=tuple(row["causes"]),
        **_history_of(row),
    )


def _history_of(row: Row) -> dict[str, Any]:
    current = row.get("rectification")
    return {
        "rectification": None if current is None else _rectification_of(current),
        "past_rectifications": tuple(map(_rectification_of, row.get("past_rectifications", ()))),
        "transfers": tuple(Transfer(**it) for it in row.get("transfers", ())),
        "feedback": tuple(Feedback(**it) for it in row.get("feedback", ())),
        "statements": tuple(map(_statement_of, row.get("statements", ()))),
        "lateness": tuple(map(_lateness_of, row.get("lateness", ()))),
        "escalations": tuple(Escalation(**it) for it in row.get("escalations", ())),
    }


def _route_of(row: Row) -> RoutingDecision:
    known = row.get("route") or {
        "lead": row["lead"],
        "deliveries": [
            {name: it[name] for name in ("department", "role", "reason")}
            for it in row["deliveries"]
        ],
    }
    return RoutingDecision(known["lead"], tuple(map(_party_of, known["deliveries"])))


def _party_of(row: Row) -> routing.Delivery:
    return routing.Delivery(**{**row, "grounds": tuple(row.get("grounds", ()))})


def _finding_of(row: Row) -> Finding:
    return Finding(**{**row, "rule": RuleFacts(**row["rule"]), "events": tuple(row["events"])})


def _disposal_of(row: Row) -> Disposal:
    return Disposal(**{**row, "evidence": frozenset(row["evidence"])})


def _rectification_of(row: Row) -> Rectification:
    recheck = row["recheck"]
    return Rectification(
        **{
            **row,
            "until": date.fromisoformat(row["until"]),
            "recheck": None if recheck is None else Recheck(**recheck),
        }
    )


def _statement_of(row: Row) -> Statement:
    answer = row["answer"]
    return Statement(**{**row, "answer": None if answer is None else Answer(**answer)})


def _lateness_of(row: Row) -> Lateness:
    return Lateness(**{**row, "started_on": date.fromisoformat(row["started_on"])})


def _without_dates(fields: list[tuple[str, Any]]) -> Row:
    # BSON has instants only: a day is kept as its text.
    return {
        name: value.isoformat()
        if isinstance(value, date) and not isinstance(value, datetime)
        else value
        for name, value in fields
    }

"""How an alert lies in MongoDB, and back."""

from dataclasses import asdict
from urllib.parse import quote

from shared.alerts.model import About, Alert, Delivery, Disposal, Finding, Key, RuleFacts
from shared.mongo import Row

_SCHEMA = 1


def key_text(key: Key) -> str:
    """Return a key as the text of the unique index."""
    parts = (key.about.kind, key.about.id, key.rule, key.window)
    return "/".join(quote(part, safe="") for part in parts)


def row_of(alert: Alert) -> Row:
    """Return the document of an alert."""
    row = asdict(alert)
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
        lead=row["lead"],
        deliveries=tuple(Delivery(**delivery) for delivery in row["deliveries"]),
        disposals=tuple(_disposal_of(disposal) for disposal in row["disposals"]),
        raised_at=row["raised_at"],
        updated_at=row["updated_at"],
        causes=tuple(row["causes"]),
    )


def _finding_of(row: Row) -> Finding:
    return Finding(**{**row, "rule": RuleFacts(**row["rule"]), "events": tuple(row["events"])})


def _disposal_of(row: Row) -> Disposal:
    return Disposal(**{**row, "evidence": frozenset(row["evidence"])})

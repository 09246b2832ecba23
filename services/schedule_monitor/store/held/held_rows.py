"""How a held session lies in MongoDB, and back."""

from dataclasses import asdict
from datetime import date, time

from services.schedule_monitor.domain.held.held import HeldSession, Kept, Sender
from shared.mongo import Row

_SCHEMA = 1
_DERIVED = frozenset({"_id", "schema", "identity", "on", "month", "digest"})
_NOT_OURS = frozenset({"first_received_at", "received_at"})


def held_row(held: HeldSession) -> Row:
    """Return the document of a session; what was not told stays out."""
    told = asdict(held)
    told["attended"] = list(held.attended)
    for name in ("planned_on", "planned_start"):
        told[name] = None if told[name] is None else told[name].isoformat()
    return {
        "schema": _SCHEMA,
        "identity": held.identity,
        "on": held.on.isoformat(),
        "month": held.month,
        "digest": held.digest,
        **{name: value for name, value in told.items() if value is not None},
    }


def kept_of(row: Row) -> Kept:
    """Return the session of a document."""
    told = {
        name: value for name, value in row.items() if name not in _DERIVED and name not in _NOT_OURS
    }
    told["sender"] = Sender(**told["sender"])
    told["attended"] = tuple(told["attended"])
    if "planned_on" in told:
        told["planned_on"] = date.fromisoformat(told["planned_on"])
    if "planned_start" in told:
        told["planned_start"] = time.fromisoformat(told["planned_start"])
    return Kept(row["_id"], HeldSession(**told))

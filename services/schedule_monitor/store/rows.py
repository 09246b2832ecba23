"""How a stated class lies in MongoDB, and back; BSON has no local date and no wall time."""

from datetime import date, time

from services.schedule_monitor.domain.session import Stated
from shared.mongo import Row


def stated_row(stated: Stated) -> Row:
    """Return the document of a class; what was left to the registration stays out."""
    row = {
        "on": stated.on.isoformat(),
        "start": stated.start.isoformat(),
        "end": stated.end.isoformat(),
        "class_group": stated.class_group,
        "stage": stated.stage,
        "kind": stated.kind,
        "mode": stated.mode,
    }
    return {field: value for field, value in row.items() if value is not None}


def stated_of(row: Row) -> Stated:
    """Return the class of a document."""
    return Stated(
        on=date.fromisoformat(row["on"]),
        start=time.fromisoformat(row["start"]),
        end=time.fromisoformat(row["end"]),
        class_group=row["class_group"],
        stage=row["stage"],
        kind=row.get("kind"),
        mode=row.get("mode"),
    )

"""How a stated class lies in MongoDB, and back; BSON has no local date and no wall time."""

from datetime import date, time

from services.schedule_monitor.domain.session import Setting, Stated
from shared.mongo import Row


def stated_row(stated: Stated) -> Row:
    """Return the document of a class; what was left to the registration stays out."""
    setting = stated.setting
    row: Row = {
        "on": stated.on.isoformat(),
        "start": stated.start.isoformat(),
        "end": stated.end.isoformat(),
        "class_group": stated.class_group,
        "stage": stated.stage,
        "kind": stated.kind,
        "mode": stated.mode,
        "course": setting.course,
        "teacher": setting.teacher,
        "room": setting.room,
        "site": setting.site,
        "students": setting.students,
        "roster": list(setting.roster) or None,
        "delivery": None if setting.delivery == "live" else setting.delivery,
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
        setting=Setting(
            course=row.get("course"),
            teacher=row.get("teacher"),
            room=row.get("room"),
            site=row.get("site"),
            students=row.get("students"),
            roster=tuple(row.get("roster", ())),
            delivery=row.get("delivery", "live"),
        ),
    )

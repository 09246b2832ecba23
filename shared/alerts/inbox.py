"""Which alerts somebody asks for, as a query."""

from dataclasses import dataclass
from datetime import datetime

from shared.alerts.model import About, Level, State
from shared.mongo import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    """Which alerts are asked for: newest first, those raised before ``before`` (an alert's id).

    ``snoozed`` is judged as of ``now``, for the department that is asked about or for any.
    """

    department: str | None = None
    state: State | None = None
    level: Level | None = None
    overdue: bool | None = None
    snoozed: bool | None = None
    now: datetime | None = None
    before: str | None = None
    limit: int = 50

    def query(self) -> Row:
        """Return the filter that finds them."""
        wanted = {
            "deliveries.department": self.department,
            "state": self.state,
            "level": self.level,
            "lateness": self._lateness(),
            "deliveries": self._deliveries(),
            "_id": None if self.before is None else {"$lt": self.before},
        }
        return {field: value for field, value in wanted.items() if value is not None}

    def _lateness(self) -> Row | None:
        return _some({"stopped_at": None}, self.overdue)

    def _deliveries(self) -> Row | None:
        whose = {} if self.department is None else {"department": self.department}
        return _some({**whose, "snoozed_until": {"$gt": self.now}}, self.snoozed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What some verdicts are complete about: whatever else stands in it, is found no longer.

    ``windows`` narrows it to the windows that were judged; ``None`` means all.
    """

    abouts: tuple[About, ...]
    rules: tuple[str, ...]
    windows: tuple[str, ...] | None = None

    def query(self) -> Row:
        """Return the filter that finds what stands in it."""
        # By kind, so that the index is used with both of its first fields.
        kinds: dict[str, list[str]] = {}
        for about in self.abouts:
            kinds.setdefault(about.kind, []).append(about.id)
        row: Row = {
            "$or": [{"about.kind": kind, "about.id": {"$in": ids}} for kind, ids in kinds.items()],
            "rule.code": {"$in": list(self.rules)},
            "state": {"$ne": "superseded"},
        }
        if self.windows is not None:
            row["window"] = {"$in": list(self.windows)}
        return row


def _some(element: Row, wanted: bool | None) -> Row | None:  # noqa: FBT001 - the asked-for side
    if wanted is None:
        return None
    found = {"$elemMatch": element}
    return found if wanted else {"$not": found}

"""Which institutions of the register somebody asks for."""

import re
from dataclasses import dataclass
from datetime import date

from services.registry.domain.competence import Kind
from services.registry.domain.institution import Stage, Status
from services.registry.domain.licence import EXPIRING, LicenceState
from shared.mongo import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a list is narrowed to; ``seen_by_town`` and ``only`` bound what the caller may see.

    ``today`` is the city day on which a licence's state is told.
    """

    today: date
    kind: Kind | None = None
    town: str | None = None
    status: Status | None = None
    stage: Stage | None = None
    licence_state: LicenceState | None = None
    name: str | None = None
    seen_by_town: str | None = None
    only: str | None = None
    before: str | None = None
    limit: int = 50

    def query(self, *, id_field: str) -> Row:
        """Return the filter that finds them, in the register or in its history."""
        wanted = (
            ("kind", self.kind),
            ("status", self.status),
            ("stages", self.stage),
            (id_field, self.only),
            (id_field, None if self.before is None else {"$lt": self.before}),
            # A part of a name has no bound that an index could use: every name in question is
            # looked at. A county has some hundreds, which is a few milliseconds.
            ("name", None if self.name is None else {"$regex": re.escape(self.name)}),
        )
        clauses: list[Row] = [{field: value} for field, value in wanted if value is not None]
        clauses += [_of_town(town) for town in (self.town, self.seen_by_town) if town is not None]
        if self.licence_state is not None:
            clauses.append(_in_state(self.licence_state, self.today))
        return {"$and": clauses} if clauses else {}


def _of_town(town: str) -> Row:
    """Where it is registered, or where it teaches: both are that town's matter."""
    return {"$or": [{"town": town}, {"sites": {"$elemMatch": {"town": town, "closed_on": None}}}]}


def _in_state(state: LicenceState, today: date) -> Row:
    # Days lie as text, which sorts as they do.
    first, last = today.isoformat(), (today + EXPIRING).isoformat()
    bounds: dict[LicenceState, Row] = {
        "none": {"licence": None},
        "expired": {"licence.valid_until": {"$lt": first}},
        "expiring": {"licence.valid_until": {"$gte": first, "$lte": last}},
        "valid": {"licence.valid_until": {"$gt": last}},
    }
    return bounds[state]

"""What may be read of an audit chain."""

from dataclasses import dataclass
from typing import Any

from pymongo import DESCENDING

from shared.audit.chain import HEAD, HEADS, ROWS, beginning
from shared.audit.sealer import WAITING
from shared.mongo import Database, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which sealed rows somebody may see and wants to: of one office, about one thing or kind."""

    office: str | None
    about_kind: str | None
    about_id: str | None
    before: int | None
    limit: int


class AuditBook:
    """The read side of one service's audit chain."""

    def __init__(self, db: Database, *, service: str) -> None:
        self._db = db
        self._beginning = beginning(service)

    async def head(self) -> tuple[int, str, int]:
        """Return place and hash of the last sealed row, and how many rows wait."""
        waiting = await self._db[ROWS].count_documents(WAITING)
        head = await self._db[HEADS].find_one({"_id": HEAD})
        if head is None:
            return 0, self._beginning, waiting
        return head["sequence"], head["hash"], waiting

    async def entries(self, asked: Asked) -> list[Row]:
        """Return a page of sealed rows, newest first."""
        places: dict[str, Any] = {"$gt": 0}
        if asked.before is not None:
            places["$lt"] = asked.before
        given = {
            "who.office": asked.office,
            "about.kind": asked.about_kind,
            "about.id": asked.about_id,
        }
        which = {name: value for name, value in given.items() if value is not None}
        rows = self._db[ROWS].find({"sequence": places, **which})
        return await rows.sort("sequence", DESCENDING).limit(asked.limit).to_list()

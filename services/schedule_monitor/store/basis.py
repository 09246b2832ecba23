"""By what everything is judged now, as one name that changes with it."""

from shared.ids import new_id
from shared.mongo import Database, Session

_BASIS = "basis"


class BasisStore:
    """The name of what is loaded: calendars, school years, hours and decisions together.

    Whoever has read all of it under a name need not read it again. Without a name, as in a new
    database or where an operator deleted it, everybody is to be judged.
    """

    def __init__(self, db: Database) -> None:
        self._rows = db["basis"]

    async def name(self, *, session: Session | None = None) -> str | None:
        """Return the name of what is loaded."""
        row = await self._rows.find_one({"_id": _BASIS}, session=session)
        return None if row is None else row.get("name")

    async def renew(self, *, session: Session) -> None:
        """Give what is loaded another name; whoever changes it at the same time waits."""
        change = {"$set": {"name": new_id()}, "$unset": {"digest": ""}}
        await self._rows.update_one({"_id": _BASIS}, change, upsert=True, session=session)

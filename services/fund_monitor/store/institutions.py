"""A local replica of the registry's state, so that money is judged while the registry is away."""

from collections.abc import Sequence
from datetime import date

from services.fund_monitor.domain.rules.unregistered_money import Registration
from shared.marks import FROM_THE_BEGINNING, mark
from shared.mongo import Database, Row, Session, transact
from shared.telemetry.carried import kept


class InstitutionReplica:
    """What fund_monitor knows of institutions; older versions never replace newer ones."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def take(self, state: Row) -> None:
        """Take one state of the registry, and have its institution judged again."""

        async def work(session: Session) -> None:
            before = await self._db["institutions"].find_one({"_id": state["_id"]}, session=session)
            if before is not None and before["version"] >= state["version"]:
                return
            await self._db["institutions"].replace_one(
                {"_id": state["_id"]}, state, upsert=True, session=session
            )
            codes = {state["uscc"], (before or state)["uscc"]}
            cause = f"registry:{state['_id']}:v{state['version']}"
            traces = [trace for trace in (kept(),) if trace is not None]
            marks = [
                mark("institution", code, FROM_THE_BEGINNING, [cause], traces)
                for code in sorted(codes)
            ]
            await self._db["to_judge"].bulk_write(marks, session=session)

        await transact(self._db, work)

    async def row_of(self, institution_id: str, *, session: Session | None = None) -> Row | None:
        """Return what the registry says of an institution, by the suite's own id."""
        return await self._db["institutions"].find_one({"_id": institution_id}, session=session)

    async def in_town(self, town: str) -> list[str]:
        """Return the institutions of a town or street."""
        found = self._db["institutions"].find({"town": town}, {"_id": 1})
        return [row["_id"] async for row in found]

    async def active(self, **where: str) -> list[Row]:
        """Return the institutions that may teach, in order of id, where some fields are so."""
        found = self._db["institutions"].find({"status": "active", **where})
        return await found.sort("_id").to_list()

    async def codes_by_id(self, institution_ids: set[str], *, session: Session) -> dict[str, str]:
        """Return the 统一社会信用代码 of institutions by id, of those that are known."""
        asked = {"_id": {"$in": sorted(institution_ids)}}
        rows = self._db["institutions"].find(asked, {"uscc": 1}, session=session)
        return {row["_id"]: row["uscc"] async for row in rows}

    async def of_id(self, institution_id: str) -> tuple[str, Registration] | None:
        """Return the 统一社会信用代码 of an institution, and what is registered of it."""
        row = await self._db["institutions"].find_one({"_id": institution_id})
        return None if row is None else (row["uscc"], _registration(row))

    async def id_of(self, code: str) -> str | None:
        """Return the id of the institution of a 统一社会信用代码."""
        row = await self._db["institutions"].find_one({"uscc": code}, {"_id": 1})
        return None if row is None else str(row["_id"])

    async def of_codes(self, codes: Sequence[str], *, session: Session) -> dict[str, Registration]:
        """Return what is registered under each 统一社会信用代码."""
        found = self._db["institutions"].find({"uscc": {"$in": list(codes)}}, session=session)
        return {row["uscc"]: _registration(row) async for row in found}


def _registration(row: Row) -> Registration:
    revoked_on = row.get("revoked_on")
    return Registration(
        row["_id"],
        row["name"],
        row["competent_department"],
        date.fromisoformat(revoked_on) if revoked_on else None,
    )

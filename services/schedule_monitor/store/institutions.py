"""A local replica of the registry's state, so that timetables are judged while it is away."""

from services.schedule_monitor.domain.session import Registered
from services.schedule_monitor.domain.timetable import InstitutionUnknown
from shared.marks import FROM_THE_BEGINNING, mark
from shared.mongo import Database, Row, Session, transact


class InstitutionReplica:
    """What schedule_monitor knows of institutions; older versions never replace newer ones."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._rows = db["institutions"]

    async def take(self, state: Row) -> None:
        """Take one state of the registry, and have its institution judged again."""
        institution = state["_id"]

        async def work(session: Session) -> None:
            before = await self._rows.find_one({"_id": institution}, session=session)
            if before is not None and before["version"] >= state["version"]:
                return
            await self._rows.replace_one({"_id": institution}, state, upsert=True, session=session)
            cause = f"registry:{institution}:v{state['version']}"
            again = mark("institution", institution, FROM_THE_BEGINNING, [cause])
            await self._db["to_judge"].bulk_write([again], session=session)

        await transact(self._db, work)

    async def find(
        self, institution_id: str, *, session: Session | None = None
    ) -> Registered | None:
        """Return what is registered of an institution, as far as its state has come."""
        row = await self._rows.find_one({"_id": institution_id}, session=session)
        if row is None:
            return None
        return Registered(
            institution_id=row["_id"],
            name=row["name"],
            kind=row["kind"],
            mode=row["mode"],
            town=row["town"],
            competent_department=row["competent_department"],
        )

    async def get(self, institution_id: str) -> Registered:
        """Return what is registered; refuse an institution the register has not told of yet."""
        found = await self.find(institution_id)
        if found is None:
            raise InstitutionUnknown(f"尚未收到编号为{institution_id}的机构的登记信息。")
        return found

    async def sites_of(self, institution_id: str) -> frozenset[str]:
        """Return the ids of the sites at which a registered institution teaches now."""
        row = await self._rows.find_one({"_id": institution_id}, {"sites.site_id": 1})
        if row is None:
            raise InstitutionUnknown(f"尚未收到编号为{institution_id}的机构的登记信息。")
        return frozenset(site["site_id"] for site in row.get("sites") or ())

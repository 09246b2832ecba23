"""A local replica of the registry's state, so that timetables are judged while it is away."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from services.schedule_monitor.domain.patrols.patrol_places import Ground
from services.schedule_monitor.domain.premises import Premises, Site
from services.schedule_monitor.domain.session import Registered
from services.schedule_monitor.domain.timetables.timetable import InstitutionUnknown
from shared.city_time import city_date
from shared.clock import machine_now
from shared.marks import FROM_THE_BEGINNING, mark
from shared.mongo import Database, Row, Session, transact


class InstitutionReplica:
    """What schedule_monitor knows of institutions; older versions never replace newer ones."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._rows = db["institutions"]

    async def take(self, state: Row, *, told_on: date | None = None) -> None:
        """Take one state of the registry, and have its institution judged again.

        ``told_on`` is the city day of the state: sites that it no longer names closed on that day.
        """
        institution = state["_id"]
        today = told_on or city_date(machine_now())

        async def work(session: Session) -> None:
            before = await self._rows.find_one({"_id": institution}, session=session)
            if before is not None and before["version"] >= state["version"]:
                return
            row = {**state, "former_sites": _former_sites(before, state, today)}
            await self._rows.replace_one({"_id": institution}, row, upsert=True, session=session)
            cause = f"registry:{institution}:v{state['version']}"
            again = mark("institution", institution, FROM_THE_BEGINNING, [cause])
            await self._db["to_judge"].bulk_write([again], session=session)

        await transact(self._db, work)

    async def find(
        self, institution_id: str, *, session: Session | None = None
    ) -> Registered | None:
        """Return what is registered of an institution, as far as its state has come."""
        found = await self.find_all([institution_id], session=session)
        return found.get(institution_id)

    async def find_all(
        self, ids: Iterable[str], *, session: Session | None = None
    ) -> dict[str, Registered]:
        """Return what is registered of those of some institutions whose state has come, by id."""
        found = self._rows.find({"_id": {"$in": sorted(ids)}}, session=session)
        return {row["_id"]: _registered(row) async for row in found}

    async def find_by_codes(self, codes: Iterable[str]) -> dict[str, Registered]:
        """Return what is registered by 统一社会信用代码 or id, by the code that was asked for."""
        asked = sorted(codes)
        which = {"$or": [{"uscc": {"$in": asked}}, {"_id": {"$in": asked}}]}
        found: dict[str, Registered] = {}
        async for row in self._rows.find(which):
            found[row["uscc"]] = found[row["_id"]] = _registered(row)
        return found

    async def premises(self, institution_id: str, *, session: Session | None = None) -> Premises:
        """Return an institution's licence and its sites, those it had among them."""
        return _premises(await self._rows.find_one({"_id": institution_id}, session=session) or {})

    async def on_ground(self, town: str, *, session: Session | None = None) -> list[Ground]:
        """Return the institutions of a town and those with a site there, in order of their ids."""
        theirs = [{place: town} for place in ("town", "sites.town", "former_sites.town")]
        found = self._rows.find({"$or": theirs}, session=session).sort("_id")
        return [
            Ground(registered=_registered(row), sites=_premises(row).sites) async for row in found
        ]

    async def get(self, institution_id: str, *, session: Session | None = None) -> Registered:
        """Return what is registered; refuse an institution the register has not told of yet."""
        found = await self.find(institution_id, session=session)
        if found is None:
            raise InstitutionUnknown(f"尚未收到编号为{institution_id}的机构的登记信息。")
        return found

    async def areas_of_all(
        self, ids: Iterable[str], *, session: Session | None = None
    ) -> dict[str, dict[str, Decimal]]:
        """Return the areas of sites by institution and site, of those that the register tells."""
        wanted = {"sites": 1, "former_sites": 1}
        found = self._rows.find({"_id": {"$in": sorted(ids)}}, wanted, session=session)
        return {
            row["_id"]: {
                site["site_id"]: Decimal(site["area_m2"])
                for site in (*row.get("former_sites", ()), *row.get("sites", ()))
                if site.get("area_m2") is not None
            }
            async for row in found
        }

    async def sites_of(self, institution_id: str) -> frozenset[str]:
        """Return the ids of the sites at which a registered institution teaches now."""
        row = await self._rows.find_one({"_id": institution_id}, {"sites.site_id": 1})
        if row is None:
            raise InstitutionUnknown(f"尚未收到编号为{institution_id}的机构的登记信息。")
        return frozenset(site["site_id"] for site in row.get("sites") or ())


def _registered(row: Row) -> Registered:
    return Registered(
        institution_id=row["_id"],
        name=row["name"],
        kind=row["kind"],
        mode=row["mode"],
        town=row["town"],
        competent_department=row["competent_department"],
    )


def _premises(row: Row) -> Premises:
    licence = row.get("licence") or {}
    return Premises(
        sites=tuple(
            Site(
                site_id=site["site_id"],
                address=site["address"],
                town=site["town"],
                closed_on=_day(closed),
            )
            for site, closed in (
                *((site, None) for site in row.get("sites", ())),
                *((site, site["closed_on"]) for site in row.get("former_sites", ())),
            )
        ),
        licensed_from=_day(licence.get("first_issued_on")),
        licensed_until=_day(licence.get("valid_until")),
        revoked_on=_day(row.get("revoked_on")),
    )


def _former_sites(before: Row | None, state: Row, today: date) -> list[Row]:
    """Return the sites that an institution had; the register only tells those it has."""
    if before is None:
        return []
    now = {site["site_id"] for site in state.get("sites", ())}
    gone = [{**site, "closed_on": today.isoformat()} for site in before.get("sites", ())]
    return [site for site in (*before.get("former_sites", ()), *gone) if site["site_id"] not in now]


def _day(written: str | None) -> date | None:
    return None if written is None else date.fromisoformat(written)

"""What the held sessions of each institution's months come to, as last judged."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, time

from pymongo import UpdateOne

from services.schedule_monitor.domain.held.held_breaches import DoubtedPlace, HeldBreach
from services.schedule_monitor.domain.held.whereabouts import HeldThere
from shared.marks import mark
from shared.mongo import Database, Row, Session

HELD = "held"
"""The kind of mark that asks for an institution's month of held sessions."""


class HeldMonthStore:
    """A document for each institution and month in which it was told to hold sessions."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._rows = db["held_months"]

    async def judge_again(
        self, months: Mapping[str, Iterable[str]], *, cause: str, session: Session
    ) -> None:
        """Mark months of institutions, which are known from then on."""
        pairs = sorted(
            (institution, month) for institution in months for month in months[institution]
        )
        if not pairs:
            return
        known = [
            UpdateOne(
                {"_id": f"{institution}|{month}"},
                {"$setOnInsert": {"institution_id": institution, "month": month, **_EMPTY}},
                upsert=True,
            )
            for institution, month in pairs
        ]
        await self._rows.bulk_write(known, ordered=False, session=session)
        marks = [
            mark(HELD, f"{institution}|{month}", month, [cause]) for institution, month in pairs
        ]
        await self._db["to_judge"].bulk_write(marks, session=session)

    async def judge_all_again(
        self, institution_id: str, *, causes: Sequence[str], session: Session
    ) -> None:
        """Mark every month that is known of an institution."""
        found = self._rows.find({"institution_id": institution_id}, {"month": 1}, session=session)
        marks = [mark(HELD, row["_id"], row["month"], list(causes)) async for row in found]
        if marks:
            await self._db["to_judge"].bulk_write(marks, session=session)

    async def known_among(
        self, institution_id: str, months: Iterable[str], *, session: Session
    ) -> set[str]:
        """Return those of some months in which an institution was told to hold sessions."""
        which = {"_id": {"$in": sorted(f"{institution_id}|{month}" for month in months)}}
        return {row["month"] async for row in self._rows.find(which, session=session)}

    async def breaches_of(self, institution_id: str, *, session: Session) -> list[HeldBreach]:
        """Return all breaches of an institution, as its months were last judged."""
        found = self._rows.find({"institution_id": institution_id}, session=session)
        return [_breach(one) async for row in found.sort("_id") for one in row["breaches"]]

    async def keep(
        self,
        place: str,
        breaches: Sequence[HeldBreach],
        counts: Mapping[str, int],
        *,
        session: Session,
    ) -> bool:
        """Keep what a month comes to; ``False`` when its breaches are those kept before."""
        rows = [_breach_row(one) for one in breaches]
        before = await self._rows.find_one_and_update(
            {"_id": place}, {"$set": {"breaches": rows, "counts": dict(counts)}}, session=session
        )
        return before is None or before["breaches"] != rows

    async def keep_places(
        self, place: str, doubted: Sequence[DoubtedPlace], *, session: Session
    ) -> int | None:
        """Keep the doubted places of a month; return their new version, ``None`` if none is new."""
        rows = [_place_row(one) for one in doubted]
        before = await self._rows.find_one({"_id": place}, session=session) or _EMPTY
        if before["places"] == rows:
            return None
        version = int(before["places_version"]) + 1
        await self._rows.update_one(
            {"_id": place},
            {"$set": {"places": rows, "places_version": version}},
            session=session,
        )
        return version

    async def keep_whereabouts(
        self, place: str, there: Sequence[HeldThere], *, session: Session
    ) -> None:
        """Keep where sessions of a month were held, and what was found there."""
        rows = [_there_row(one) for one in there]
        await self._rows.update_one({"_id": place}, {"$set": {"there": rows}}, session=session)

    async def whereabouts_of(
        self, institutions: Iterable[str], *, since: str, session: Session
    ) -> dict[str, list[HeldThere]]:
        """Return where some institutions held sessions from a month on, as last judged."""
        which = {"institution_id": {"$in": sorted(institutions)}, "month": {"$gte": since}}
        found: dict[str, list[HeldThere]] = {}
        wanted = {"institution_id": 1, "there": 1}
        async for row in self._rows.find(which, wanted, session=session).sort("_id"):
            theirs = found.setdefault(row["institution_id"], [])
            theirs += [_there(one) for one in row.get("there", ())]
        return found

    async def take_basis(self, written: str, *, session: Session) -> bool:
        """Keep what sessions are compared by; ``False`` when it is what it was."""
        before = await self._db["held_basis"].find_one_and_update(
            {"_id": "tolerances"}, {"$set": {"written": written}}, upsert=True, session=session
        )
        return ("" if before is None else before["written"]) != written

    async def totals(self) -> dict[str, int]:
        """Sum up the counts of all months."""
        sums: dict[str, int] = {}
        async for row in self._rows.find({}, {"counts": 1}):
            for name, count in row["counts"].items():
                sums[name] = sums.get(name, 0) + count
        return sums


_EMPTY: Row = {"breaches": [], "counts": {}, "places": [], "places_version": 0, "there": []}


def _breach_row(breach: HeldBreach) -> Row:
    return {
        **asdict(breach),
        "references": list(breach.references),
        "sites": list(breach.sites),
    }


def _breach(row: Row) -> HeldBreach:
    # Months that were judged by an earlier version tell no sites.
    told = {"references": tuple(row["references"]), "sites": tuple(row.get("sites", ()))}
    return HeldBreach(**{**row, **told})


def _place_row(place: DoubtedPlace) -> Row:
    return {
        **asdict(place),
        "first_on": place.first_on.isoformat(),
        "last_on": place.last_on.isoformat(),
    }


def _there_row(one: HeldThere) -> Row:
    return {
        **asdict(one),
        "on": one.on.isoformat(),
        "earliest": one.earliest.isoformat(),
        "latest": one.latest.isoformat(),
        "rules": [list(rule) for rule in one.rules],
    }


def _there(row: Row) -> HeldThere:
    return HeldThere(
        **{
            **row,
            "on": date.fromisoformat(row["on"]),
            "earliest": time.fromisoformat(row["earliest"]),
            "latest": time.fromisoformat(row["latest"]),
            "rules": tuple((code, level) for code, level in row["rules"]),
        }
    )

"""What the three-way match reads: contracts, lessons that stay consumed, releases that stand."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from services.fund_monitor.domain.lessons import LESSON
from services.fund_monitor.domain.matching import (
    Approved,
    ContractBook,
    Released,
    Taught,
    Terms,
)
from services.fund_monitor.store.lessons import ENTRIES
from shared.city_time import city_date
from shared.mongo import Database, Row, Session
from shared.working_days import start_of


@dataclass(frozen=True, slots=True)
class OverFull:
    """A session that charges more contracts than pupils were there."""

    session_id: str
    ended_at: datetime


class MatchStore:
    """The record as the match sees it, from the day on from which lessons are known."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def told_of(self, institution_ids: Sequence[str], *, session: Session) -> set[str]:
        """Return those of some institutions of whose lessons anything was told."""
        asked = {"institution_id": {"$in": list(institution_ids)}}
        return {*await self._db["held_sessions"].distinct("institution_id", asked, session=session)}

    async def known_from(
        self, institution_id: str, *, session: Session | None = None
    ) -> datetime | None:
        """Return the day from which an institution's lessons are known, or nothing."""
        first = [*_standing({"institution_id": institution_id}), {"$limit": 1}]
        found = await (await self._db[ENTRIES].aggregate(first, session=session)).to_list()
        return start_of(city_date(found[0]["_id"]["consumed_at"])) if found else None

    async def books(
        self,
        institution_id: str,
        accounts: Sequence[str],
        *,
        since: datetime,
        only: Sequence[str] | None = None,
        session: Session | None = None,
    ) -> list[ContractBook]:
        """Return an institution's contracts by number: those asked for, or all that moved."""
        taught = await self._taught(institution_id, only, session)
        released = await self._released(accounts, since, only, session)
        every: set[str | None] = {*taught, *released, *(only or ())}
        numbers = [no for no in every if no is not None]
        terms = await self._terms(institution_id, numbers, session)
        approved = await self._approved(institution_id, session)
        refunded = await self._refunded(accounts, numbers, session)
        return [
            ContractBook(
                contract_no=no,
                terms=terms.get(no or ""),
                taught=taught.get(no, ()),
                released=released.get(no, ()),
                approved=approved.get(no or "", ()),
                refunded_fen=refunded.get(no or "", 0),
            )
            for no in sorted(every, key=lambda no: no or "")
        ]

    async def over_full(
        self, institution_id: str, *, session: Session | None = None
    ) -> list[OverFull]:
        """Return the sessions that charge more contracts than pupils were there."""
        asked = {"institution_id": institution_id, "over_full": True}
        rows = self._db["held_sessions"].find(asked, {"ended_at": 1}, session=session)
        return [OverFull(row["_id"], row["ended_at"]) async for row in rows]

    async def contracts_taught(self, institution_id: str, *, after: str, limit: int) -> list[str]:
        """Return the numbers of contracts that have lessons, from the one after ``after``."""
        pages: list[Row] = [
            {"$match": {"institution_id": institution_id, "contract_no": {"$gt": after}}},
            {"$group": {"_id": "$contract_no"}},
            {"$sort": {"_id": 1}},
            {"$limit": limit},
        ]
        return [row["_id"] async for row in await self._db[ENTRIES].aggregate(pages)]

    async def accounts_of(self, institution_id: str) -> list[str]:
        """Return the custody accounts that banks have opened for an institution."""
        known = await self._db["institutions"].find_one({"_id": institution_id}, {"uscc": 1})
        if known is None:
            return []
        asked = {"institution_code": known["uscc"], "account_kind": "custody"}
        return [row["_id"] async for row in self._db["accounts"].find(asked, {"_id": 1})]

    async def _taught(
        self, institution_id: str, only: Sequence[str] | None, session: Session | None
    ) -> dict[str | None, list[Taught]]:
        asked: Row = {"institution_id": institution_id}
        if only is not None:
            asked["contract_no"] = {"$in": list(only)}
        found: defaultdict[str | None, list[Taught]] = defaultdict(list)
        rows = await self._db[ENTRIES].aggregate(_standing(asked), session=session)
        async for row in rows:
            key = row["_id"]
            found[key["contract_no"]].append(
                Taught(key["lesson"], key["consumed_at"], row["lessons"])
            )
        return found

    async def _released(
        self,
        accounts: Sequence[str],
        since: datetime,
        only: Sequence[str] | None,
        session: Session | None,
    ) -> dict[str | None, list[Released]]:
        asked: Row = {
            "account": {"$in": list(accounts)},
            "occurred_at": {"$gte": since},
            "$or": [{"type": "release"}, {"reversed_type": "release"}],
        }
        if only is not None:
            asked["contract_no"] = {"$in": list(only)}
        rows: dict[str, Row] = {}
        signs: defaultdict[str, int] = defaultdict(int)
        async for row in self._db["entries"].find(asked, session=session):
            if "reverses" in row:
                signs[row["reverses"]] -= row["sign"]
            else:
                rows[row["event"]] = row
                signs[row["event"]] += row["sign"]
        found: defaultdict[str | None, list[Released]] = defaultdict(list)
        for event, row in rows.items():
            if signs[event] > 0:
                found[row.get("contract_no")].append(
                    Released(event, row["occurred_at"], row["amount_fen"])
                )
        return found

    async def _terms(
        self, institution_id: str, numbers: Sequence[str], session: Session | None
    ) -> dict[str, Terms]:
        asked = {"institution_id": institution_id, "contract_no": {"$in": list(numbers)}}
        needed = {"contract_no": 1, "price_fen": 1, "lessons": 1}
        rows = self._db["contracts"].find(asked, needed, session=session)
        return {
            row["contract_no"]: Terms(
                row["price_fen"], int(Decimal(row.get("lessons") or 0) * LESSON)
            )
            async for row in rows
        }

    async def _approved(
        self, institution_id: str, session: Session | None
    ) -> dict[str, list[Approved]]:
        asked = {"institution_id": institution_id, "state": "approved"}
        found: defaultdict[str, list[Approved]] = defaultdict(list)
        async for row in self._db["manual_releases"].find(asked, session=session):
            found[row["contract_no"]].append(
                Approved(row["_id"], row["answered_at"], row["amount_fen"])
            )
        return found

    async def _refunded(
        self, accounts: Sequence[str], numbers: Sequence[str], session: Session | None
    ) -> dict[str, int]:
        keys = [f"{account}|{no}" for account in accounts for no in numbers]
        found: defaultdict[str, int] = defaultdict(int)
        positions = self._db["contract_positions"].find({"_id": {"$in": keys}}, session=session)
        async for row in positions:
            fen = row.get("refunded_fen", 0) - row.get("returned_fen", 0)
            found[row["_id"].rpartition("|")[2]] += fen
        return found


def _standing(asked: Row) -> list[Row]:
    """Return what adds entries up and leaves out what was given back, in the order of time."""
    key = {"lesson": "$lesson", "contract_no": "$contract_no", "consumed_at": "$consumed_at"}
    return [
        {"$match": asked},
        {"$group": {"_id": key, "lessons": {"$sum": "$lessons"}}},
        {"$match": {"lessons": {"$gt": 0}}},
        {"$sort": {"_id.consumed_at": 1}},
    ]

"""What the three-way match reads: contracts, lessons that stay consumed, releases that stand."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from services.fund_monitor.domain.lessons.confirmation import telling_of
from services.fund_monitor.domain.lessons.contract_book import (
    Approved,
    ContractBook,
    Objection,
    Released,
    StatedConsumption,
    Taught,
    Terms,
)
from services.fund_monitor.domain.lessons.lessons import LESSON
from services.fund_monitor.store.lessons.lesson_books import CONFIRMATIONS, LessonBooks
from services.fund_monitor.store.refunds.refunds import REFUNDS, refund_of_row
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
        self._lessons = LessonBooks(db)

    async def told_of(self, institution_ids: Sequence[str], *, session: Session) -> set[str]:
        """Return those of some institutions of whose lessons anything was told."""
        asked = {"institution_id": {"$in": list(institution_ids)}}
        told: set[str] = set()
        for collection in ("held_sessions", CONFIRMATIONS):
            told |= {*await self._db[collection].distinct("institution_id", asked, session=session)}
        return told

    async def known_from(
        self, institution_id: str, *, session: Session | None = None
    ) -> datetime | None:
        """Return the day from which an institution's lessons are known, or nothing."""
        known = await self._lessons.known_from([institution_id], session=session)
        first = known.get(institution_id)
        return None if first is None else start_of(city_date(first))

    async def books(
        self,
        institution_id: str,
        accounts: Sequence[str],
        *,
        since: datetime | None,
        only: Sequence[str] | None = None,
        session: Session | None = None,
    ) -> list[ContractBook]:
        """Return an institution's contracts by number: those asked for, or all that moved.

        Without a day from which lessons are known, releases are not looked at.
        """
        taught = await self._taught(institution_id, only, session)
        released = {} if since is None else await self._released(accounts, since, only, session)
        objections = await self._objections(institution_id, only, session)
        every: set[str | None] = {*taught, *released, *objections, *(only or ())}
        numbers = [no for no in every if no is not None]
        terms = await self._terms(institution_id, numbers, session)
        approved = await self._approved(institution_id, session)
        sums = await self._sums(accounts, numbers, session)
        stated = await self._stated(institution_id, numbers, session)
        return [
            ContractBook(
                contract_no=no,
                terms=terms.get(no or ""),
                taught=taught.get(no, ()),
                released=released.get(no, ()),
                approved=approved.get(no or "", ()),
                refunded_fen=sums[no or ""].refunded_fen,
                early_fen=max(
                    0, sums[no or ""].released_fen - sum(r.amount_fen for r in released.get(no, ()))
                )
                if since is not None
                else 0,
                objections=objections.get(no or "", ()),
                stated=stated.get(no or "", ()),
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
        return await self._lessons.numbers(institution_id, after=after, limit=limit)

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
        found = await self._lessons.taught([institution_id], only, session=session)
        return {no: some for (_, no), some in found.items()}

    async def _objections(
        self, institution_id: str, only: Sequence[str] | None, session: Session | None
    ) -> dict[str, list[Objection]]:
        """Return the confirmations that were objected to and wait for a decision."""
        asked: Row = {"institution_id": institution_id, "state": "objected"}
        if only is not None:
            asked["contract_no"] = {"$in": list(only)}
        found: defaultdict[str, list[Objection]] = defaultdict(list)
        async for row in self._db[CONFIRMATIONS].find(asked, session=session):
            said = Objection(telling_of(row["_id"]), row["steps"][-1]["at"])
            found[row["contract_no"]].append(said)
        return found

    async def _stated(
        self, institution_id: str, numbers: Sequence[str], session: Session | None
    ) -> dict[str, list[StatedConsumption]]:
        """Return what the institution has said is consumed, in answer to refunds."""
        asked = {
            "institution_id": institution_id,
            "contract_no": {"$in": list(numbers)},
            "stated_consumed_fen": {"$type": "number"},
        }
        found: defaultdict[str, list[StatedConsumption]] = defaultdict(list)
        async for row in self._db[REFUNDS].find(asked, {"steps": 0}, session=session):
            refund = refund_of_row(row)
            found[refund.contract_no].append(
                StatedConsumption(
                    f"refund:{refund.id}", refund.asked_at, row["stated_consumed_fen"]
                )
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

    async def _sums(
        self, accounts: Sequence[str], numbers: Sequence[str], session: Session | None
    ) -> defaultdict[str, "_Sums"]:
        keys = [f"{account}|{no}" for account in accounts for no in numbers]
        found: defaultdict[str, _Sums] = defaultdict(_Sums)
        positions = self._db["contract_positions"].find({"_id": {"$in": keys}}, session=session)
        async for row in positions:
            sums = found[row["_id"].rpartition("|")[2]]
            sums.refunded_fen += row.get("refunded_fen", 0) - row.get("returned_fen", 0)
            sums.released_fen += row.get("released_fen", 0)
        return found


@dataclass(slots=True)
class _Sums:
    """What was refunded and released of one contract, whenever it was."""

    refunded_fen: int = 0
    released_fen: int = 0

"""What lessons change of the unconsumed value, and what of a contract they have consumed."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from services.fund_monitor.domain.lessons.consumption import (
    KnownContract,
    Moved,
    by_day,
    unconsumed_changes,
)
from services.fund_monitor.domain.lessons.contract_book import ContractBook, Terms
from services.fund_monitor.domain.lessons.lessons import LESSON
from services.fund_monitor.store.contracts.contracts import CONTRACTS, contract_key
from services.fund_monitor.store.lessons.lesson_books import KnownLessons, LessonBooks
from services.fund_monitor.store.lessons.matching import MatchStore
from shared.city_time import city_date
from shared.mongo import Database, Row, Session

_BOOK: Final = "prepaid.lessons"


class ConsumptionStore:
    """Reads lessons beside the money of their contracts; without lessons it costs one look-up."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._lessons = LessonBooks(db)
        self._matches = MatchStore(db)

    async def changes(
        self, accounts: Mapping[str, Sequence[str]], *, session: Session | None = None
    ) -> dict[str, list[tuple[date, int]]]:
        """Return by how much lessons change institutions' unconsumed value, day by day.

        Institutions are given with their custody accounts; those without lessons are left out.
        """
        known = await self._lessons.days(sorted(accounts), session=session)
        # One after another: an institution's entries are as many as its history is long.
        return {
            one: await self._of(one, lessons, accounts[one], session)
            for one, lessons in known.items()
        }

    async def book(
        self,
        institution_id: str,
        contract_no: str,
        accounts: Sequence[str],
        *,
        session: Session | None = None,
    ) -> ContractBook | None:
        """Return a contract that is charged by lessons and of which one counts; else nothing."""
        since = await self._matches.known_from(institution_id, session=session)
        if since is None:
            return None
        [book] = await self._matches.books(
            institution_id, accounts, since=since, only=[contract_no], session=session
        )
        return book if book.by_lessons is not None and book.taught else None

    async def consumed_fen(
        self,
        institution_id: str,
        contract_no: str,
        accounts: Sequence[str],
        *,
        until: datetime,
        session: Session,
    ) -> int | None:
        """Return what lessons held until a moment have consumed; nothing where none is known."""
        book = await self.book(institution_id, contract_no, accounts, session=session)
        return None if book is None else book.consumed_until(until)

    async def _of(
        self,
        institution_id: str,
        known: KnownLessons,
        accounts: Sequence[str],
        session: Session | None,
    ) -> list[tuple[date, int]]:
        terms = await self._terms(institution_id, known.contracts, session)
        moved = await self._moved(terms, accounts, session)
        since = city_date(known.since)
        return by_day(
            change
            for no, of_contract in terms.items()
            for change in unconsumed_changes(
                KnownContract(of_contract, known.contracts[no], moved[no], since)
            )
        )

    async def _terms(
        self, institution_id: str, numbers: Collection[str], session: Session | None
    ) -> dict[str, Terms]:
        """Return the terms of those contracts that are filed and charged by lessons."""
        asked = {"_id": {"$in": [contract_key(institution_id, no) for no in numbers]}}
        needed = {"contract_no": 1, "price_fen": 1, "lessons": 1}
        rows = self._db[CONTRACTS].find(asked, needed, session=session)
        return {
            row["contract_no"]: Terms(row["price_fen"], int(Decimal(row["lessons"]) * LESSON))
            async for row in rows
            if row.get("lessons") and Decimal(row["lessons"])
        }

    async def _moved(
        self, numbers: Collection[str], accounts: Sequence[str], session: Session | None
    ) -> defaultdict[str, list[Moved]]:
        """Return what moved contracts' prepaid money; entries are looked up by their pupils."""
        found = defaultdict[str, list[Moved]](list)
        keys = [f"{account}|{no}" for no in numbers for account in accounts]
        names: set[str] = set()
        positions = self._db["contract_positions"].find(
            {"_id": {"$in": keys}}, {"pupils": 1}, session=session
        )
        async for row in positions:
            names.update(row.get("pupils", ()))
        asked: Row = {
            "name": {"$in": sorted(names)},
            "account": {"$in": sorted(accounts)},
            "contract_no": {"$in": sorted(numbers)},
        }
        async for row in self._db["entries"].find(asked, session=session):
            fen = -sum(line["fen"] for line in row["lines"] if line["book"] == _BOOK)
            if fen:
                kind = row.get("reversed_type") or row["type"]
                day = date.fromisoformat(row["day"])
                found[row["contract_no"]].append(Moved(day, fen, released=kind == "release"))
        return found

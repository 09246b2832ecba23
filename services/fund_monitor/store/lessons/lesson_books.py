"""The lessons that count of each contract: kept beside the entries, and counted anew from them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from pymongo import DeleteOne, ReplaceOne

from services.fund_monitor.domain.lessons.contract_book import Taught
from services.fund_monitor.domain.lessons.counting import Counted, Struck, Telling, counted
from services.fund_monitor.store.contracts.contracts import contract_key
from shared.city_time import city_date
from shared.mongo import Database, Row, Session

ENTRIES: Final = "consumption_entries"
BOOKS: Final = "lesson_books"
CONFIRMATIONS: Final = "lesson_confirmations"
_SCHEMA: Final = 1
Contract = tuple[str, str]
"""An institution and the number of one of its contracts."""


@dataclass(slots=True)
class KnownLessons:
    """An institution's lessons: when the first began, and hundredths by contract and day."""

    since: datetime
    contracts: dict[str, dict[date, int]]


class LessonBooks:
    """A document for each contract that has a lesson which counts; without one there is none.

    Whoever changes what is told of a contract has it counted anew in the same transaction: of two
    at once the later one starts anew, since both write the document.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._rows = db[BOOKS]

    async def count_anew(self, contracts: Iterable[Contract], *, session: Session) -> None:
        """Count some contracts from their entries."""
        of_each = defaultdict[str, set[str]](set)
        for institution_id, contract_no in contracts:
            of_each[institution_id].add(contract_no)
        writes: list[ReplaceOne[Row] | DeleteOne] = []
        for institution_id, numbers in sorted(of_each.items()):
            found = await self.counted(institution_id, numbers, session=session)
            writes += [
                _write(Book(institution_id, no, found.get(no, ()))) for no in sorted(numbers)
            ]
        if writes:
            await self._rows.bulk_write(writes, ordered=False, session=session)

    async def counted(
        self, institution_id: str, numbers: AbstractSet[str], *, session: Session | None = None
    ) -> dict[str, list[Counted]]:
        """Return the lessons that count of some contracts, from the entries alone."""
        asked: Row = {"institution_id": institution_id, "contract_no": {"$in": sorted(numbers)}}
        tellings = await self._standing(asked, session)
        struck = defaultdict[str, list[Struck]](list)
        decided = self._db[CONFIRMATIONS].find({**asked, "state": "not_taken"}, session=session)
        async for row in decided:
            struck[row["contract_no"]].append(Struck(row["started_at"], row["ended_at"]))
        absent = await self._absent(tellings, session)
        return {
            no: counted(some, struck=struck[no], absent_from=absent[no])
            for no, some in tellings.items()
        }

    async def known_from(
        self, institution_ids: Sequence[str], *, session: Session | None = None
    ) -> dict[str, datetime]:
        """Return when the first lesson that counts began, by institution."""
        first: list[Row] = [
            {"$match": {"institution_id": {"$in": list(institution_ids)}}},
            {"$group": {"_id": "$institution_id", "first_at": {"$min": "$first_at"}}},
        ]
        rows = await self._rows.aggregate(first, session=session)
        return {row["_id"]: row["first_at"] async for row in rows}

    async def taught(
        self,
        institution_ids: Sequence[str],
        only: Sequence[str] | None = None,
        *,
        session: Session | None = None,
    ) -> dict[Contract, list[Taught]]:
        """Return the lessons that count of institutions' contracts, or of those asked for."""
        asked: Row = {"institution_id": {"$in": list(institution_ids)}}
        if only is not None:
            asked["contract_no"] = {"$in": list(only)}
        rows = self._rows.find(asked, session=session)
        return {
            (row["institution_id"], row["contract_no"]): [
                Taught(
                    one["lesson"],
                    one["consumed_at"],
                    one["lessons"],
                    held_at=one["ended_at"],
                    twice=tuple(one["twice"]),
                    otherwise=tuple(one["otherwise"]),
                )
                for one in row["lessons"]
            ]
            async for row in rows
        }

    async def days(
        self, institution_ids: Sequence[str], *, session: Session | None = None
    ) -> dict[str, KnownLessons]:
        """Return how many lessons count from which day, of institutions of which any does."""
        asked = {"institution_id": {"$in": list(institution_ids)}}
        needed = {"institution_id": 1, "contract_no": 1, "first_at": 1, "days": 1}
        found: dict[str, KnownLessons] = {}
        async for row in self._rows.find(asked, needed, session=session):
            known = found.setdefault(row["institution_id"], KnownLessons(row["first_at"], {}))
            known.since = min(known.since, row["first_at"])
            days = {date.fromisoformat(day): lessons for day, lessons in row["days"].items()}
            known.contracts[row["contract_no"]] = days
        return found

    async def numbers(self, institution_id: str, *, after: str, limit: int) -> list[str]:
        """Return the numbers of contracts that have lessons, from the one after ``after``."""
        asked = {"institution_id": institution_id, "contract_no": {"$gt": after}}
        rows = self._rows.find(asked, {"contract_no": 1}).sort("contract_no", 1).limit(limit)
        return [row["contract_no"] async for row in rows]

    async def _standing(self, asked: Row, session: Session | None) -> dict[str, list[Telling]]:
        """Return what stands of the entries: what was not given back."""
        sums = defaultdict[str, defaultdict[Telling, int]](lambda: defaultdict(int))
        async for row in self._db[ENTRIES].find(asked, session=session):
            sums[row["contract_no"]][_telling(row)] += row["lessons"]
        return {
            no: [
                Telling(
                    lesson=one.lesson,
                    by=one.by,
                    started_at=one.started_at,
                    ended_at=one.ended_at,
                    consumed_at=one.consumed_at,
                    lessons=lessons,
                    session=one.session,
                )
                for one, lessons in some.items()
                if lessons > 0
            ]
            for no, some in sums.items()
        }

    async def _absent(
        self, tellings: Mapping[str, Sequence[Telling]], session: Session | None
    ) -> defaultdict[str, set[str]]:
        """Return, by contract, the sessions that its confirmations name and that do not name it."""
        named = {one.session for some in tellings.values() for one in some if one.session}
        found = defaultdict[str, set[str]](set)
        if not named:
            return found
        asked, needed = {"_id": {"$in": sorted(named)}}, {"attended": 1}
        async for row in self._db["held_sessions"].find(asked, needed, session=session):
            for no in tellings:
                if no not in row["attended"]:
                    found[no].add(row["_id"])
        return found


def _telling(row: Row) -> Telling:
    """Return what an entry tells of, without its amount: what is given back tells of the same."""
    return Telling(
        lesson=row["lesson"],
        by=row["by"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        consumed_at=row["consumed_at"],
        lessons=0,
        session=row["session"],
    )


@dataclass(frozen=True, slots=True)
class Book:
    """The lessons that count of one contract, in the order of time."""

    institution_id: str
    contract_no: str
    lessons: Sequence[Counted]

    @property
    def key(self) -> str:
        return contract_key(self.institution_id, self.contract_no)

    def row(self) -> Row:
        """Return the document as it is kept; only of a contract of which a lesson counts."""
        days = defaultdict[str, int](int)
        for one in self.lessons:
            days[city_date(one.telling.consumed_at).isoformat()] += one.telling.lessons
        return {
            "_id": self.key,
            "schema": _SCHEMA,
            "institution_id": self.institution_id,
            "contract_no": self.contract_no,
            "counted": sum(one.telling.lessons for one in self.lessons),
            "days": dict(days),
            "first_at": self.lessons[0].telling.started_at,
            "lessons": [
                {
                    "lesson": one.telling.lesson,
                    "started_at": one.telling.started_at,
                    "ended_at": one.telling.ended_at,
                    "consumed_at": one.telling.consumed_at,
                    "lessons": one.telling.lessons,
                    "twice": sorted(one.twice),
                    "otherwise": sorted(one.otherwise),
                }
                for one in self.lessons
            ],
        }


def _write(book: Book) -> ReplaceOne[Row] | DeleteOne:
    key = {"_id": book.key}
    return ReplaceOne(key, book.row(), upsert=True) if book.lessons else DeleteOne(key)

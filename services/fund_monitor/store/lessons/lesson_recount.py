"""Count what is kept of lessons again, from the entries of what they consume alone."""

from collections.abc import AsyncIterator
from typing import Final

from services.fund_monitor.store.lessons.lesson_books import BOOKS, ENTRIES, Book, LessonBooks
from shared.mongo import Database, Row

_AT_A_TIME: Final = 200


class LessonRecount:
    """Holds the lesson books of institutions against their entries, some contracts at a moment."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._books = LessonBooks(db)

    async def institutions(self) -> AsyncIterator[str]:
        """Give every institution of which an entry or a book is kept."""
        known = {*await self._db[ENTRIES].distinct("institution_id")}
        for one in sorted(known | {*await self._db[BOOKS].distinct("institution_id")}):
            yield one

    async def differences(self, institution_id: str) -> tuple[int, list[str]]:
        """Say how many contracts have lessons, and where their books and entries do not agree."""
        mine = {"institution_id": institution_id}
        numbers = {*await self._db[ENTRIES].distinct("contract_no", mine)}
        numbers |= {*await self._db[BOOKS].distinct("contract_no", mine)}
        ordered, found = sorted(numbers), list[str]()
        for start in range(0, len(ordered), _AT_A_TIME):
            found += await self._differing(institution_id, ordered[start : start + _AT_A_TIME])
        return len(ordered), found

    async def _differing(self, institution_id: str, numbers: list[str]) -> list[str]:
        asked = {"institution_id": institution_id, "contract_no": {"$in": numbers}}
        async with self._db.client.start_session(snapshot=True) as session:
            rows = self._db[BOOKS].find(asked, session=session)
            kept: dict[str, Row] = {row["contract_no"]: row async for row in rows}
            counted = await self._books.counted(institution_id, {*numbers}, session=session)
        return [
            difference
            for no in numbers
            for difference in _between(
                kept.get(no, {}), Book(institution_id, no, counted.get(no, ()))
            )
        ]


def _between(kept: Row, book: Book) -> list[str]:
    counted = book.row() if book.lessons else {}
    return [
        f"合同 {book.key} 的消课账 {name} 不符：所存共 {kept.get('counted', 0)} 个百分之一课时，"
        f"按消课记录重算 {counted.get('counted', 0)}"
        for name in sorted({*kept, *counted})
        if kept.get(name) != counted.get(name)
    ]

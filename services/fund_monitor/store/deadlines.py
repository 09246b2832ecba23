"""What was counted in working days by another calendar: counted anew, or judged again."""

from pymongo import UpdateOne

from services.fund_monitor.store.statements.differences import DIFFERENCES
from shared.city_time import city_date
from shared.marks import FROM_THE_BEGINNING, mark
from shared.mongo import Database, Row
from shared.working_days import WorkingDays

_AT_ONCE = 500


class DeadlineStore:
    """The deadlines that stand in documents; the others follow from them when they are judged."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def recount_differences(self, calendar: WorkingDays, *, days: int) -> int:
        """Move what banks are to explain to where the calendar has it now; return how many."""
        moved, writes = 0, []
        async for row in self._db[DIFFERENCES].find({"state": "open"}):
            due = calendar.deadline(city_date(row["found_at"]), days=days)
            if (due.at, due.provisional) != (row["due_at"], row["provisional"]):
                # By another clock it may not be late yet: that is told when it is.
                moved_to = {"due_at": due.at, "provisional": due.provisional, "told_overdue": False}
                writes.append(_moved(row, moved_to))
            if len(writes) == _AT_ONCE:
                moved += await self._write(writes)
                writes = []
        return moved + await self._write(writes)

    async def mark_all(self, cause: str) -> int:
        """Have everybody judged again of whom the register or a bank has told."""
        codes = await self._db["institutions"].distinct("uscc")
        banks = await self._db["banks"].distinct("_id")
        marks = [mark("institution", code, FROM_THE_BEGINNING, [cause]) for code in sorted(codes)]
        marks += [mark("bank", bank, FROM_THE_BEGINNING, [cause]) for bank in sorted(banks)]
        if marks:
            await self._db["to_judge"].bulk_write(marks, ordered=False)
        return len(marks)

    async def _write(self, writes: list[UpdateOne]) -> int:
        if not writes:
            return 0
        return (await self._db[DIFFERENCES].bulk_write(writes, ordered=False)).modified_count


def _moved(row: Row, due: Row) -> UpdateOne:
    # Only as it was read: one that was found anew meanwhile has its own deadline.
    return UpdateOne({"_id": row["_id"], "due_at": row["due_at"]}, {"$set": due})

"""Tell entries of lessons when they were held, and count each contract's lessons once.

Until then an entry knew only when its lesson ended, and lessons of two senders were both counted.
May run twice, and in several processes at once.
"""

from typing import Final

from services.fund_monitor.store.lessons.lesson_books import ENTRIES, Contract, LessonBooks
from shared.clock import machine_now
from shared.mongo import Database, Row, Session, transact

_DONE: Final = {"_id": "m0004_counted_lessons"}
_AT_ONCE: Final = 100


async def count_lessons(db: Database) -> int:
    """Count the lessons of every contract of which one was told; return how many there were."""
    if await db["migrations"].find_one(_DONE) is not None:
        return 0
    before: list[Row] = [{"$match": {"schema": 1}}, {"$group": {"_id": "$lesson"}}]
    async for row in await db[ENTRIES].aggregate(before):
        await _tell_when(db, row["_id"])
    of_contract = {"institution_id": "$institution_id", "contract_no": "$contract_no"}
    found = await (await db[ENTRIES].aggregate([{"$group": {"_id": of_contract}}])).to_list()
    contracts = [(row["_id"]["institution_id"], row["_id"]["contract_no"]) for row in found]
    for first in range(0, len(contracts), _AT_ONCE):
        await _count(db, contracts[first : first + _AT_ONCE])
    await db["migrations"].update_one(_DONE, {"$set": {"done_at": machine_now()}}, upsert=True)
    return len(contracts)


async def _tell_when(db: Database, session_id: str) -> None:
    held = await db["held_sessions"].find_one({"_id": session_id})
    # The ids of a session's entries begin with its own; what no longer stands adds up to nothing.
    mine: Row = {"_id": {"$gte": f"{session_id}|", "$lt": f"{session_id}}}"}, "schema": 1}
    started_at = "$consumed_at" if held is None else {"$min": ["$consumed_at", held["started_at"]]}
    told: Row = {
        "schema": 2,
        "started_at": started_at,
        "ended_at": "$consumed_at",
        "by": "session",
        "session": None,
    }
    await db[ENTRIES].update_many(mine, [{"$set": told}])


async def _count(db: Database, some: list[Contract]) -> None:
    async def work(session: Session) -> None:
        await LessonBooks(db).count_anew(some, session=session)

    await transact(db, work)

"""Put what was kept of each account's days, a document a day, together by the month.

May run twice, and in several processes at once: an account's days are moved in its own transaction,
which posting cannot overlook, and added to what posting has written of them since.
"""

from typing import Final

from services.fund_monitor.store.ledger.day_totals import ACCOUNT_MONTHS, SUMS, writes_of
from shared.clock import machine_now
from shared.mongo import Database, Session, transact

_OLD: Final = "day_totals"
# Positions are found by their keys now.
_UNUSED: Final = ("contract_positions", "by_account")
_DONE: Final = {"_id": "m0003_days_by_month"}


async def put_days_together(db: Database) -> int:
    """Move the days of every account; return how many accounts had any."""
    if await db["migrations"].find_one(_DONE) is not None:
        return 0
    collection, name = _UNUSED
    if name in await db[collection].index_information():
        await db[collection].drop_index(name)
    accounts = await db[_OLD].distinct("account")
    moved = sum([await _account(db, account) for account in accounts])
    await db[_OLD].drop()
    await db["migrations"].update_one(_DONE, {"$set": {"done_at": machine_now()}}, upsert=True)
    return moved


async def _account(db: Database, account: str) -> bool:
    async def work(session: Session) -> bool:
        mine = {"account": account}
        rows = await db[_OLD].find(mine, session=session).to_list()
        if not rows:
            return False
        days = {(account, row["day"]): [row[name] for name in SUMS] for row in rows}
        await db["accounts"].update_one({"_id": account}, {"$inc": {"version": 1}}, session=session)
        await db[ACCOUNT_MONTHS].bulk_write(writes_of(days), ordered=False, session=session)
        await db[_OLD].delete_many(mine, session=session)
        return True

    return await transact(db, work)

"""Count each account's events and standing entries once: from then on posting keeps the figures.

Until then ``GET /v1/summary`` read the whole journal each time. May run twice, and in several
processes at once: an account is counted in its own transaction, which posting cannot overlook.
"""

from typing import Final

from services.fund_monitor.store.ledger.records import STATES
from shared.clock import machine_now
from shared.mongo import Database, Row, Session, transact

_UNCOUNTED: Final[Row] = {"entries": {"$exists": False}}
# Read for one posting's entries; it names their days and accounts now.
_UNUSED: Final = ("entries", "by_posting")
_DONE: Final = {"_id": "m0002_counted_accounts"}


async def count_accounts(db: Database) -> int:
    """Count what was posted to every account so far; return how many accounts there were."""
    if await db["migrations"].find_one(_DONE) is not None:
        return 0
    collection, name = _UNUSED
    if name in await db[collection].index_information():
        await db[collection].drop_index(name)
    accounts = await db["accounts"].find(_UNCOUNTED, {"_id": 1}).to_list()
    counted = sum([await _account(db, row["_id"]) for row in accounts])
    await db["migrations"].update_one(_DONE, {"$set": {"done_at": machine_now()}}, upsert=True)
    return counted


async def _account(db: Database, account: str) -> bool:
    async def work(session: Session) -> bool:
        # Its identities begin with its key; no index of events is of all accounts.
        mine = {"_id": {"$gte": f"{account}|", "$lt": f"{account}}}"}}
        by_state: list[Row] = [
            {"$match": mine},
            {"$group": {"_id": "$state", "events": {"$sum": 1}}},
        ]
        counts = dict.fromkeys(STATES, 0)
        async for row in await db["events"].aggregate(by_state, session=session):
            counts[row["_id"]] = row["events"]
        standing: list[Row] = [
            {"$match": {"account": account}},
            {"$group": {"_id": None, "entries": {"$sum": "$sign"}}},
        ]
        found = await (await db["entries"].aggregate(standing, session=session)).to_list()
        entries = found[0]["entries"] if found else 0
        done = await db["accounts"].update_one(
            {"_id": account, **_UNCOUNTED},
            {"$set": {**counts, "entries": entries}, "$inc": {"version": 1}},
            session=session,
        )
        return done.modified_count == 1

    return await transact(db, work)

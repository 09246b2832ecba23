"""Write the journal of schema 1 anew as an immutable one, account by account.

Until then an entry was deleted when its event fell, and flagged when it was reversed, so that what
an account's events say now is all there was to know. May run twice, and in several processes at
once: an account is written in its own transaction, while it has entries of schema 1. No process of
the version before may post any more.
"""

from collections.abc import Mapping
from typing import Final

from pymongo import UpdateOne

from services.fund_monitor.domain.ledger.booking import entry_of
from services.fund_monitor.domain.ledger.posting import Event
from services.fund_monitor.store.ledger.day_totals import ACCOUNT_MONTHS
from services.fund_monitor.store.ledger.journal import SCHEMA, Effects
from services.fund_monitor.store.ledger.unallocated import UnallocatedChanges
from services.fund_monitor.store.rows import event_of
from shared.clock import machine_now
from shared.ids import new_id
from shared.mongo import Database, Row, Session, transact

_OLD: Final = {"schema": {"$lt": SCHEMA}}
# Indexes of schema 1 that nothing asks any more, or that MongoDB could not use.
_UNUSED: Final = (
    ("events", "by_original"),
    ("events", "by_slot"),
    ("entries", "by_account_and_type"),
    ("to_judge", "to_lease"),
)
_DONE: Final = {"_id": "m0001_immutable_journal"}


async def write_journal_anew(db: Database) -> int:
    """Bring the entries of every account to schema 2; return how many accounts there were."""
    # Looking for old entries reads the whole journal: once is enough.
    if await db["migrations"].find_one(_DONE) is not None:
        return 0
    accounts = await db["entries"].distinct("account", _OLD)
    # Events that never made an entry have no turn behind them; they may be of any account.
    await db["events"].update_many(
        {"turns": {"$exists": False}, "state": {"$ne": "posted"}}, {"$set": {"turns": 0}}
    )
    for collection, name in _UNUSED:
        if name in await db[collection].index_information():
            await db[collection].drop_index(name)
    written = sum([await _account(db, account) for account in accounts])
    await db["migrations"].update_one(_DONE, {"$set": {"done_at": machine_now()}}, upsert=True)
    return written


async def _account(db: Database, account: str) -> bool:
    async def work(session: Session) -> bool:
        old = await db["entries"].find_one({"account": account, **_OLD}, session=session)
        if old is None:
            return False
        posted = db["events"].find({"account": account, "state": "posted"}, session=session)
        rows = {row["_id"]: row async for row in posted}
        effects, turns, unallocated = _booked(rows)
        for collection in ("entries", "day_totals", ACCOUNT_MONTHS, "contract_positions"):
            await db[collection].delete_many({"account": account}, session=session)
        writes = effects.writes() | unallocated.writes()
        writes["events"] = [
            UpdateOne({"_id": key}, {"$set": {"turns": made}}) for key, made in turns.items()
        ]
        for collection, some in writes.items():
            if some:
                await db[collection].bulk_write(some, ordered=False, session=session)
        return True

    return await transact(db, work)


def _booked(
    rows: Mapping[str, Row],
) -> tuple[Effects, dict[str, int], UnallocatedChanges]:
    """Return what the posted events of an account come to, and which of them made an entry."""
    effects, turns, unallocated = Effects(new_id()), dict[str, int](), UnallocatedChanges({})
    events: dict[str, Event] = {key: event_of(row) for key, row in rows.items()}
    # Reversals last: what they undo does not wait for a contract any more.
    for key, event in sorted(events.items(), key=lambda item: item[1].reverses is not None):
        original = None if event.reverses is None else events[event.reverses]
        entry = entry_of(
            event,
            rows[key]["body"],
            turn=0,
            original=None if original is None else (original, rows[original.identity]["body"]),
        )
        turns[key] = int(entry is not None)
        if entry is not None:
            effects.add(entry)
            deposit = original or event
            unallocated.change(deposit, rows[deposit.identity]["body"], stands=original is None)
    return effects, turns, unallocated

"""When banks sent something last, and whether they have accounts to tell of."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from services.fund_monitor.domain.banks.admission import BankState
from services.fund_monitor.store.banks.banks import BANKS, judge_again, state_of
from services.fund_monitor.store.banks.told import OUTCOME_STREAM
from services.fund_monitor.store.ledger.account_events import AccountEventStore
from services.fund_monitor.store.statements.differences import DIFFERENCES
from shared.city_time import CITY_TIME, city_date
from shared.mongo import Database, Row, Session

_STATED: Final = {"state": 1, "stated": 1, "added_at": 1, "last_sent_on": 1}
_MOST_NAMED: Final = 20


@dataclass(frozen=True, slots=True)
class Activity:
    """A bank's state, and the day from which on its silence counts."""

    state: BankState
    since: date


class BankActivityStore:
    """What is known of banks as senders."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._banks = db[BANKS]
        self._histories = AccountEventStore(db)

    async def of(self, bank: str, *, session: Session) -> Activity | None:
        """Return a bank's activity; nothing where there is no such bank."""
        row = await self._banks.find_one({"_id": bank}, _STATED, session=session)
        if row is None:
            return None
        began = city_date((row.get("stated") or {}).get("since") or row["added_at"])
        last_on = await self._last_on(row, session)
        return Activity(state_of(row), began if last_on is None else max(began, last_on))

    async def open_accounts(self, bank: str, *, session: Session) -> int:
        """Count a bank's custody accounts that were opened and not closed."""
        of_bank = {"_id": {"$gt": f"{bank}|", "$lt": f"{bank}}}"}, "account_kind": "custody"}
        found = self._db["accounts"].find(of_bank, {"_id": 1}, session=session)
        keys = [row["_id"] async for row in found]
        standings = await self._histories.standings(keys, session=session)
        return sum(not standing.closed for standing in standings.values())

    async def unexplained(self, bank: str, *, session: Session) -> list[Row]:
        """Count a bank's differences that nobody has explained, by city day, kind and owner."""
        found_on = {"format": "%Y-%m-%d", "date": "$found_at", "timezone": CITY_TIME.key}
        together: Row = {
            "_id": {"on": {"$dateToString": found_on}, "kind": "$kind", "owner": "$owner"},
            "count": {"$sum": 1},
            "events": {"$firstN": {"input": "$event", "n": _MOST_NAMED}},
        }
        asked: list[Row] = [
            {"$match": {"bank": bank, "state": "open"}},
            {"$sort": {"_id": 1}},
            {"$group": together},
            {"$sort": {"_id": 1}},
        ]
        return await (await self._db[DIFFERENCES].aggregate(asked, session=session)).to_list()

    async def mark_all(self) -> int:
        """Have every bank judged again whose state lets it send; return how many."""
        live = self._banks.find({"state": {"$in": ["live", None]}}, {"_id": 1})
        marks = [judge_again(row["_id"]) async for row in live]
        if marks:
            await self._db["to_judge"].bulk_write(marks, ordered=False)
        return len(marks)

    async def _last_on(self, row: Row, session: Session) -> date | None:
        told = row.get("last_sent_on")
        if told is not None:
            return date.fromisoformat(told)
        # A bank of before this was noted: what it was told last came of what it sent last.
        last = await self._db[OUTCOME_STREAM.documents].find_one(
            {"bank": row["_id"], "last": {"$gt": 0}},
            {"told_at": 1},
            sort=[("last", -1)],
            session=session,
        )
        return None if last is None else city_date(last["told_at"])

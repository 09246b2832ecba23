"""Banks' feeds are followed by their numbered outcomes, outside the transactions that post.

Outcomes have an order that never skips, so that a place in it says all that was looked at. What is
read there is which numbers came, and of which days of which accounts something changed.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from pymongo import UpdateOne

from services.fund_monitor.domain.banks.feed import FeedDeclaration, declared_on
from services.fund_monitor.domain.banks.feed_numbers import Numbered
from services.fund_monitor.domain.banks.identity import account_key, identity_of
from services.fund_monitor.domain.statements.reconciliation import ACCOUNT_KINDS, NUMBER_KINDS, Kind
from services.fund_monitor.store.banks.banks import BANKS
from services.fund_monitor.store.banks.feed_days import DAYS
from services.fund_monitor.store.banks.feed_declarations import FOLLOWED
from services.fund_monitor.store.banks.feed_gaps import HEADS, Count, FeedGapStore
from services.fund_monitor.store.banks.feed_number_owners import FeedNumberOwners
from services.fund_monitor.store.banks.told import OUTCOME_STREAM, ToldBook
from services.fund_monitor.store.statements.differences import DIFFERENCES, DifferenceStore
from shared.city_time import city_date
from shared.messaging.topology import BANK_INTAKE
from shared.mongo import Database, Row, Session, transact

_AT_ONCE: Final = 1_000
_MOST_LETTERS: Final = 100
_RECORDED: Final = ("posted", "parked", "set_aside")
"""What has a number for itself: an event that was refused leaves its own to the corrected one."""
_OF_FEEDS: Final[list[Kind]] = [*NUMBER_KINDS, *ACCOUNT_KINDS]


class FeedsFollowed:
    """How far each declared feed was followed; several processes may follow beside each other."""

    def __init__(self, db: Database, gaps: FeedGapStore, differences: DifferenceStore) -> None:
        self._db = db
        self._rows = db[FOLLOWED]
        self._gaps = gaps
        self._differences = differences
        self._owners = FeedNumberOwners(db)
        self._outcomes = ToldBook(db, OUTCOME_STREAM)

    async def banks(self) -> list[str]:
        """Return the banks that have declared something."""
        return [row["_id"] async for row in self._rows.find({}, {"_id": 1}).sort("_id")]

    async def caught_up(self) -> bool:
        """Tell whether everything posted by now has been followed, and every day looked at."""
        unnumbered = await self._db[OUTCOME_STREAM.documents].find_one(
            {"waiting": True}, {"_id": 1}
        )
        unseen = await self._db[DAYS].find_one({"touched": {"$gt": 0}}, {"_id": 1})
        return unnumbered is None and unseen is None

    async def follow(
        self, bank: str, declarations: Sequence[FeedDeclaration], *, now: datetime
    ) -> int:
        """Follow a bank's feed some way; return how many outcomes were looked at."""
        row = await self._rows.find_one({"_id": bank})
        if row is None:
            return 0
        if not row["cleared"]:
            await self._clear(bank, now)
        place: int = row["place"]
        outcomes = await self._outcomes.after(bank, place, limit=_AT_ONCE)
        if not outcomes:
            return 0
        found = _sorted_out(bank, outcomes, declarations, await self._identity_fields(bank))

        async def write(session: Session) -> int:
            moved = await self._rows.update_one(
                {"_id": bank, "place": place, "cleared": True},
                {"$set": {"place": outcomes[-1]["place"]}},
                session=session,
            )
            # Another process, or another declaration, was here first: it goes on from there.
            if not moved.modified_count:
                return len(outcomes)
            await self._take_numbers(found, now=now, session=session)
            touched = [_touch(bank, *day) for day in sorted(found.days)]
            if touched:
                await self._db[DAYS].bulk_write(touched, ordered=False, session=session)
            return len(outcomes)

        return await transact(self._db, write)

    async def _take_numbers(self, found: "_Found", *, now: datetime, session: Session) -> None:
        for count, numbers in found.numbers.items():
            await self._gaps.take(count, numbers, now=now, session=session)
        for count, numbered in found.numbered.items():
            await self._owners.take(count, numbered, now=now, session=session)

    async def held_by_us(self) -> set[str]:
        """Return the banks of which a message lies in the dead letters: its numbers came to us."""
        kept = {"stream": BANK_INTAKE.name, "state": {"$ne": "replayed"}}
        found = (
            self._db["dead_letters"].find(kept, {"body": 1}).sort("_id", -1).limit(_MOST_LETTERS)
        )
        banks = {_bank_of(row["body"]) async for row in found}
        return {bank for bank in banks if bank is not None}

    async def days_to_ask_for(self, bank: str, today: date) -> list[date]:
        """Return the days up to today of which it was not asked yet whether balances came."""
        row = await self._rows.find_one({"_id": bank}, {"asked_to": 1})
        told = None if row is None else row.get("asked_to")
        if told is None:
            # What was to come before anybody asked is not missed.
            told = (today - timedelta(days=1)).isoformat()
            await self.ask_for(bank, date.fromisoformat(told), ())
        first = date.fromisoformat(told) + timedelta(days=1)
        return [first + timedelta(days=each) for each in range((today - first).days + 1)]

    async def ask_for(self, bank: str, day: date, accounts: Iterable[str]) -> None:
        """Let a day of some accounts be looked at, whether or not anything happened on it."""
        touched = [_touch(bank, account, day.isoformat()) for account in sorted(accounts)]
        if touched:
            await self._db[DAYS].bulk_write(touched, ordered=False)
        await self._rows.update_one({"_id": bank}, {"$set": {"asked_to": day.isoformat()}})

    async def _identity_fields(self, bank: str) -> list[str]:
        row = await self._db[BANKS].find_one({"_id": bank}, {"identity_fields": 1})
        return [] if row is None else list(row["identity_fields"])

    async def _clear(self, bank: str, now: datetime) -> None:
        """Forget what an earlier declaration led to; a repeat does no harm."""
        await self._db[HEADS].delete_many({"bank": bank})
        await self._db[DAYS].delete_many({"bank": bank})
        await self._owners.forget(bank)
        mine: Row = {"bank": bank, "kind": {"$in": _OF_FEEDS}}
        differences = self._db[DIFFERENCES]
        await differences.delete_many({**mine, "state": "waiting"})
        await differences.update_many({**mine, "missing": True}, {"$unset": {"missing": ""}})
        await self._differences.close(bank, _OF_FEEDS, by="declaration", now=now)
        await self._rows.update_one({"_id": bank, "place": 0}, {"$set": {"cleared": True}})


@dataclass(slots=True)
class _Found:
    numbers: defaultdict[Count, set[int]] = field(default_factory=lambda: defaultdict(set))
    numbered: defaultdict[Count, list[Numbered]] = field(default_factory=lambda: defaultdict(list))
    days: set[tuple[str, str]] = field(default_factory=set)


def _sorted_out(
    bank: str,
    outcomes: Iterable[Row],
    declarations: Sequence[FeedDeclaration],
    declared_identity: Sequence[str],
) -> _Found:
    """Return the numbers that came by their counts, and the days of accounts that changed."""
    found = _Found()
    for outcome in outcomes:
        day = city_date(outcome.get("occurred_at") or outcome["told_at"])
        declared = declared_on(declarations, day)
        if declared is None:
            continue
        account_no = outcome.get("account_no")
        if account_no is not None and outcome["status"] != "refused":
            found.days.add((account_key(bank, account_no), day.isoformat()))
        count = _count(declared, account_no)
        # An event that was refused came all the same: its number is not missing.
        if count is not None and "feed_no" in outcome:
            found.numbers[count].add(int(outcome["feed_no"]))
            if outcome["status"] in _RECORDED:
                found.numbered[count].append(_numbered(bank, outcome, declared_identity))
    return found


def _numbered(bank: str, outcome: Row, declared_identity: Sequence[str]) -> Numbered:
    event = identity_of(bank, outcome, declared=declared_identity)
    return Numbered(int(outcome["feed_no"]), event, outcome.get("first_feed_no"))


def _bank_of(body: bytes) -> str | None:
    """Return the bank that a message names, if it can be read that far."""
    try:
        read = json.loads(body)
    except ValueError:
        return None
    bank = read.get("bank") if isinstance(read, dict) else None
    return bank if isinstance(bank, str) else None


def _count(declared: FeedDeclaration, account_no: str | None) -> Count | None:
    name = declared.count_of(account_no)
    if name is None:
        return None
    own = declared.numbering == "per_account" and account_no is not None
    return Count(
        name=name,
        bank=declared.bank,
        account=account_key(declared.bank, account_no) if own and account_no else None,
        first_no=declared.first_no,
        grace=declared.grace,
    )


def _touch(bank: str, account: str, day: str) -> UpdateOne:
    made: dict[str, Any] = {"bank": bank, "account": account, "day": day}
    return UpdateOne(
        {"_id": f"{account}|{day}"}, {"$inc": {"touched": 1}, "$setOnInsert": made}, upsert=True
    )

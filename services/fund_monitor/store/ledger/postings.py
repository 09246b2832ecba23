"""The ledger's write side: a batch of events becomes identities, entries and balances at once."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

from pymongo import InsertOne, UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError

from services.fund_monitor.domain.banks.intake import Received, Refused
from services.fund_monitor.domain.ledger.posting import SLOTS, Event
from services.fund_monitor.store.banks.outcomes import outcome_of_received, outcome_of_refused
from services.fund_monitor.store.banks.told import OUTCOME_STREAM, documents_of
from services.fund_monitor.store.ledger.batch import Account, Batch
from services.fund_monitor.store.ledger.posted import entries_of
from services.fund_monitor.store.ledger.unallocated import allocations_of
from services.fund_monitor.store.rows import (
    conflict_row,
    event_of,
    outcome_of,
    refused_row,
    unstorable_row,
)
from shared.audit.log import AuditLog
from shared.city_time import city_month
from shared.ids import new_id
from shared.marks import mark
from shared.mongo import Database, Row, Session, only_duplicates, transact

_RACES_ALLOWED = 8
_CONFLICT = "此标识的事件已经收到且内容不同；本次内容已留存备查，不会入账"


class PostingStore:
    """Posts batches. Which order events come in, and how often, changes nothing."""

    def __init__(self, db: Database, audit: AuditLog) -> None:
        self._db = db
        self._audit = audit

    async def post(self, received: Sequence[Received]) -> None:
        """Post a batch in one transaction; two processes that race for an event both succeed."""
        await self._race(lambda session: self._post(session, received))

    async def add_refused(self, refused: Sequence[Refused]) -> None:
        """Keep what the door refused, once per bank and digest, and tell the bank so as often."""
        rows = {row["_id"]: (row, one) for one in refused for row in [refused_row(one)]}

        async def write(session: Session) -> None:
            kept = await self._kept(session, "refused", rows)
            fresh = [found for key, found in rows.items() if key not in kept]
            if fresh:
                await self._db["refused"].insert_many([row for row, _ in fresh], session=session)
                told = documents_of(OUTCOME_STREAM, (outcome_of_refused(one) for _, one in fresh))
                await self._db[OUTCOME_STREAM.documents].insert_many(told, session=session)

        if rows:
            await self._race(write)

    async def set_aside(self, received: Received, *, reason: str) -> None:
        """Keep an event that the store itself refuses, outside the ledger's collections."""
        row = unstorable_row(received, reason=reason)

        async def write(session: Session) -> None:
            if await self._kept(session, "unstorable", [row["_id"]]):
                return
            await self._db["unstorable"].insert_one(row, session=session)
            set_aside = outcome_of_received(received, "set_aside", reason)
            told = documents_of(OUTCOME_STREAM, [set_aside])
            await self._db[OUTCOME_STREAM.documents].insert_many(told, session=session)

        await self._race(write)

    async def _race(self, work: Callable[[Session], Awaitable[None]]) -> None:
        for race in range(_RACES_ALLOWED):
            try:
                await transact(self._db, work)
            except (DuplicateKeyError, BulkWriteError) as error:
                if not _lost_a_race(error) or race == _RACES_ALLOWED - 1:
                    raise
                await asyncio.sleep(0.02 * race)
            else:
                return

    async def _kept(self, session: Session, collection: str, ids: Iterable[str]) -> set[str]:
        found = self._db[collection].find({"_id": {"$in": list(ids)}}, {"_id": 1}, session=session)
        return {row["_id"] async for row in found}

    async def _post(self, session: Session, received: Sequence[Received]) -> None:
        known = await self._known(session, received)
        fresh, conflicts, renumbered = _sorted_out(received, known)
        accounts = await self._accounts(session, {one.event.account for one in fresh.values()})
        in_play = await self._in_play(session, fresh, accounts)
        posting = new_id()
        rows = known | in_play
        allocations = await allocations_of(self._db, _reversed(fresh, rows), session=session)
        batch = Batch(posting, fresh, rows, accounts, allocations)
        in_play_of: defaultdict[str, list[Event]] = defaultdict(list)
        for row in in_play.values():
            in_play_of[row["account"]].append(event_of(row))
        for account in accounts.values():
            batch.settle(account, in_play_of[account.key])
        traces = {(one.event.identity, one.digest): one.trace for one in received if one.trace}
        told = [*batch.told, *await self._conflicting(session, received, conflicts)]
        for one, first_no in renumbered:
            stands = batch.outcomes.get(one.event.identity) or outcome_of(rows[one.event.identity])
            row = outcome_of_received(one, stands.state, stands.reason)
            told.append(row if first_no is None else {**row, "first_feed_no": first_no})
        documents = documents_of(OUTCOME_STREAM, told)
        batch.writes[OUTCOME_STREAM.documents].extend(InsertOne(row) for row in documents)
        await self._write(session, batch, conflicts, traces)
        await self._audit.record(*entries_of(posting, fresh, conflicts), session=session)

    async def _conflicting(
        self, session: Session, received: Sequence[Received], conflicts: Sequence[Row]
    ) -> list[Row]:
        """Return what is told of the conflicts that came for the first time."""
        if not conflicts:
            return []
        kept = await self._kept(session, "conflicts", [row["_id"] for row in conflicts])
        bodies = {f"{one.event.identity}#{one.digest}": one for one in received}
        return [
            outcome_of_received(bodies[row["_id"]], "conflict", _CONFLICT)
            for row in conflicts
            if row["_id"] not in kept
        ]

    async def _known(self, session: Session, received: Sequence[Received]) -> dict[str, Row]:
        """Look identities up first: in a transaction one duplicate key would abort everything."""
        wanted = {one.event.identity for one in received}
        wanted |= {one.event.reverses for one in received if one.event.reverses}
        found = self._db["events"].find({"_id": {"$in": list(wanted)}}, session=session)
        return {row["_id"]: row async for row in found}

    async def _accounts(self, session: Session, keys: set[str]) -> dict[str, Account]:
        found = self._db["accounts"].find({"_id": {"$in": list(keys)}}, session=session)
        rows = {row["_id"]: row async for row in found}
        return {key: Account(key, rows.get(key)) for key in keys}

    async def _in_play(
        self, session: Session, fresh: dict[str, Received], accounts: dict[str, Account]
    ) -> dict[str, Row]:
        """Load the recorded events whose outcome the fresh ones may change."""
        events = [one.event for one in fresh.values()]
        opening = {e.account for e in events if e.type == "account_opened"}
        slots = [{"account": e.account, "slot": e.type} for e in events if e.type in SLOTS] + [
            {"account": key, "state": "parked"} for key in opening if not accounts[key].opened
        ]
        found = await self._find(session, slots)
        originals = {e.reverses for e in events if e.reverses}
        originals |= set(found)
        originals |= {row["reverses"] for row in found.values() if row.get("reverses")}
        originals |= {
            e.identity for e in events if (accounts[e.account].row or {}).get("reversals", 0)
        }
        if originals:
            found |= await self._find(session, [{"reverses": {"$in": list(originals)}}])
        return found

    async def _find(self, session: Session, either: list[Row]) -> dict[str, Row]:
        if not either:
            return {}
        rows = self._db["events"].find({"$or": either}, session=session)
        return {row["_id"]: row async for row in rows}

    async def _write(
        self,
        session: Session,
        batch: Batch,
        conflicts: Iterable[Row],
        traces: Mapping[tuple[str, str], str],
    ) -> None:
        marks = batch.marks()
        for conflict in conflicts:
            batch.writes["conflicts"].append(
                UpdateOne({"_id": conflict["_id"]}, {"$setOnInsert": conflict}, upsert=True)
            )
            trace = traces.get((conflict["identity"], conflict["digest"]))
            steps = [] if trace is None else [trace]
            marks.append(
                mark("bank", conflict["bank"], conflict["month"], [conflict["_id"]], steps)
            )
        batch.writes["to_judge"].extend(marks)
        for each in (batch.effects.writes(), batch.unallocated.writes()):
            for collection, writes in each.items():
                batch.writes[collection].extend(writes)
        # Two processes on one partition meet at the accounts: who is late learns it there at once.
        for collection in sorted(batch.writes, key=lambda name: name != "accounts"):
            if writes := batch.writes[collection]:
                await self._db[collection].bulk_write(writes, ordered=False, session=session)


def _sorted_out(
    received: Sequence[Received], known: dict[str, Row]
) -> tuple[dict[str, Received], list[Row], list[tuple[Received, object]]]:
    """Tell fresh events from repeats, and from other bodies under a taken identity.

    A repeat is nothing new, unless the bank has given it another number of its feed: then it comes
    with the number that is recorded, if there is one.
    """
    fresh: dict[str, Received] = {}
    conflicts: dict[str, Row] = {}
    renumbered: list[tuple[Received, object]] = []
    for one in received:
        identity = one.event.identity
        if identity in known:
            row = known[identity]
            kept, occurred_at = row["digest"], row["occurred_at"]
            number = row["body"].get("feed_no")
        elif identity in fresh:
            kept, occurred_at = fresh[identity].digest, fresh[identity].event.occurred_at
            number = fresh[identity].body.get("feed_no")
        else:
            fresh[identity] = one
            continue
        if kept != one.digest:
            month = city_month(occurred_at)
            row = conflict_row(one, kept=kept, kept_occurred_at=occurred_at, month=month)
            conflicts[row["_id"]] = row
        elif one.body.get("feed_no", number) != number:
            renumbered.append((one, number))
    return fresh, list(conflicts.values()), renumbered


def _reversed(fresh: Mapping[str, Received], rows: Mapping[str, Row]) -> list[str]:
    """Return the originals of all reversals: whoever reverses nothing has nothing to ask."""
    originals = {one.event.reverses for one in fresh.values()}
    originals |= {row.get("reverses") for row in rows.values()}
    return sorted(name for name in originals if name is not None)


def _lost_a_race(error: DuplicateKeyError | BulkWriteError) -> bool:
    return isinstance(error, DuplicateKeyError) or only_duplicates(error)

"""The ledger's write side: a batch of events becomes identities, entries and balances at once."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pymongo import DeleteOne, InsertOne, UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError

from services.fund_monitor.domain.intake import Received, Refused
from services.fund_monitor.domain.posting import (
    SLOTS,
    Event,
    Line,
    Outcome,
    lines_of,
    resolve,
)
from services.fund_monitor.store.marks import FROM_THE_BEGINNING, mark
from services.fund_monitor.store.rows import (
    conflict_row,
    entry_row,
    event_of,
    event_row,
    month_of_moment,
    outcome_fields,
    outcome_of,
)
from shared.city_time import city_date
from shared.mongo import Database, Row, Session, transact

_DUPLICATE_KEY = 11000
_RACES_ALLOWED = 8

Write = InsertOne[Row] | UpdateOne | DeleteOne


@dataclass(slots=True)
class _Account:
    """An account while a batch is posted: what was known of it, and what the batch adds."""

    key: str
    row: Row | None
    opening: Event | None = None
    opening_body: Row | None = None
    totals: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    days: dict[str, list[int]] = field(default_factory=dict)
    causes: list[str] = field(default_factory=list)
    months: set[str] = field(default_factory=set)

    @property
    def opened(self) -> bool:
        return self.row is not None and self.row.get("opened_by") is not None

    @property
    def institution(self) -> str | None:
        return None if self.row is None else self.row.get("institution_code")


class PostingStore:
    """Posts batches. Which order events come in, and how often, changes nothing."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def post(self, received: Sequence[Received]) -> None:
        """Post a batch in one transaction; two processes that race for an event both succeed."""
        for race in range(_RACES_ALLOWED):
            try:
                await transact(self._db, lambda session: self._post(session, received))
            except (DuplicateKeyError, BulkWriteError) as error:
                if not _lost_a_race(error) or race == _RACES_ALLOWED - 1:
                    raise
                await asyncio.sleep(0.02 * race)
            else:
                return

    async def add_refused(self, refused: Sequence[Refused]) -> None:
        """Keep what the door refused, once per bank and digest."""
        writes = [
            UpdateOne(
                {"_id": f"{one.bank}#{one.digest}"},
                {
                    "$setOnInsert": {
                        "bank": one.bank,
                        "digest": one.digest,
                        "problems": [dict(problem) for problem in one.problems],
                        "known": dict(one.known),
                        "unknown_fields": list(one.unknown_fields),
                        "received_at": one.received_at,
                    }
                },
                upsert=True,
            )
            for one in refused
        ]
        if writes:
            await self._db["refused"].bulk_write(writes, ordered=False)

    async def set_aside(self, received: Received, *, reason: str) -> None:
        """Keep an event that the store itself refuses, outside the ledger's collections."""
        await self._db["unstorable"].update_one(
            {"_id": received.event.identity},
            {
                "$setOnInsert": {
                    "bank": received.bank,
                    "account": received.event.account,
                    "serial_no": received.serial_no,
                    "digest": received.digest,
                    "body": {name: str(value) for name, value in received.body.items()},
                    "reason": reason,
                    "received_at": received.received_at,
                }
            },
            upsert=True,
        )

    async def _post(self, session: Session, received: Sequence[Received]) -> None:
        known = await self._known(session, received)
        fresh, conflicts = _sorted_out(received, known)
        accounts = await self._accounts(session, {one.event.account for one in fresh.values()})
        in_play = await self._in_play(session, fresh, accounts)
        batch = _Batch(fresh, known | in_play, accounts)
        in_play_of: defaultdict[str, list[Event]] = defaultdict(list)
        for row in in_play.values():
            in_play_of[row["account"]].append(event_of(row))
        for account in accounts.values():
            batch.settle(account, in_play_of[account.key])
        await self._write(session, batch, conflicts)

    async def _known(self, session: Session, received: Sequence[Received]) -> dict[str, Row]:
        """Look identities up first: in a transaction one duplicate key would abort everything."""
        wanted = {one.event.identity for one in received}
        wanted |= {one.event.reverses for one in received if one.event.reverses}
        found = self._db["events"].find({"_id": {"$in": list(wanted)}}, session=session)
        return {row["_id"]: row async for row in found}

    async def _accounts(self, session: Session, keys: set[str]) -> dict[str, _Account]:
        found = self._db["accounts"].find({"_id": {"$in": list(keys)}}, session=session)
        rows = {row["_id"]: row async for row in found}
        return {key: _Account(key, rows.get(key)) for key in keys}

    async def _in_play(
        self, session: Session, fresh: dict[str, Received], accounts: dict[str, _Account]
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

    async def _write(self, session: Session, batch: "_Batch", conflicts: Iterable[Row]) -> None:
        marks = batch.marks()
        for conflict in conflicts:
            batch.writes["conflicts"].append(
                UpdateOne({"_id": conflict["_id"]}, {"$setOnInsert": conflict}, upsert=True)
            )
            marks.append(mark("bank", conflict["bank"], conflict["month"], [conflict["_id"]]))
        batch.writes["to_judge"].extend(marks)
        for collection, writes in batch.writes.items():
            if writes:
                await self._db[collection].bulk_write(writes, ordered=False, session=session)


class _Batch:
    """What one transaction will write."""

    def __init__(
        self,
        fresh: dict[str, Received],
        rows: dict[str, Row],
        accounts: dict[str, _Account],
    ) -> None:
        self._fresh = fresh
        self._rows = rows
        self._accounts = accounts
        self._known = {key: (event_of(row), outcome_of(row)) for key, row in rows.items()}
        self.writes: defaultdict[str, list[Any]] = defaultdict(list)
        self._mine: defaultdict[str, list[Event]] = defaultdict(list)
        for one in fresh.values():
            self._mine[one.event.account].append(one.event)

    def settle(self, account: _Account, in_play: Sequence[Event]) -> None:
        """Decide every event in play of one account, and write what changes."""
        events = {event.identity: event for event in (*self._mine[account.key], *in_play)}
        outcomes = resolve(events.values(), opened=account.opened, known=self._known)
        # What falls is written before what stands: both may touch one original.
        for identity in sorted(outcomes, key=lambda key: outcomes[key].state == "posted"):
            self._change(account, events[identity], outcomes[identity], events)
        self._write_account(account)

    def _change(
        self, account: _Account, event: Event, outcome: Outcome, events: dict[str, Event]
    ) -> None:
        fresh = self._fresh.get(event.identity)
        before = None if fresh else outcome_of(self._rows[event.identity])
        if before == outcome:
            return
        if fresh:
            self.writes["events"].append(InsertOne(event_row(fresh, outcome)))
        else:
            self.writes["events"].append(
                UpdateOne({"_id": event.identity}, {"$set": outcome_fields(outcome)})
            )
        account.totals["parked"] += (outcome.state == "parked") - (
            before is not None and before.state == "parked"
        )
        account.totals["reversals"] += fresh is not None and event.reverses is not None
        was, now = before is not None and before.state == "posted", outcome.state == "posted"
        if was != now:
            self._stand(account, event, events, standing=now)

    def _stand(
        self, account: _Account, event: Event, events: dict[str, Event], *, standing: bool
    ) -> None:
        """Give a posted event its effect, or take it back from one that no longer stands."""
        body = self._body(event)
        if event.type == "account_opened" and standing:
            account.opening, account.opening_body = event, body
        original = None
        if event.reverses is not None:
            original = events.get(event.reverses) or self._known[event.reverses][0]
        lines = lines_of(event, original)
        if not lines:
            return
        day = city_date(event.occurred_at).isoformat()
        account.causes.append(event.identity)
        account.months.add(month_of_moment(day))
        if standing:
            self.writes["entries"].append(InsertOne(entry_row(event, lines, body, day)))
        else:
            self.writes["entries"].append(DeleteOne({"_id": event.identity}))
        if original is not None:
            self.writes["entries"].append(
                UpdateOne({"_id": original.identity}, {"$set": {"reversed": standing}})
            )
            account.months.add(month_of_moment(city_date(original.occurred_at).isoformat()))
        _add(account, event, lines, day, sign=1 if standing else -1)

    def _body(self, event: Event) -> Row:
        fresh = self._fresh.get(event.identity)
        return dict(fresh.body) if fresh else dict(self._rows[event.identity]["body"])

    def _write_account(self, account: _Account) -> None:
        """Touch the account with every batch, so that two processes cannot miss each other."""
        update: Row = {"$inc": {"version": 1, **account.totals}}
        bank, _, account_no = account.key.partition("|")
        update["$setOnInsert"] = {"bank": bank, "account_no": account_no}
        if account.opening is not None and account.opening_body is not None:
            update["$set"] = {
                "opened_by": account.opening.identity,
                **{
                    name: account.opening_body[name]
                    for name in ("institution_code", "account_kind", "account_name", "agreement_no")
                },
            }
        self.writes["accounts"].append(UpdateOne({"_id": account.key}, update, upsert=True))
        for day, (balance, unconsumed) in account.days.items():
            self.writes["day_totals"].append(
                UpdateOne(
                    {"_id": f"{account.key}|{day}"},
                    {
                        "$inc": {"balance_fen": balance, "unconsumed_fen": unconsumed},
                        "$setOnInsert": {"account": account.key, "day": day},
                    },
                    upsert=True,
                )
            )

    def marks(self) -> list[UpdateOne]:
        """Return the marks that make the judge look again."""
        found: list[UpdateOne] = []
        for account in self._accounts.values():
            new: str | None = (account.opening_body or {}).get("institution_code")
            changed = new is not None and new != account.institution
            if not account.months and not changed:
                continue
            month = FROM_THE_BEGINNING if changed else min(account.months)
            causes = account.causes[:20] or [account.key]
            codes = {code for code in (new, account.institution) if code is not None}
            found.extend(mark("institution", code, month, causes) for code in sorted(codes))
        return found


def _add(account: _Account, event: Event, lines: Iterable[Line], day: str, *, sign: int) -> None:
    balance = sign * sum(line.fen for line in lines if line.book == "bank")
    unconsumed = -sign * sum(line.fen for line in lines if line.book == "prepaid")
    account.totals["balance_fen"] += balance
    account.totals["unconsumed_fen"] += unconsumed
    account.totals[f"by_type.{event.type}"] += balance
    total = account.days.setdefault(day, [0, 0])
    total[0] += balance
    total[1] += unconsumed


def _sorted_out(
    received: Sequence[Received], known: dict[str, Row]
) -> tuple[dict[str, Received], list[Row]]:
    """Tell fresh events from repeats, and from other bodies under a taken identity."""
    fresh: dict[str, Received] = {}
    conflicts: dict[str, Row] = {}
    for one in received:
        identity = one.event.identity
        if identity in known:
            row = known[identity]
            kept, occurred_at = row["digest"], row["occurred_at"]
        elif identity in fresh:
            kept, occurred_at = fresh[identity].digest, fresh[identity].event.occurred_at
        else:
            fresh[identity] = one
            continue
        if kept != one.digest:
            day = city_date(occurred_at).isoformat()
            row = conflict_row(one, kept=kept, kept_occurred_at=occurred_at, day=day)
            conflicts[row["_id"]] = row
    return fresh, list(conflicts.values())


def _lost_a_race(error: DuplicateKeyError | BulkWriteError) -> bool:
    if isinstance(error, DuplicateKeyError):
        return True
    written = (error.details or {}).get("writeErrors", [])
    return bool(written) and all(one["code"] == _DUPLICATE_KEY for one in written)

"""The last version of each state on the bus is the store's, at its maker and at its readers."""

import asyncio
import json

from deploy.proof.check import Check
from deploy.proof.places import Moment, Places
from deploy.proof.streams import Stored
from services.ads_watch.store.states import STATES as ADS_WATCH
from services.fund_monitor.store.states import STATES as FUND_MONITOR
from services.registry.store.states import STATES as REGISTRY
from services.schedule_monitor.store.states import STATES as SCHEDULE_MONITOR
from shared.messaging.topology import stream_named
from shared.mongo import Database
from shared.states import StateRecord

# A service with a state of its own, or a replica of another's, is one line here.
STATES: dict[str, tuple[StateRecord, ...]] = {
    "registry": REGISTRY,
    "schedule_monitor": SCHEDULE_MONITOR,
    "fund_monitor": FUND_MONITOR,
    "ads_watch": ADS_WATCH,
}

_TRIES = 5
_BETWEEN_TRIES_SECONDS = 0.3
_ROWS_AT_ONCE = 32


async def check_states(places: Places, moment: Moment) -> list[Check]:
    """Compare every state of every service; states are compared as they are now, not by day."""
    checks = []
    for service, records in STATES.items():
        for record in records:
            subject = _Subject(service, record, places, moment)
            checks.append(await (subject.check() if record.reader is None else subject.replica()))
    return checks


class _Subject:
    """One state of one service on its way through the comparison."""

    def __init__(self, service: str, record: StateRecord, places: Places, moment: Moment) -> None:
        self._record = record
        self._streams = places.streams
        self._db: Database = places.databases[service]
        self._rows = self._db[record.collection]
        self._stream = stream_named(record.channel.stream)
        self._last = moment.bounds[self._stream.name].last
        self._floor = moment.floors.get(record.reader or "", 0)
        self._name = f"{service}.{record.collection}"

    async def check(self) -> Check:
        """Compare the record with the stream, both ways."""
        check = Check(f"state-{self._name}", f"{self._name} ↔ 流 {self._stream.name}")
        identifiers: list[str] = []
        async for row in self._rows.find({}, {"_id": 1}).sort("_id"):
            identifiers.append(row["_id"])
            if len(identifiers) == _ROWS_AT_ONCE:
                await self._agree(identifiers, check)
                identifiers = []
        await self._agree(identifiers, check)
        async for messages in self._streams.read(self._stream, start=1, last=self._last):
            mine = self._mine(messages)
            known = await self._versions(list(mine))
            for identifier, message in mine.items():
                if identifier not in known:
                    check.gaps.add(f"{self._place(message)}：数据库中没有 {identifier}")
        return check

    async def replica(self) -> Check:
        """Compare the stream with what a reader has made of it; it may be ahead, never behind."""
        check = Check(f"replica-{self._name}", f"流 {self._stream.name} → {self._name}")
        async for messages in self._streams.read(self._stream, start=1, last=self._last):
            mine = self._mine(messages)
            known = await self._versions(list(mine))
            for identifier, message in mine.items():
                check.checked += 1
                version = _version_of(message)
                if known.get(identifier, 0) >= version:
                    continue
                line = f"{self._place(message)}：{identifier} 应为第 {version} 版"
                if message.sequence > self._floor:
                    check.pending.add(f"{line}，尚未处理完")
                elif not await self._set_aside(message):
                    check.gaps.add(f"{line}，数据库中为第 {known.get(identifier, 0)} 版")
        return check

    def _mine(self, messages: list[Stored]) -> dict[str, Stored]:
        """Return the messages of this state: a stream may carry several."""
        start = self._record.subject_of("")
        return {
            self._record.id_of(message.subject): message
            for message in messages
            if message.subject.startswith(start)
        }

    def _place(self, message: Stored) -> str:
        return f"{self._stream.name} 第 {message.sequence} 条"

    async def _versions(self, identifiers: list[str]) -> dict[str, int]:
        asked = {"_id": {"$in": identifiers}}
        found = self._rows.find(asked, {"version": 1})
        return {row["_id"]: row["version"] async for row in found}

    async def _set_aside(self, message: Stored) -> bool:
        letter = {"_id": f"{self._stream.name}:{message.sequence}"}
        return await self._db["dead_letters"].find_one(letter, {"_id": 1}) is not None

    async def _agree(self, identifiers: list[str], check: Check) -> None:
        await asyncio.gather(*(self._agree_on(identifier, check) for identifier in identifiers))

    async def _agree_on(self, identifier: str, check: Check) -> None:
        """Look again for a while: record, outbox and stream do not stand still for us."""
        check.checked += 1
        subject = self._record.subject_of(identifier)
        kept = sent = 0
        for _ in range(_TRIES):
            unsent = {"subject": subject, "sent_at": None}
            waits = await self._db["outbox"].find_one(unsent, {"_id": 1}) is not None
            message = await self._streams.last_of(self._stream.name, subject)
            kept = (await self._versions([identifier])).get(identifier, 0)
            sent = 0 if message is None else _version_of(message)
            if kept == sent:
                return
            if waits:
                check.pending.add(f"{subject}：第 {kept} 版尚未发出")
                return
            await asyncio.sleep(_BETWEEN_TRIES_SECONDS)
        check.gaps.add(f"{subject}：数据库中为第 {kept} 版，流中为第 {sent} 版")


def _version_of(message: Stored) -> int:
    return int(json.loads(message.body)["data"]["version"])

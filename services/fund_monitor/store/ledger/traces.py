"""Where each event of the intake has left its trace, read for the proof that none is lost."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from services.fund_monitor.domain.ledger.trace import Trace
from shared.messaging.topology import BANK_INTAKE
from shared.mongo import Database, Row

_AT_ONCE = 2_000
_OF_EVENTS = ("events", "unstorable")


class TraceStore:
    """The collections in which an event of a bank can end."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def kept(self, traces: Sequence[Trace]) -> set[Trace]:
        """Return those of some traces that the store has, with the body they were told with."""
        kept: set[Trace] = set()
        for start in range(0, len(traces), _AT_ONCE):
            kept |= await self._kept(traces[start : start + _AT_ONCE])
        return kept

    async def dead(self, sequences: Sequence[int]) -> set[int]:
        """Return those of some messages of the intake that were set aside whole."""
        asked = {f"{BANK_INTAKE.name}:{sequence}": sequence for sequence in sequences}
        found = self._db["dead_letters"].find({"_id": {"$in": list(asked)}}, {"_id": 1})
        return {asked[row["_id"]] async for row in found}

    async def received(self, start: datetime, until: datetime) -> AsyncIterator[Trace]:
        """Return every trace of what was received in a time.

        No index serves this: it would be paid for with each event posted, and a proof is rare.
        """
        asked = {"received_at": {"$gte": start, "$lt": until}}
        for collection in _OF_EVENTS:
            async for row in self._db[collection].find(asked, {"digest": 1}):
                yield Trace("event", row["_id"], row["digest"])
        async for row in self._db["conflicts"].find(asked, {"identity": 1, "digest": 1}):
            yield Trace("event", row["identity"], row["digest"])
        async for row in self._db["refused"].find(asked, {"bank": 1, "digest": 1}):
            yield Trace("refused", row["bank"], row["digest"])

    async def _kept(self, traces: Sequence[Trace]) -> set[Trace]:
        kept: set[Trace] = set()
        events = [trace for trace in traces if trace.kind == "event"]
        identities: Row = {"_id": {"$in": [trace.key for trace in events]}}
        for collection in _OF_EVENTS:
            async for row in self._db[collection].find(identities, {"digest": 1}):
                kept.add(Trace("event", row["_id"], row["digest"]))
        kept |= await self._named("conflicts", [one for one in events if one not in kept])
        kept |= await self._named("refused", [one for one in traces if one.kind == "refused"])
        return kept & set(traces)

    async def _named(self, collection: str, traces: Sequence[Trace]) -> set[Trace]:
        """Look up what is kept under key and digest together."""
        asked = {f"{trace.key}#{trace.digest}": trace for trace in traces}
        found = self._db[collection].find({"_id": {"$in": list(asked)}}, {"_id": 1})
        return {asked[row["_id"]] async for row in found}

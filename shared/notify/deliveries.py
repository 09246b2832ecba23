"""Deliveries: one row for each message and channel, leased while it is tried, kept when done.

A row waits until ``due_at``; a lease is a ``due_at`` in the near future with a token, so that one
whose process died is due again by itself. Everything here runs on the machine's clock.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from pymongo import ASCENDING, IndexModel

from shared.clock import machine_now
from shared.ids import new_id
from shared.mongo import Database, Row, Session, transact
from shared.notify.jobs import enqueue
from shared.notify.model import Job, delay_after
from shared.notify.rows import deliveries_of, job_of, notices_of
from shared.notify.subscriptions import endpoint_of, hold_waiting

LEASE = timedelta(seconds=60)
_AT_ONCE = 50

DELIVERY_INDEXES: Final = {
    "notification_deliveries": [
        IndexModel(
            [("due_at", ASCENDING)],
            name="due",
            partialFilterExpression={"state": "waiting"},
        ),
        IndexModel([("endpoint", ASCENDING), ("made_at", ASCENDING)], name="of_endpoint"),
        IndexModel([("department", ASCENDING), ("_id", ASCENDING)], name="of_department"),
        IndexModel([("state", ASCENDING), ("_id", ASCENDING)], name="of_state"),
    ],
    "notification_subscriptions": [IndexModel([("department", ASCENDING)], name="of_department")],
}


class Deliveries:
    """What is on its way out of one service; several processes may take from it at once."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._rows = db["notification_deliveries"]
        self._notifications = db["notifications"]
        self._subscriptions = db["notification_subscriptions"]

    async def expand(self) -> int:
        """Make the deliveries of notifications that wait; return of how many."""
        found = self._notifications.find({"state": "waiting"}).sort("_id").limit(_AT_ONCE)
        waiting = await found.to_list()
        for row in waiting:
            await self._expand(row)
        return len(waiting)

    async def _expand(self, row: Row) -> None:
        async def work(session: Session) -> None:
            # First, so that of two processes one repeats and finds it done.
            mine = await self._notifications.update_one(
                {"_id": row["_id"], "state": "waiting"},
                {"$set": {"state": "handed_over", "handed_over_at": machine_now()}},
                session=session,
            )
            if mine.modified_count:
                subscribed = self._subscriptions.find(
                    {"department": row["department"]}, session=session
                )
                rows = deliveries_of(row, await subscribed.to_list())
                await self._rows.insert_many(rows, session=session)

        await transact(self._db, work)

    async def lease(self, *, but_not: Sequence[str]) -> Job | None:
        """Take one delivery that is due, of any channel but these; nothing when none is."""
        while True:
            now, token = machine_now(), new_id()
            row = await self._rows.find_one_and_update(
                {"state": "waiting", "due_at": {"$lte": now}, "endpoint": {"$nin": list(but_not)}},
                {"$set": {"due_at": now + LEASE, "lease": token}},
                sort=[("due_at", ASCENDING)],
                return_document=True,
            )
            if row is None:
                return None
            if row["channel"] == "log":
                return job_of(row, {})
            subscription = await self._subscriptions.find_one({"_id": row["endpoint"]})
            if subscription is not None and subscription["disabled_because"] is None:
                return job_of(row, subscription)
            # A replay or an expansion that ran beside the channel's end.
            await self._mark(row["_id"], token, {"state": "held"})

    async def sent(self, job: Job) -> None:
        """Note that the message has arrived."""
        done = {"state": "sent", "sent_at": machine_now(), "attempts": job.attempts + 1}
        await self._mark(job.id, job.lease, done)

    async def failed(self, job: Job, reason: str) -> None:
        """Note why an attempt failed; after the last one it is told to whom it concerns."""
        attempts = job.attempts + 1
        delay = delay_after(attempts)
        noted: Row = {"attempts": attempts, "last_failure": reason}
        if delay is not None:
            await self._mark(job.id, job.lease, {**noted, "due_at": machine_now() + delay})
            return

        async def work(session: Session) -> None:
            if await self._mark(job.id, job.lease, {**noted, "state": "failed"}, session=session):
                await enqueue(self._db, notices_of(job, reason), session=session)

        await transact(self._db, work)

    async def gone(self, job: Job, reason: str) -> None:
        """Disable a channel whose receiver wants no more; what waits for it is held."""

        async def work(session: Session) -> bool:
            # Only the address that said so: it may have been replaced meanwhile.
            disabled = await self._subscriptions.update_one(
                {"_id": endpoint_of(job.department, job.channel), "target": job.target},
                {"$set": {"disabled_because": reason, "changed_at": machine_now()}},
                session=session,
            )
            if disabled.matched_count == 0:
                return False
            noted = {"state": "failed", "attempts": job.attempts + 1, "last_failure": reason}
            await self._mark(job.id, job.lease, noted, session=session)
            await hold_waiting(self._db, endpoint_of(job.department, job.channel), session=session)
            await enqueue(self._db, notices_of(job, reason), session=session)
            return True

        if not await transact(self._db, work):
            await self.failed(job, reason)

    async def _mark(
        self, identifier: str, lease: str, fields: Row, *, session: Session | None = None
    ) -> bool:
        """Write the outcome while the lease is ours; a replay or another process may have it."""
        done = await self._rows.update_one(
            {"_id": identifier, "lease": lease, "state": "waiting"},
            {"$set": {**fields, "lease": None}},
            session=session,
        )
        return done.modified_count == 1

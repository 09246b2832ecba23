"""Alerts in MongoDB: verdicts settled in the judge's transaction, with all that leaves for them."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from typing import ClassVar

from pymongo import InsertOne, ReplaceOne

from shared import outbox
from shared.alerts.changes import Change
from shared.alerts.clocks import Reckoning, with_stopped_clocks
from shared.alerts.inbox import Inbox, Scope
from shared.alerts.judgement import judge_change
from shared.alerts.model import OPEN_STATES, About, Actor, Alert, Applicant, Key, Level, Verdict
from shared.alerts.notices import outgoing
from shared.alerts.reminders import reminders
from shared.alerts.rows import alert_of, key_text, row_of
from shared.alerts.waiting import moved
from shared.contracts.alerts import AlertNotice
from shared.contracts.base import Channel
from shared.errors import Conflict, NotFound
from shared.ids import new_id
from shared.mongo import Database, Row, Session
from shared.notify import jobs
from shared.timers import move_timers


class AlertNotFound(NotFound):
    """There is no such alert, or it was not delivered to the one who asks."""

    code: ClassVar[str] = "alert-not-found"
    title: ClassVar[str] = "没有这条预警"


class AlertChanged(Conflict):
    """The alert is past the version that was acted upon."""

    code: ClassVar[str] = "alert-changed"
    title: ClassVar[str] = "预警已有变化"


# The same words for both cases: nobody learns that another department's alert exists.
_NOT_FOUND = "没有这个编号的预警，或它未送达您所在的部门。"


class AlertStore:
    """The alerts of one service, with everything that leaves it about them."""

    def __init__(
        self,
        db: Database,
        channel: Channel[AlertNotice],
        *,
        committed: Callable[[], None] = lambda: None,
        reckoning: Reckoning | None = None,
    ) -> None:
        self.db = db
        self.committed = committed
        self.reckoning = reckoning or Reckoning()
        self._rows = db["alerts"]
        self._channel = channel

    async def settle(self, session: Session, verdict: Verdict, *, now: datetime) -> Change | None:
        """Write what one verdict changes, and its notices, in the caller's transaction."""
        changes = await self.settle_many(session, [verdict], now=now)
        return changes[0] if changes else None

    async def settle_many(
        self,
        session: Session,
        verdicts: Sequence[Verdict],
        *,
        now: datetime,
        scope: Scope | None = None,
        causes: tuple[str, ...] = (),
    ) -> list[Change]:
        """Write what many verdicts change in a few round trips, however many they are.

        With a scope, alerts that stand in it without a verdict are superseded, for ``causes``.
        """
        changes = await self.changes(
            session, verdicts, now=now, scope=scope, causes_of=lambda _: causes
        )
        return await self.write(session, changes, now=now)

    async def changes(
        self,
        session: Session,
        verdicts: Sequence[Verdict],
        *,
        now: datetime,
        scope: Scope | None,
        causes_of: Callable[[About], tuple[str, ...]],
    ) -> list[Change]:
        """Return what verdicts change, to be written in the same transaction.

        ``causes_of`` says for which causes an alert about something is found no longer.
        """
        by_key = {key_text(verdict.key): verdict for verdict in verdicts}
        if len(by_key) < len(verdicts):
            raise ValueError("There is one verdict for each thing, rule and window.")
        known = await self._concerned(session, list(by_key), scope)
        for key, alert in known.items():
            by_key.setdefault(key, _found_no_longer(alert, causes_of(alert.about)))
        return [
            change
            for key, verdict in by_key.items()
            if (
                change := judge_change(
                    known.get(key), verdict, now=milliseconds(now), new_id=new_id()
                )
            )
        ]

    async def write(
        self, session: Session, changes: Sequence[Change], *, now: datetime
    ) -> list[Change]:
        """Write changes with their notices, timers and reminders; return them as written."""
        if not changes:
            return []
        changes = [with_stopped_clocks(change, self.reckoning) for change in changes]
        written = await self._rows.bulk_write(
            [_write_of(change) for change in changes], ordered=False, session=session
        )
        if written.inserted_count + written.matched_count < len(changes):
            raise AlertChanged("预警在此期间已有变化，请重试。")
        events = outgoing(changes, self._channel)
        await outbox.enqueue(self.db, events, session=session, now=now)
        timers, ended = moved(changes, self.reckoning)
        await move_timers(self.db, timers, cleared=ended, session=session)
        told = reminders(changes, service=self._channel.service, now=now)
        await jobs.enqueue(self.db, told, session=session)
        return changes

    async def standing(self, scope: Scope, *, session: Session | None = None) -> list[Key]:
        """Return the keys of the alerts in a scope that are not superseded."""
        found = self._rows.find(scope.query(), session=session)
        return [alert_of(row).key async for row in found]

    async def get(self, alert_id: str, *, session: Session | None = None) -> Alert:
        """Return one alert."""
        row = await self._rows.find_one({"_id": alert_id}, session=session)
        if row is None:
            raise AlertNotFound(_NOT_FOUND)
        return alert_of(row)

    async def seen_by(
        self, alert_id: str, *, by: Actor | Applicant, session: Session | None = None
    ) -> Alert:
        """Return one alert to those it was delivered to or who were told, and to administrators."""
        alert = await self.get(alert_id, session=session)
        if not (_is_told(alert, by) if isinstance(by, Applicant) else _is_delivered(alert, by)):
            raise AlertNotFound(_NOT_FOUND)
        return alert

    async def inbox(self, asked: Inbox) -> list[Alert]:
        """Return one page of alerts, newest first; an alert never moves between pages."""
        found = self._rows.find(asked.query()).sort("_id", -1).limit(asked.limit)
        return [alert_of(row) async for row in found]

    async def told(self, institution: str, *, before: str | None, limit: int) -> list[Alert]:
        """Return one page of the alerts that an institution was told of, newest first."""
        wanted: Row = {
            "about.kind": "institution",
            "about.id": institution,
            "told_at": {"$ne": None},
        }
        if before is not None:
            wanted["_id"] = {"$lt": before}
        found = self._rows.find(wanted).sort("_id", -1).limit(limit)
        return [alert_of(row) async for row in found]

    async def open_for(self, department: str) -> AsyncIterator[Alert]:
        """Go through the open alerts that were delivered to a department."""
        wanted = {"deliveries.department": department, "state": {"$in": list(OPEN_STATES)}}
        async for row in self._rows.find(wanted):
            yield alert_of(row)

    async def summary(self) -> dict[str, dict[Level, int]]:
        """Count the alerts that stand, per department they are delivered to and level."""
        counts: dict[str, dict[Level, int]] = {}
        async for row in await self._rows.aggregate(_COUNT_STANDING):
            department = counts.setdefault(row["_id"]["department"], {"yellow": 0, "red": 0})
            department[row["_id"]["level"]] = row["alerts"]
        return dict(sorted(counts.items()))

    async def _concerned(
        self, session: Session, keys: list[str], scope: Scope | None
    ) -> dict[str, Alert]:
        either: list[Row] = [{"key": {"$in": keys}}] if keys else []
        if scope is not None and scope.abouts:
            either.append(scope.query())
        if not either:
            return {}
        found = self._rows.find({"$or": either}, session=session)
        return {row["key"]: alert_of(row) async for row in found}


_COUNT_STANDING: list[Row] = [
    {"$match": {"state": {"$ne": "superseded"}}},
    {"$project": {"level": 1, "deliveries.department": 1}},
    {"$unwind": "$deliveries"},
    {
        "$group": {
            "_id": {"department": "$deliveries.department", "level": "$level"},
            "alerts": {"$sum": 1},
        }
    },
]


def milliseconds(moment: datetime) -> datetime:
    """Cut a time to what MongoDB keeps, so that an answer equals what is read later."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _is_delivered(alert: Alert, by: Actor) -> bool:
    return by.department is None or alert.delivery_to(by.department) is not None


def _is_told(alert: Alert, by: Applicant) -> bool:
    about = (alert.about.kind, alert.about.id)
    return alert.told_at is not None and about == ("institution", by.institution)


def _found_no_longer(alert: Alert, causes: tuple[str, ...]) -> Verdict:
    return Verdict(
        about=alert.about,
        rule=alert.rule,
        window=alert.window,
        findings=(),
        route=None,
        causes=causes,
    )


def _write_of(change: Change) -> InsertOne[Row] | ReplaceOne[Row]:
    row = row_of(change.after)
    if change.before is None:
        return InsertOne(row)
    return ReplaceOne({"_id": change.after.id, "version": change.before.version}, row)

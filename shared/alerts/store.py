"""Alerts in MongoDB: verdicts settled in the judge's transaction, and what people do to them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from pymongo import InsertOne, ReplaceOne

from shared import outbox
from shared.alerts.judgement import (
    AlertChanged,
    Change,
    acknowledge,
    dispose,
    judge_change,
)
from shared.alerts.model import About, Actor, Alert, Key, Level, Outcome, State, Verdict
from shared.alerts.notices import outgoing
from shared.alerts.rows import alert_of, key_text, row_of
from shared.contracts.alerts import AlertNotice
from shared.contracts.base import Channel
from shared.errors import NotFound
from shared.ids import new_id
from shared.mongo import Database, Row, Session, transact


class AlertNotFound(NotFound):
    """There is no such alert, or it was not delivered to the one who asks."""

    code: ClassVar[str] = "alert-not-found"
    title: ClassVar[str] = "没有这条预警"


# The same words for both cases: nobody learns that another department's alert exists.
_NOT_FOUND = "没有这个编号的预警，或它未送达您所在的部门。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What some verdicts are complete about: whatever else stands in it, is found no longer.

    ``windows`` narrows it to the windows that were judged; ``None`` means all.
    """

    abouts: tuple[About, ...]
    rules: tuple[str, ...]
    windows: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    """Which alerts are asked for: newest first, those raised before ``before`` (an alert's id)."""

    department: str | None = None
    state: State | None = None
    level: Level | None = None
    before: str | None = None
    limit: int = 50


class AlertStore:
    """The alerts of one service, with everything that leaves it about them."""

    def __init__(
        self,
        db: Database,
        channel: Channel[AlertNotice],
        *,
        committed: Callable[[], None] = lambda: None,
    ) -> None:
        self._db = db
        self._rows = db["alerts"]
        self._channel = channel
        self._committed = committed

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
        """Write what many verdicts change in at most three round trips.

        With a scope, alerts that stand in it without a verdict are superseded, for ``causes``.
        """
        by_key = {key_text(verdict.key): verdict for verdict in verdicts}
        if len(by_key) < len(verdicts):
            raise ValueError("There is one verdict for each thing, rule and window.")
        known = await self._concerned(session, list(by_key), scope)
        for key, alert in known.items():
            by_key.setdefault(key, _found_no_longer(alert, causes))
        changes = [
            change
            for key, verdict in by_key.items()
            if (
                change := judge_change(
                    known.get(key), verdict, now=_milliseconds(now), new_id=new_id()
                )
            )
        ]
        await self._write(session, changes, now=now)
        return changes

    async def standing(self, scope: Scope, *, session: Session | None = None) -> list[Key]:
        """Return the keys of the alerts in a scope that are not superseded."""
        found = self._rows.find(_standing_in(scope), session=session)
        return [alert_of(row).key async for row in found]

    async def get(self, alert_id: str, *, session: Session | None = None) -> Alert:
        """Return one alert."""
        row = await self._rows.find_one({"_id": alert_id}, session=session)
        if row is None:
            raise AlertNotFound(_NOT_FOUND)
        return alert_of(row)

    async def seen_by(self, alert_id: str, *, by: Actor) -> Alert:
        """Return one alert to those it was delivered to, and to administrators."""
        return _as_seen(await self.get(alert_id), by=by)

    async def acknowledge(
        self,
        alert_id: str,
        *,
        by: Actor,
        note: str | None,
        now: datetime,
        version: int | None = None,
    ) -> Alert:
        """Record a department's acknowledgement; a repeat returns the alert as it is."""
        return await self._act(
            alert_id,
            lambda alert: acknowledge(alert, by=by, note=note, now=_milliseconds(now)),
            by=by,
            version=version,
            now=now,
        )

    async def dispose(
        self,
        alert_id: str,
        *,
        by: Actor,
        outcome: Outcome,
        reason: str,
        now: datetime,
        version: int | None = None,
    ) -> Alert:
        """End an alert with its lead's outcome; an identical repeat returns the alert as it is."""
        return await self._act(
            alert_id,
            lambda alert: dispose(
                alert, outcome=outcome, reason=reason, by=by, now=_milliseconds(now)
            ),
            by=by,
            version=version,
            now=now,
        )

    async def inbox(self, asked: Inbox) -> list[Alert]:
        """Return one page of alerts, newest first; an alert never moves between pages."""
        wanted = {
            "deliveries.department": asked.department,
            "state": asked.state,
            "level": asked.level,
            "_id": None if asked.before is None else {"$lt": asked.before},
        }
        found = (
            self._rows.find({field: value for field, value in wanted.items() if value is not None})
            .sort("_id", -1)
            .limit(asked.limit)
        )
        return [alert_of(row) async for row in found]

    async def summary(self) -> dict[str, dict[Level, int]]:
        """Count the alerts that stand, per department they are delivered to and level."""
        counts: dict[str, dict[Level, int]] = {}
        async for row in await self._rows.aggregate(_COUNT_STANDING):
            department = counts.setdefault(row["_id"]["department"], {"yellow": 0, "red": 0})
            department[row["_id"]["level"]] = row["alerts"]
        return dict(sorted(counts.items()))

    async def _act(
        self,
        alert_id: str,
        decide: Callable[[Alert], Change | None],
        *,
        by: Actor,
        version: int | None,
        now: datetime,
    ) -> Alert:
        async def work(session: Session) -> Alert:
            alert = await self.get(alert_id, session=session)
            change = decide(_as_seen(alert, by=by))
            if change is None:
                return alert
            if version not in (alert.version, None):
                raise AlertChanged(
                    f"您看到的是第{version}版，现在是第{alert.version}版，请重新查看。"
                )
            await self._write(session, [change], now=now)
            return change.after

        alert = await transact(self._db, work)
        self._committed()
        return alert

    async def _concerned(
        self, session: Session, keys: list[str], scope: Scope | None
    ) -> dict[str, Alert]:
        either: list[Row] = [{"key": {"$in": keys}}] if keys else []
        if scope is not None and scope.abouts:
            either.append(_standing_in(scope))
        if not either:
            return {}
        found = self._rows.find({"$or": either}, session=session)
        return {row["key"]: alert_of(row) async for row in found}

    async def _write(self, session: Session, changes: Sequence[Change], *, now: datetime) -> None:
        if not changes:
            return
        written = await self._rows.bulk_write(
            [_write_of(change) for change in changes], ordered=False, session=session
        )
        if written.inserted_count + written.matched_count < len(changes):
            raise AlertChanged("预警在此期间已有变化，请重试。")
        events = outgoing(changes, self._channel)
        await outbox.enqueue(self._db, events, session=session, now=now)


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


def _as_seen(alert: Alert, *, by: Actor) -> Alert:
    """Return the alert to those it was delivered to; to others it does not exist."""
    if by.department is not None and alert.delivery_to(by.department) is None:
        raise AlertNotFound(_NOT_FOUND)
    return alert


def _standing_in(scope: Scope) -> Row:
    # By kind, so that the index is used with both of its first fields.
    kinds: dict[str, list[str]] = {}
    for about in scope.abouts:
        kinds.setdefault(about.kind, []).append(about.id)
    row: Row = {
        "$or": [{"about.kind": kind, "about.id": {"$in": ids}} for kind, ids in kinds.items()],
        "rule.code": {"$in": list(scope.rules)},
        "state": {"$ne": "superseded"},
    }
    if scope.windows is not None:
        row["window"] = {"$in": list(scope.windows)}
    return row


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


def _milliseconds(moment: datetime) -> datetime:
    """Cut a time to what MongoDB keeps, so that an answer equals what is read later."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

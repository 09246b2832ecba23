"""What was sent, what was not, and sending it again: one delivery, or those of a span of time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final

from shared.clock import machine_now
from shared.errors import Conflict, NotFound, Rejected
from shared.mongo import Database, Row, Session
from shared.notify.model import ChannelName, DeliveryState
from shared.notify.subscriptions import SubscribedChannel, endpoint_of

LONGEST_SPAN: Final = timedelta(days=31)
MOST_AT_ONCE: Final = 1_000


class DeliveryNotFound(NotFound):
    """There is no such delivery, or not for the one who asks."""

    code: ClassVar[str] = "delivery-not-found"
    title: ClassVar[str] = "没有这条通知记录"


class ChannelNotActive(Conflict):
    """The channel is disabled or was removed, so that nothing can be sent on it."""

    code: ClassVar[str] = "channel-not-active"
    title: ClassVar[str] = "该通知方式未登记或已停用"


class ReplayTooWide(Rejected):
    """More is asked for at once than one replay takes."""

    code: ClassVar[str] = "replay-too-wide"
    title: ClassVar[str] = "一次重发的范围过大"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which deliveries are asked for: newest first, those made before ``before`` (an id)."""

    department: str | None
    state: DeliveryState | None = None
    before: str | None = None
    limit: int = 50


class Replays:
    """The deliveries of one service as people see them."""

    def __init__(self, db: Database) -> None:
        self._rows = db["notification_deliveries"]
        self._subscriptions = db["notification_subscriptions"]

    async def page(self, asked: Asked) -> list[Row]:
        """Return one page of deliveries."""
        wanted = {
            "department": asked.department,
            "state": asked.state,
            "_id": None if asked.before is None else {"$lt": asked.before},
        }
        found = self._rows.find({name: value for name, value in wanted.items() if value})
        return await found.sort("_id", -1).limit(asked.limit).to_list()

    async def get(self, identifier: str, *, session: Session | None = None) -> Row:
        """Return one delivery."""
        row = await self._rows.find_one({"_id": identifier}, session=session)
        if row is None:
            raise DeliveryNotFound("没有这个编号的通知记录，或它不属于您所在的部门")
        return row

    async def one(self, row: Row, *, session: Session) -> bool:
        """Let one delivery be sent again under its id; ``False`` when it waits to be anyway."""
        if row["state"] == "waiting":
            return False
        await self._require_active(row["department"], row["channel"], session=session)
        await self._rows.update_one({"_id": row["_id"]}, _again(), session=session)
        return True

    async def span(
        self,
        department: str,
        channel: SubscribedChannel,
        *,
        since: datetime,
        until: datetime,
        session: Session,
    ) -> int:
        """Let all that was made in a span be sent again, each under its id; return how many."""
        if not timedelta(0) < until - since <= LONGEST_SPAN:
            raise ReplayTooWide(f"时间范围须为正，且不超过 {LONGEST_SPAN.days} 天")
        await self._require_active(department, channel, session=session)
        within = {
            "endpoint": endpoint_of(department, channel),
            "made_at": {"$gte": since, "$lt": until},
            "state": {"$ne": "waiting"},
        }
        found = await self._rows.count_documents(within, session=session, limit=MOST_AT_ONCE + 1)
        if found > MOST_AT_ONCE:
            raise ReplayTooWide(f"该时段内超过 {MOST_AT_ONCE} 条，请缩小范围")
        done = await self._rows.update_many(within, _again(), session=session)
        return done.modified_count

    async def _require_active(
        self, department: str, channel: ChannelName, *, session: Session
    ) -> None:
        if channel == "log":
            return
        active = {"_id": endpoint_of(department, channel), "disabled_because": None}
        if await self._subscriptions.find_one(active, {"_id": 1}, session=session) is None:
            raise ChannelNotActive("请先重新登记接收地址，再重发")


def _again() -> Row:
    """Return the change that makes a delivery due, with all its attempts before it."""
    due = {"state": "waiting", "due_at": machine_now(), "lease": None, "attempts": 0}
    return {"$set": due, "$inc": {"replays": 1}}

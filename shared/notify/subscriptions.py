"""Where a department wants to be told besides its inbox: an address of the web, one of mail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final, Literal, TypeAlias

from shared.clock import machine_now
from shared.errors import NotFound
from shared.mongo import Database, Row, Session
from shared.notify.model import ChannelName
from shared.sealing import Sealer
from shared.senders.signing import new_signing_secret

SubscribedChannel: TypeAlias = Literal["mail", "webhook"]

SECRET_OVERLAP: Final = timedelta(hours=24)
"""How long messages are signed with the secret before the last one too."""

_MOST_SECRETS = 3
_NOT_FOUND = "该部门没有登记这种通知方式"


class SubscriptionNotFound(NotFound):
    """The department has no subscription on this channel."""

    code: ClassVar[str] = "subscription-not-found"
    title: ClassVar[str] = "没有这项通知订阅"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One department's address on one channel, and why it is disabled where it is."""

    department: str
    channel: SubscribedChannel
    target: str
    changed_at: datetime
    disabled_because: str | None


def endpoint_of(department: str, channel: ChannelName) -> str:
    """Return the name of one department's one channel."""
    return f"{department}:{channel}"


class SubscriptionStore:
    """The subscriptions of one service; at most one for each department and channel."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._rows = db["notification_subscriptions"]

    async def put_webhook(
        self, department: str, url: str, *, sealer: Sealer, session: Session
    ) -> str:
        """Set the address and return a new signing secret; the former one signs a while longer."""
        secret = new_signing_secret()
        before = await self._rows.find_one(
            {"_id": endpoint_of(department, "webhook")}, session=session
        )
        kept = secrets_after((before or {}).get("secrets", []), sealer.seal(secret))
        await self._put(department, "webhook", target=url, kept=kept, session=session)
        return secret

    async def put_mail(self, department: str, address: str, *, session: Session) -> None:
        """Set the mailbox."""
        await self._put(department, "mail", target=address, kept=[], session=session)

    async def _put(
        self,
        department: str,
        channel: SubscribedChannel,
        *,
        target: str,
        kept: list[Row],
        session: Session,
    ) -> None:
        row = {
            "department": department,
            "channel": channel,
            "target": target,
            "secrets": kept,
            "changed_at": machine_now(),
            "disabled_because": None,
        }
        await self._rows.replace_one(
            {"_id": endpoint_of(department, channel)}, row, upsert=True, session=session
        )

    async def get(
        self, department: str, channel: SubscribedChannel, *, session: Session | None = None
    ) -> Subscription:
        """Return one subscription."""
        row = await self._rows.find_one({"_id": endpoint_of(department, channel)}, session=session)
        if row is None:
            raise SubscriptionNotFound(_NOT_FOUND)
        return Subscription(
            department=row["department"],
            channel=row["channel"],
            target=row["target"],
            changed_at=row["changed_at"],
            disabled_because=row["disabled_because"],
        )

    async def remove(
        self, department: str, channel: SubscribedChannel, *, session: Session
    ) -> None:
        """Forget a subscription with its secrets; what still waits for it is held."""
        endpoint = endpoint_of(department, channel)
        done = await self._rows.delete_one({"_id": endpoint}, session=session)
        if done.deleted_count == 0:
            raise SubscriptionNotFound(_NOT_FOUND)
        await hold_waiting(self._db, endpoint, session=session)


def secrets_after(before: Sequence[Row], sealed: str) -> list[Row]:
    """Return a receiver's secrets with a new one first; the former ones sign a while longer."""
    now = machine_now()
    former = [
        {**one, "until": one["until"] or now + SECRET_OVERLAP}
        for one in before
        if one["until"] is None or one["until"] > now
    ]
    return [{"sealed": sealed, "until": None}, *former][:_MOST_SECRETS]


def live_secrets(kept: Sequence[Row]) -> list[str]:
    """Return the sealed secrets by which a message is signed now."""
    now = machine_now()
    return [one["sealed"] for one in kept if one["until"] is None or one["until"] > now]


async def hold_waiting(db: Database, endpoint: str, *, session: Session) -> None:
    """Keep what waits for a channel until somebody replays it."""
    await db["notification_deliveries"].update_many(
        {"state": "waiting", "endpoint": endpoint},
        {"$set": {"state": "held", "lease": None}},
        session=session,
    )

"""What staff read and say of notifications."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, HttpUrl, UrlConstraints

from shared.mongo import Row
from shared.notify.jobs import Kind
from shared.notify.model import ChannelName, DeliveryState
from shared.notify.subscriptions import SubscribedChannel, Subscription

_MAIL = r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,190}$"


class WebhookRequest(BaseModel):
    """Where messages are to be posted."""

    model_config = ConfigDict(extra="forbid")

    url: Annotated[HttpUrl, UrlConstraints(max_length=500)]


class MailRequest(BaseModel):
    """Where mail is to go."""

    model_config = ConfigDict(extra="forbid")

    address: str = Field(pattern=_MAIL)


class SubscriptionView(BaseModel):
    """One channel of a department."""

    department: str
    channel: SubscribedChannel
    target: str
    changed_at: datetime
    disabled_because: str | None = None

    @classmethod
    def of(cls, subscription: Subscription) -> Self:
        """Return what is shown: never a secret."""
        return cls(
            department=subscription.department,
            channel=subscription.channel,
            target=subscription.target,
            changed_at=subscription.changed_at,
            disabled_because=subscription.disabled_because,
        )


class NewWebhook(SubscriptionView):
    """A webhook just set; its signing secret is shown this once."""

    secret: str


class NotificationDeliveryView(BaseModel):
    """One message on one channel; its id is the ``webhook-id`` of every attempt."""

    id: str
    notification: str
    department: str
    channel: ChannelName
    kind: Kind
    title: str
    state: DeliveryState
    attempts: int
    replays: int
    made_at: datetime
    due_at: datetime | None = Field(description="仍在等待时，下一次发送不早于此刻")
    sent_at: datetime | None
    last_failure: str | None

    @classmethod
    def of(cls, row: Row) -> Self:
        """Return a delivery without the message's text."""
        shown = {name: row[name] for name in cls.model_fields if name in row}
        waits = row["state"] == "waiting"
        return cls.model_validate(
            {**shown, "id": row["_id"], "due_at": row["due_at"] if waits else None}
        )


class NotificationDeliveryPage(BaseModel):
    """A page of deliveries, newest first."""

    deliveries: list[NotificationDeliveryView]
    next_cursor: str | None = None


class SpanRequest(BaseModel):
    """What one department is to be sent again: what was made from a moment until another."""

    model_config = ConfigDict(extra="forbid")

    department: str = Field(max_length=64)
    channel: SubscribedChannel = "webhook"
    since: AwareDatetime = Field(alias="from")
    until: AwareDatetime


class Replayed(BaseModel):
    """How many deliveries are to be sent again."""

    replayed: int

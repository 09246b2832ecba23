"""What a department is to be told outside its inbox, written with what it is about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from pymongo import ASCENDING, IndexModel

from shared.clock import machine_now
from shared.ids import new_id
from shared.mongo import Database, Row, Session

Kind: TypeAlias = Literal["red_alert", "overdue", "daily_digest", "delivery_failed"]

NOTIFICATION_INDEXES = {
    "notifications": [
        # Only what waits is in it, so that looking for work stays cheap for ever.
        IndexModel(
            [("state", ASCENDING), ("_id", ASCENDING)],
            name="waiting",
            partialFilterExpression={"state": "waiting"},
        ),
        IndexModel([("department", ASCENDING), ("_id", ASCENDING)], name="of_department"),
    ]
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """One message for one department, in Chinese, with what a program reads of it in ``data``."""

    department: str
    kind: Kind
    title: str
    text: str
    data: Mapping[str, str | int] = field(default_factory=dict)


async def enqueue(db: Database, notifications: Sequence[Notification], *, session: Session) -> None:
    """Leave notifications to the notifier, in the caller's transaction."""
    if notifications:
        await db["notifications"].insert_many([_row(one) for one in notifications], session=session)


def _row(notification: Notification) -> Row:
    return {
        "_id": new_id(),
        "department": notification.department,
        "kind": notification.kind,
        "title": notification.title,
        "text": notification.text,
        "data": dict(notification.data),
        "made_at": machine_now(),
        "state": "waiting",
    }

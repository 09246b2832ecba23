"""What a delivery looks like in MongoDB, and to its carrier."""

from collections.abc import Sequence

from shared.clock import machine_now
from shared.duties.departments import SUITE_OPERATOR, name_of
from shared.ids import new_id
from shared.mongo import Row
from shared.notify.jobs import Notification
from shared.notify.model import ChannelName, Job
from shared.notify.subscriptions import endpoint_of, live_secrets


def deliveries_of(notification: Row, subscribed: Sequence[Row]) -> list[Row]:
    """Return a row for the log, and one for each channel the department has subscribed."""
    about = notification["data"]
    # That a channel is dead is not told by it.
    dead = about.get("channel") if notification["department"] == about.get("department") else None
    rows = [_row(notification, "log", held=False)]
    rows += [
        _row(notification, one["channel"], held=one["disabled_because"] is not None)
        for one in subscribed
        if not (notification["kind"] == "delivery_failed" and one["channel"] == dead)
    ]
    return rows


def _row(notification: Row, channel: ChannelName, *, held: bool) -> Row:
    department = notification["department"]
    return {
        "_id": new_id(),
        "notification": notification["_id"],
        "department": department,
        "channel": channel,
        "endpoint": endpoint_of(department, channel),
        **{field: notification[field] for field in ("kind", "title", "text", "data", "made_at")},
        "state": "held" if held else "waiting",
        "due_at": machine_now(),
        "lease": None,
        "attempts": 0,
        "last_failure": None,
        "sent_at": None,
        "replays": 0,
    }


def job_of(row: Row, subscription: Row) -> Job:
    """Return a delivery as its carrier sees it, with where it goes."""
    return Job(
        id=row["_id"],
        department=row["department"],
        channel=row["channel"],
        kind=row["kind"],
        title=row["title"],
        text=row["text"],
        data=row["data"],
        made_at=row["made_at"],
        target=subscription.get("target", ""),
        sealed_secrets=live_secrets(subscription.get("secrets", [])),
        attempts=row["attempts"],
        lease=row["lease"],
    )


def notices_of(job: Job, reason: str) -> list[Notification]:
    """Return whom a dead channel is told; a notice that itself is not delivered ends here."""
    if job.kind == "delivery_failed":
        return []
    return [
        Notification(
            department=department,
            kind="delivery_failed",
            title=f"{name_of(job.department)}的 {job.channel} 通知未能送达",
            text=f"“{job.title}”未能送达：{reason}。请检查接收地址，恢复后可在通知记录中重发。",
            data={"department": job.department, "channel": job.channel, "delivery": job.id},
        )
        for department in dict.fromkeys((job.department, SUITE_OPERATOR))
    ]

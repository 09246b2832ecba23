"""What a service says it sent is on its stream where the stream said, and nothing else is there."""

import asyncio
from collections.abc import Sequence

from deploy.proof.check import Check
from deploy.proof.day import LEEWAY
from deploy.proof.places import Moment, Places
from deploy.proof.streams import Stored
from shared.messaging.topology import BANK_INTAKE, EXCHANGE_IN, STREAMS, Stream, stream_named
from shared.mongo import Database, Row

_ROWS_AT_ONCE = 32
# Their messages come from a door and from departments, not from an outbox.
_WITHOUT_OUTBOX = (BANK_INTAKE, EXCHANGE_IN)


async def check_outbox(service: str, places: Places, moment: Moment) -> Check:
    """Look for each row that a service sent in the day at its place on its stream."""
    check = Check(f"outbox-{service}", f"{service} 发件箱 → 流")
    outbox = places.databases[service]["outbox"]
    asked = {"sent_at": {"$gte": moment.day.start, "$lt": moment.day.end}}
    rows: list[Row] = []
    async for row in outbox.find(asked).sort([("sent_at", 1), ("_id", 1)]):
        rows.append(row)
        if len(rows) == _ROWS_AT_ONCE:
            await _look(places, rows, check)
            rows = []
    await _look(places, rows, check)
    async for row in outbox.find({"sent_at": None}, {"_id": 1, "stream": 1}).sort("_id"):
        check.pending.add(f"{row['stream']}：{row['_id']} 尚未发出")
    return check


async def _look(places: Places, rows: Sequence[Row], check: Check) -> None:
    for gap in await asyncio.gather(*(_gap_of(places, row) for row in rows)):
        check.checked += 1
        if gap is not None:
            check.gaps.add(gap)


async def _gap_of(places: Places, row: Row) -> str | None:
    """Return why a row cannot be found where it was sent to; ``None`` when it can."""
    name, sequence = row["stream"], row.get("stream_sequence")
    if sequence is None:
        return f"{name}：{row['_id']} 没有记下它在流中的序号"
    place = f"{name} 第 {sequence} 条"
    message = await places.streams.at(name, sequence)
    if message is None:
        if _keeps_last_only(stream_named(name)) and await _replaced(places, row):
            return None
        return f"{place}：流中已没有这条消息（{row['_id']}）"
    if message.id != row["_id"]:
        return f"{place}：应为 {row['_id']}，实为 {message.id}"
    if message.body != row["body"].encode():
        return f"{place}：{row['_id']} 的内容与发件箱不同"
    return None


async def _replaced(places: Places, row: Row) -> bool:
    """Tell whether a newer state has taken the place of a sent one."""
    newer = await places.streams.last_of(row["stream"], row["subject"])
    return newer is not None and newer.sequence > row["stream_sequence"]


async def check_streams(places: Places, moment: Moment) -> list[Check]:
    """Look for the outbox row of each message of the day, on every stream that relays write."""
    return [
        await _check_stream(stream, places, moment)
        for stream in STREAMS
        if stream not in _WITHOUT_OUTBOX
    ]


async def _check_stream(stream: Stream, places: Places, moment: Moment) -> Check:
    check = Check(f"stream-{stream.name}", f"流 {stream.name} → 发件箱")
    day, last = moment.day, moment.bounds[stream.name].last
    # From a little before: the client rounds a message's time, and none may fall between two days.
    async for messages in places.streams.read(stream, start=day.start - LEEWAY, last=last):
        todays = [one for one in messages if one.at is not None and day.holds(one.at)]
        rows = await _rows_of(todays, places)
        for message in todays:
            _compare(check, stream.name, message, rows.get(message.id or ""))
        if messages and (messages[-1].at or day.start) >= day.end:
            break
    return check


async def _rows_of(messages: Sequence[Stored], places: Places) -> dict[str, Row]:
    asked = {"_id": {"$in": [message.id for message in messages]}}
    found: dict[str, Row] = {}
    for database in places.databases.values():
        found |= await _rows_in(database, asked)
    return found


async def _rows_in(database: Database, asked: Row) -> dict[str, Row]:
    fields = {"body": 1, "sent_at": 1, "stream": 1, "stream_sequence": 1}
    return {row["_id"]: row async for row in database["outbox"].find(asked, fields)}


def _compare(check: Check, stream: str, message: Stored, row: Row | None) -> None:
    check.checked += 1
    place = f"{stream} 第 {message.sequence} 条"
    if row is None or row["stream"] != stream:
        check.gaps.add(f"{place}：没有发件箱记录（{message.id}）")
    elif message.body != row["body"].encode():
        check.gaps.add(f"{place}：{message.id} 的内容与发件箱不同")
    elif row["sent_at"] is None:
        check.pending.add(f"{place}：已到达，发件箱尚未记为已发（{message.id}）")
    elif row["stream_sequence"] != message.sequence:
        check.repeats.add(
            f"{place}：与第 {row['stream_sequence']} 条相同（{message.id}），去重窗口之外重发"
        )


def _keeps_last_only(stream: Stream) -> bool:
    return stream.max_msgs_per_subject == 1

"""Everything that banks sent in a day is in the store, and nothing is there that no bank sent."""

from collections.abc import Mapping, Sequence

from deploy.proof.check import Check
from deploy.proof.day import LEEWAY
from deploy.proof.places import Moment, Places
from deploy.proof.seen import Seen, seen_in
from deploy.proof.streams import Stored
from services.fund_monitor.app.ledger.account_for import Account, account_for, told_by
from services.fund_monitor.store.ledger.traces import TraceStore
from shared.messaging.topology import BANK_INTAKE, PARTITIONS, intake_consumer, intake_subject


async def check_intake(places: Places, moment: Moment) -> list[Check]:
    """Compare the day's messages with the store, then the store with the messages."""
    kept = Check("intake", "银行报送 → 数据库")
    told = Check("intake-reverse", "数据库 → 银行报送")
    traces = TraceStore(places.databases["fund_monitor"])
    with seen_in(places.scratch) as seen:
        await _kept(places, moment, traces, seen, kept)
        await _told(places, moment, traces, seen, told)
    return [kept, told]


async def _kept(
    places: Places, moment: Moment, traces: TraceStore, seen: Seen, check: Check
) -> None:
    day, last = moment.day, moment.bounds[BANK_INTAKE.name].last
    floors = {
        intake_subject(partition): moment.floors[intake_consumer(partition)]
        for partition in range(PARTITIONS)
    }
    async for messages in places.streams.read(BANK_INTAKE, start=day.start - LEEWAY, last=last):
        todays = [one for one in messages if one.at is not None and day.holds(one.at)]
        accounts = await account_for({one.sequence: one.body for one in todays}, traces=traces)
        for message in todays:
            _enter(check, message, accounts[message.sequence], floors)
        _remember(seen, messages)
        if messages and (messages[-1].at or day.start) > day.end + LEEWAY:
            return


def _enter(check: Check, message: Stored, account: Account, floors: Mapping[str, int]) -> None:
    check.checked += 1
    if account.complete:
        return
    place = f"{BANK_INTAKE.name} 第 {message.sequence} 条"
    # Whoever acknowledges has committed before; without a reader it would wait for ever.
    if message.sequence > floors.get(message.subject, message.sequence):
        check.pending.add(f"{place}：尚未处理完")
    elif not account.readable:
        check.gaps.add(f"{place}：无法读取，且不在死信中")
    else:
        for trace in account.missing:
            check.gaps.add(f"{place}：数据库中没有 {trace}")


def _remember(seen: Seen, messages: Sequence[Stored]) -> None:
    for message in messages:
        seen.tell(str(trace) for trace in told_by(message.body) or ())


async def _told(
    places: Places, moment: Moment, traces: TraceStore, seen: Seen, check: Check
) -> None:
    async for trace in traces.received(moment.day.start, moment.day.end):
        check.checked += 1
        seen.find(str(trace))
    # What was stored while we read came from messages that were not there when we began.
    began = moment.bounds[BANK_INTAKE.name].last
    now = (await places.streams.bounds(BANK_INTAKE)).last
    if now > began:
        async for messages in places.streams.read(BANK_INTAKE, start=began + 1, last=now):
            _remember(seen, messages)
    for name in seen.untold():
        check.gaps.add(f"{BANK_INTAKE.name} 中没有带来 {name} 的消息")

"""Every audit chain walked anew, and held against what two others and the bus keep of it."""

import json
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from deploy.local import nats_server
from deploy.local.keys import Keys
from deploy.local.problem import StackProblem
from deploy.local.stack import Stack
from deploy.local.stores import stores_at, stores_of
from services.fund_monitor.app.banks.check_events import digest_of
from services.fund_monitor.store.ledger.posted import differing_postings
from shared.audit.verify import Anchor, Difference, Verdict, anchor_of, check_chain, kept_anchors
from shared.contracts.audit import AUDIT_CHANNELS
from shared.messaging.permissions import OPERATOR
from shared.mongo import Database

MOST_SHOWN = 200
# Not asked of its main: that would load the whole service for every command.
_LEDGER = "fund_monitor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the walks along the chains came to, and what was wrong beside them."""

    verdicts: tuple[Verdict, ...]
    beside: tuple[Difference, ...]

    @property
    def differences(self) -> tuple[Difference, ...]:
        """All that is wrong, chain by chain."""
        return (*(one for found in self.verdicts for one in found.differences), *self.beside)

    def lines(self) -> Iterator[str]:
        """Tell it to whoever asked."""
        for one in self.verdicts:
            yield (
                f"{one.service}：已封存 {one.sealed} 行，待封存 {one.waiting} 行，"
                f"锚点 {one.anchors} 个"
            )
        for wrong in self.differences[:MOST_SHOWN]:
            place = "" if wrong.sequence is None else f" 第 {wrong.sequence} 行"
            yield f"✗ {wrong.service}{place}：{wrong.what}"
        if len(self.differences) > MOST_SHOWN:
            yield f"另有 {len(self.differences) - MOST_SHOWN} 处不符，未列出"
        if not self.differences:
            yield "全部相符"


async def verify(
    stores: Mapping[str, Database], *, services: Iterable[str], on_bus: Sequence[Anchor]
) -> Report:
    """Walk the chains of some services; what others hold of them is read first."""
    anchors = list(on_bus)
    beside: list[Difference] = []
    for keeper, db in stores.items():
        found, unreadable = await kept_anchors(db, keeper=keeper)
        anchors.extend(found)
        beside.extend(unreadable)
    verdicts = [
        await check_chain(stores[service], service=service, anchors=anchors) for service in services
    ]
    if _LEDGER in {one.service for one in verdicts}:
        ledger = stores[_LEDGER]
        beside.extend(await differing_postings(ledger, body_digest=digest_of))
    return Report(verdicts=tuple(verdicts), beside=tuple(beside))


async def verify_stack(stack: Stack, *, services: Sequence[str]) -> Report:
    """Walk the chains of a running stack, each with its service's own credentials."""
    keys = Keys(stack.layout.keys)
    on_bus = await anchors_on_bus(
        stack.urls["nats"], seed=keys.nats_seed(OPERATOR), services=services
    )
    async with stores_of(stack) as stores:
        return await verify(stores, services=services, on_bus=on_bus)


async def verify_elsewhere(mongo_url: str, *, services: Sequence[str]) -> Report:
    """Walk the chains of a store whose address carries credentials; the bus is not asked."""
    async with stores_at(mongo_url, passwords={}) as stores:
        return await verify(stores, services=services, on_bus=())


async def anchors_on_bus(url: str, *, seed: Path, services: Iterable[str]) -> list[Anchor]:
    """Return every head that the streams hold of these services."""
    try:
        async with nats_server.operator(url, seed=seed) as operator:
            js = operator.jetstream()
            return [
                anchor for service in services async for anchor in _on_stream(js, service=service)
            ]
    except OSError as error:
        raise StackProblem(f"连不上消息总线 {url}") from error


async def _on_stream(js: JetStreamContext, *, service: str) -> AsyncIterator[Anchor]:
    channel = AUDIT_CHANNELS[service]
    sequence = 1
    while True:
        try:
            # Message by message: a consumer would leave a trace on the stream it reads.
            message = await js.get_msg(channel.stream, sequence, channel.wildcard, next=True)
        except NotFoundError:
            return
        event = json.loads(message.data or b"{}")
        anchor = anchor_of(service, event.get("data"), held_by=f"流 {channel.stream}")
        if anchor is not None:
            yield anchor
        sequence = (message.seq or sequence) + 1

"""FastStream for facts and states, with every option that matters written out."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from faststream import AckPolicy
from faststream.nats import JStream, NatsBroker, NatsMessage, NatsRouter, PullSub
from faststream.nats.security import NatsNKey
from faststream.specification import AsyncAPI
from opentelemetry.trace import Tracer
from pydantic import ValidationError

from shared.contracts.base import Channel, CloudEvent, Contract
from shared.dead_letters import CONTENT_FAILURES_ALLOWED, DeadLetters, Letter
from shared.logs import log
from shared.messaging.continuing import Continuing
from shared.messaging.permissions import inbox_prefix
from shared.mongo import unreachable
from shared.telemetry.carried import UNTRACED

T = TypeVar("T", bound=Contract)

_LONGEST_PAUSE_SECONDS = 10.0


def broker_of(
    routers: Iterable[NatsRouter],
    *,
    url: str,
    user: str,
    seed_file: Path | None,
    tracer: Tracer = UNTRACED,
) -> NatsBroker:
    """Return a broker with these routers, not yet connected; reconnects for ever."""
    broker = NatsBroker(
        url,
        name=f"{user}-facts",
        security=None if seed_file is None else NatsNKey(seed_file=seed_file),
        inbox_prefix=inbox_prefix(user),
        max_reconnect_attempts=-1,
        ping_interval=5,
        middlewares=[Continuing(tracer)],
        logger=None,
    )
    for router in routers:
        broker.include_router(router)
    return broker


async def hear(
    routers: Iterable[NatsRouter],
    *,
    url: str,
    user: str,
    seed_file: Path,
    tracer: Tracer = UNTRACED,
) -> None:
    """Connect, and hear what these routers subscribe to until cancelled."""
    async with broker_of(routers, url=url, user=user, seed_file=seed_file, tracer=tracer) as broker:
        await broker.start()
        await asyncio.Event().wait()


def subscribe(
    router: NatsRouter,
    channel: Channel[T],
    *,
    durable: str,
    user: str,
    handle: Callable[[CloudEvent[T]], Awaitable[None]],
    dead_letters: DeadLetters | None,
) -> None:
    """Subscribe one handler to a channel: pulled, durable, declared elsewhere, settled here."""
    envelope = CloudEvent[channel.contract]  # type: ignore[name-defined]  # a class is a value here

    async def again(letter: Letter) -> None:
        await handle(envelope.model_validate_json(letter.body))

    if dead_letters is not None:
        dead_letters.handlers[durable] = again

    settled = _shown(channel) if dead_letters is None else _settled(envelope, handle, dead_letters)
    router.subscriber(
        channel.wildcard,
        stream=JStream(channel.stream, declare=False),
        durable=durable,
        pull_sub=PullSub(batch_size=1),
        # A pull subscriber ignores the broker's prefix and would then receive nothing.
        inbox_prefix=f"{inbox_prefix(user)}.".encode(),
        ack_policy=AckPolicy.MANUAL,
        title=channel.shown_as,
        description=channel.description,
    )(settled)


def _settled(
    envelope: type[CloudEvent[T]],
    handle: Callable[[CloudEvent[T]], Awaitable[None]],
    dead_letters: DeadLetters,
) -> Callable[[NatsMessage], Awaitable[None]]:
    async def on_message(message: NatsMessage) -> None:
        # The envelope is read in _settle: a body that breaks it must reach the dead letters.
        await _settle(message, envelope, handle, dead_letters)

    return on_message


def _shown(channel: Channel[T]) -> Callable[[T], Awaitable[None]]:
    """Return what stands in documents for a subscriber: FastStream shows the type it takes."""

    async def on_message(event: T) -> None:
        """Take nothing: documents are made without a bus."""

    on_message.__annotations__["event"] = channel.contract
    return on_message


async def _settle(
    message: NatsMessage,
    envelope: type[CloudEvent[T]],
    handle: Callable[[CloudEvent[T]], Awaitable[None]],
    dead_letters: DeadLetters,
) -> None:
    """Ack what is committed; wait for a store that is away; set aside what cannot be handled."""
    try:
        await handle(envelope.model_validate_json(message.body))
    except Exception as error:  # noqa: BLE001 - sorted into "store away" and "content" below
        await _failed(message, error, dead_letters)
        return
    await message.raw_message.ack_sync()


async def _failed(message: NatsMessage, error: Exception, dead_letters: DeadLetters) -> None:
    place = message.raw_message.metadata
    if unreachable(error):
        log.warning("facts.store_unreachable", error=repr(error)[:200])
        await message.raw_message.nak(delay=_LONGEST_PAUSE_SECONDS / 5)
        await asyncio.sleep(_LONGEST_PAUSE_SECONDS / 10)
        return
    log.error("facts.content_failed", sequence=place.sequence.stream, exc_info=error)
    failures = await dead_letters.count_failure(stream=place.stream, sequence=place.sequence.stream)
    if failures < CONTENT_FAILURES_ALLOWED and not isinstance(error, ValidationError):
        await message.raw_message.nak(delay=float(failures))
        return
    letter = Letter(
        durable=place.consumer,
        stream=place.stream,
        sequence=place.sequence.stream,
        subject=message.raw_message.subject,
        body=message.body,
    )
    await dead_letters.add(letter, error)
    await message.raw_message.term()


def announce(router: NatsRouter, channel: Channel[Any]) -> None:
    """Put a channel this service sends on into its AsyncAPI document."""
    router.publisher(
        channel.wildcard,
        stream=JStream(channel.stream, declare=False),
        schema=channel.contract,
        title=channel.shown_as,
        description=channel.description,
    )


def asyncapi_of(routers: Iterable[NatsRouter], *, title: str, user: str) -> dict[str, Any]:
    """Return the AsyncAPI document of a service's channels."""
    broker = broker_of(routers, url="nats://bus", user=user, seed_file=None)
    specification = AsyncAPI(broker, title=title, version="0.1.0").to_specification()
    document: dict[str, Any] = specification.to_jsonable()
    return document

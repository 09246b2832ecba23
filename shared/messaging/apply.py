"""Make the declared streams and consumers on a server, and say where a server differs from them."""

import asyncio
from collections.abc import Awaitable, Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any, TypeVar

from nats.js import JetStreamContext
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DeliverPolicy,
    DiscardPolicy,
    ReplayPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)
from nats.js.errors import NotFoundError

from shared.messaging.topology import ACK_WAIT, CONSUMERS, STREAMS, Consumer, Stream

_AT_ONCE = 32

T = TypeVar("T")


class TopologyDrift(Exception):
    """Streams or consumers of the server are missing or differ from the declaration."""

    def __init__(self, differences: Iterable[str]) -> None:
        self.differences = tuple(differences)
        super().__init__("消息总线与声明不符：" + "；".join(self.differences))


async def apply(js: JetStreamContext, *, replicas: int) -> None:
    """Create what is missing and update what differs; a second run changes nothing."""
    await _in_parallel(_apply_stream(js, stream, replicas=replicas) for stream in STREAMS)
    await _in_parallel(_apply_consumer(js, consumer) for consumer in CONSUMERS)


async def verify(
    js: JetStreamContext,
    *,
    streams: Iterable[Stream] = STREAMS,
    consumers: Iterable[Consumer] = CONSUMERS,
    replicas: int | None = None,
) -> None:
    """Compare a server with the declaration; ask for nothing but INFO.

    The number of replicas belongs to the deployment and is compared only where it is given.
    """
    found = [
        *await _in_parallel(_stream_drift(js, stream, replicas=replicas) for stream in streams),
        *await _in_parallel(_consumer_drift(js, consumer) for consumer in consumers),
    ]
    differences = [difference for difference in found if difference is not None]
    if differences:
        raise TopologyDrift(differences)


async def _in_parallel(work: Iterable[Awaitable[T]]) -> list[T]:
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(awaitable: Awaitable[T]) -> T:
        async with gate:
            return await awaitable

    return await asyncio.gather(*(one(awaitable) for awaitable in work))


async def _apply_stream(js: JetStreamContext, stream: Stream, *, replicas: int) -> None:
    config = StreamConfig(name=stream.name, num_replicas=replicas, **_stream_fields(stream))
    try:
        found = (await js.stream_info(stream.name)).config
    except NotFoundError:
        await js.add_stream(config)
        return
    if any(_differing(found, {**_stream_fields(stream), "num_replicas": replicas})):
        await js.update_stream(config)


async def _apply_consumer(js: JetStreamContext, consumer: Consumer) -> None:
    try:
        found = (await js.consumer_info(consumer.stream, consumer.name)).config
    except NotFoundError:
        pass
    else:
        if not any(_differing(found, _consumer_fields(consumer))):
            return
    fields = _consumer_fields(consumer)
    await js.add_consumer(consumer.stream, ConsumerConfig(name=consumer.name, **fields))


async def _stream_drift(
    js: JetStreamContext, stream: Stream, *, replicas: int | None
) -> str | None:
    try:
        found = (await js.stream_info(stream.name)).config
    except NotFoundError:
        return f"缺少流 {stream.name}"
    wanted = _stream_fields(stream)
    if replicas is not None:
        wanted["num_replicas"] = replicas
    return _described(f"流 {stream.name}", _differing(found, wanted))


async def _consumer_drift(js: JetStreamContext, consumer: Consumer) -> str | None:
    title = f"消费者 {consumer.name}（流 {consumer.stream}）"
    try:
        found = (await js.consumer_info(consumer.stream, consumer.name)).config
    except NotFoundError:
        return f"缺少{title}"
    return _described(title, _differing(found, _consumer_fields(consumer)))


def _described(title: str, differing: Iterator[str]) -> str | None:
    fields = "，".join(differing)
    return f"{title}：{fields}" if fields else None


def _differing(found: object, wanted: Mapping[str, object]) -> Iterator[str]:
    """Name each field whose value on the server is not the declared one."""
    for field, value in wanted.items():
        actual = getattr(found, field, None)
        if (actual or None) != (value or None):
            yield f"{field} 应为 {_shown(value)}，实为 {_shown(actual)}"


def _shown(value: object) -> str:
    return str(getattr(value, "value", value))


def _stream_fields(stream: Stream) -> dict[str, Any]:
    return {
        "subjects": list(stream.subjects),
        "storage": StorageType.FILE,
        "retention": RetentionPolicy.LIMITS,
        # A full stream refuses its publisher, who keeps the event and tries again; discarding the
        # oldest would lose what was acknowledged. Within one subject the newest value still
        # replaces the one before it (``discard_new_per_subject`` stays off).
        "discard": DiscardPolicy.NEW,
        "discard_new_per_subject": False,
        "max_age": _seconds(stream.max_age),
        "max_bytes": stream.max_bytes,
        "max_msgs": -1,
        "max_msg_size": stream.max_msg_size,
        "max_msgs_per_subject": stream.max_msgs_per_subject,
        "max_consumers": -1,
        "duplicate_window": stream.duplicate_window.total_seconds(),
        "deny_delete": True,
        "deny_purge": True,
        "allow_direct": False,
        "allow_rollup_hdrs": False,
        "allow_msg_ttl": False,
        "sealed": False,
        "no_ack": False,
        "mirror": None,
        "sources": None,
        "republish": None,
        "subject_transform": None,
    }


def _consumer_fields(consumer: Consumer) -> dict[str, Any]:
    return {
        "durable_name": consumer.name,
        "filter_subject": consumer.filter_subject,
        "deliver_policy": DeliverPolicy.ALL,
        "ack_policy": AckPolicy.EXPLICIT,
        "ack_wait": ACK_WAIT.total_seconds(),
        "max_deliver": -1,
        "max_ack_pending": consumer.max_ack_pending,
        "replay_policy": ReplayPolicy.INSTANT,
        "inactive_threshold": None,
        "backoff": None,
        "deliver_subject": None,
        "headers_only": False,
        "mem_storage": False,
        "num_replicas": 0,
    }


def _seconds(age: timedelta | None) -> float:
    return age.total_seconds() if age else 0

"""Read streams as their operator: bounds first, then messages in order, never many at once."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy, RawStreamMsg
from nats.js.errors import NotFoundError

from deploy.local.problem import StackProblem
from shared.messaging.topology import Stream

_MESSAGES_AT_ONCE = 32
_FETCH_SECONDS = 10.0
_FORGOTTEN_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a stream said it holds at one moment."""

    first: int
    last: int
    first_at: datetime
    last_at: datetime
    deleted: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """One message of a stream."""

    sequence: int
    subject: str
    id: str | None
    body: bytes
    at: datetime | None = None


class StreamReader:
    """The operator's eyes on the bus."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._js = client.jetstream()

    async def bounds(self, stream: Stream) -> Bounds:
        """Return what the stream holds now, and which of its sequences were deleted."""
        answer = await self._client.request(
            f"$JS.API.STREAM.INFO.{stream.name}", b'{"deleted_details": true}', timeout=10
        )
        content = json.loads(answer.data)
        if "error" in content:
            raise StackProblem(f"读不到流 {stream.name}：{content['error'].get('description')}")
        state: dict[str, Any] = content["state"]
        return Bounds(
            first=state["first_seq"],
            last=state["last_seq"],
            first_at=_instant(state["first_ts"]),
            last_at=_instant(state["last_ts"]),
            # A stream that never had a message names its sequence 0.
            deleted=tuple(sequence for sequence in state.get("deleted") or () if sequence),
        )

    async def floor(self, stream: str, durable: str) -> int:
        """Return up to which sequence a durable's reader has acknowledged all that concerns it."""
        info = await self._js.consumer_info(stream, durable)
        return info.ack_floor.stream_seq if info.ack_floor else 0

    async def read(
        self, stream: Stream, *, start: datetime | int, last: int
    ) -> AsyncIterator[list[Stored]]:
        """Read from an instant or a sequence up to a sequence, in small lists, in order."""
        [subject] = stream.subjects
        config = ConsumerConfig(
            ack_policy=AckPolicy.NONE,
            inactive_threshold=_FORGOTTEN_SECONDS,
            mem_storage=True,
            **_beginning(start),
        )
        reader = await self._js.pull_subscribe(subject, stream=stream.name, config=config)
        try:
            more = (await reader.consumer_info()).num_pending
            read = 0
            while more:
                messages = await _fetch(reader, stream.name)
                if not messages:
                    more = (await reader.consumer_info()).num_pending
                    continue
                places = [message.metadata for message in messages]
                # Nothing is delivered twice without acknowledgements: a hole here is our own loss.
                if [p.sequence.consumer for p in places] != [
                    *range(read + 1, read + 1 + len(places))
                ]:
                    raise StackProblem(f"读取流 {stream.name} 时连接中断，请重新运行")
                read += len(places)
                yield [s for s in map(_stored, messages) if s.sequence <= last]
                more = places[-1].num_pending if places[-1].sequence.stream < last else 0
        finally:
            await reader.unsubscribe()

    async def at(self, stream: str, sequence: int) -> Stored | None:
        """Return the message at a sequence; ``None`` when the stream has none there."""
        try:
            return _raw(await self._js.get_msg(stream, sequence))
        except NotFoundError:
            return None

    async def last_of(self, stream: str, subject: str) -> Stored | None:
        """Return the last message of a subject; ``None`` when there is none."""
        try:
            return _raw(await self._js.get_last_msg(stream, subject))
        except NotFoundError:
            return None


def _beginning(start: datetime | int) -> dict[str, Any]:
    if isinstance(start, int):
        return {"deliver_policy": DeliverPolicy.BY_START_SEQUENCE, "opt_start_seq": start}
    return {"deliver_policy": DeliverPolicy.BY_START_TIME, "opt_start_time": start}


async def _fetch(reader: JetStreamContext.PullSubscription, stream: str) -> list[Msg]:
    try:
        messages: list[Msg] = await reader.fetch(_MESSAGES_AT_ONCE, timeout=_FETCH_SECONDS)
    except (NatsError, TimeoutError) as error:
        raise StackProblem(f"读取流 {stream} 时消息总线没有应答，请重新运行") from error
    return messages


def _stored(message: Msg) -> Stored:
    place = message.metadata
    return Stored(
        sequence=place.sequence.stream,
        subject=message.subject,
        id=(message.headers or {}).get("Nats-Msg-Id"),
        body=message.data,
        at=place.timestamp,
    )


def _raw(message: RawStreamMsg) -> Stored:
    return Stored(
        sequence=message.seq or 0,
        subject=message.subject or "",
        id=(message.headers or {}).get("Nats-Msg-Id"),
        body=message.data or b"",
    )


def _instant(text: str) -> datetime:
    """Read the server's time; Python keeps microseconds and Go writes nanoseconds."""
    return datetime.fromisoformat(text).astimezone(UTC)

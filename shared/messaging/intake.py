"""The loop that reads one partition in batches: fetch, hand over, ack what is committed."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js import JetStreamContext

from shared.clock import machine_now
from shared.dead_letters import CONTENT_FAILURES_ALLOWED, DeadLetters, Letter
from shared.logs import log
from shared.mongo import unreachable
from shared.telemetry.carried import header_of

# As many as a durable has out at once: whoever fetches a backlog has the partition to itself until
# it is committed, and two processes do not undo each other's transactions.
FETCH_MESSAGES = 64
FETCH_SECONDS = 5.0
ACK_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 10.0
# What comes one by one is read together: each batch costs a dozen round trips and a sync.
GATHER_SECONDS = 0.3
# Younger messages are what comes, older ones a backlog.
_BACKLOG_AGE = timedelta(seconds=3)
_BACKLOG_ENDS_SECONDS = 1.0
_LOOK_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message as its handler sees it: where it stands, its bytes, and the trace it is of."""

    stream: str
    sequence: int
    subject: str
    body: bytes
    trace: str | None = None


Handler = Callable[[Sequence[Delivery]], Awaitable[None]]


class IntakeLoop:
    """Reads one durable. A batch that fails for its content is tried again message by message.

    While it does not ``own`` the durable it leaves it to others, but for what has come already.
    """

    def __init__(  # noqa: PLR0913 - what it reads, what it does with it, and whether it may
        self,
        js: JetStreamContext,
        *,
        stream: str,
        durable: str,
        inbox_prefix: bytes,
        handle: Handler,
        dead_letters: DeadLetters,
        owns: Callable[[], bool] = lambda: True,
    ) -> None:
        self._js = js
        self._stream = stream
        self._durable = durable
        self._inbox_prefix = inbox_prefix
        self._handle = handle
        self._dead_letters = dead_letters
        self._owns = owns
        dead_letters.handlers[durable] = self._again
        self._pause_seconds = 0.0
        self._most = FETCH_MESSAGES
        self.out_of_reach: str | None = None
        self._backlog = False
        self._last_batch = 0.0

    @property
    def behind(self) -> bool:
        """Tell whether a backlog is worked off: what is read has waited, and more of it waits."""
        return self._backlog or time.monotonic() - self._last_batch < _BACKLOG_ENDS_SECONDS

    async def run(self) -> None:
        """Read until cancelled."""
        reader = await self._js.pull_subscribe_bind(
            durable=self._durable, stream=self._stream, inbox_prefix=self._inbox_prefix
        )
        try:
            while True:
                await self.turn(reader)
        finally:
            await reader.unsubscribe()

    async def turn(self, reader: JetStreamContext.PullSubscription) -> None:
        """Read once, and handle and settle what has come."""
        # What came for an earlier request is here and nowhere else until ``ack_wait`` is over.
        if not self._owns() and reader.pending_msgs == 0:
            await asyncio.sleep(_LOOK_SECONDS)
            return
        most = self._most
        try:
            messages = await reader.fetch(most, timeout=FETCH_SECONDS)
        except (NatsError, TimeoutError):
            # An idle partition and a bus on its way back look the same here; the connection's own
            # state feeds readiness.
            await asyncio.sleep(0.05)
            return
        if not messages:
            # So does the driver answer where the connection goes while it waits.
            await asyncio.sleep(0.05)
            return
        first, last = messages[0].metadata, messages[-1].metadata
        waited = machine_now() - first.timestamp
        self._backlog = waited > _BACKLOG_AGE and last.num_pending > 0
        try:
            await self._settle(messages)
        finally:
            if self._backlog:
                # The next batch of it comes at once, or another process has it.
                self._backlog, self._last_batch = False, time.monotonic()
        if len(messages) < most:
            # It has caught up. The first of what comes next waits for what comes after it, and all
            # loops of a process for the same moment, so that what they read goes together.
            await asyncio.sleep(GATHER_SECONDS - time.monotonic() % GATHER_SECONDS)

    async def _settle(self, messages: Sequence[Msg]) -> None:
        try:
            await self._handle([_delivery(message) for message in messages])
        except Exception as error:  # noqa: BLE001 - sorted into "store away" and "content" below
            await self._failed(messages, error)
            return
        self.out_of_reach, self._pause_seconds = None, 0.0
        self._most = min(FETCH_MESSAGES, self._most * 2)
        await self._ack(messages)

    async def _failed(self, messages: Sequence[Msg], error: Exception) -> None:
        if unreachable(error):
            await self._wait(messages, error)
        elif len(messages) > 1:
            for message in messages:
                await self._settle([message])
        else:
            await self._content_failed(messages[0], error)

    async def _wait(self, messages: Sequence[Msg], error: Exception) -> None:
        self.out_of_reach = type(error).__name__
        self._pause_seconds = min(LONGEST_PAUSE_SECONDS, self._pause_seconds * 2 or 0.25)
        # A store may be only too slow for so much at once; the same again would never be done.
        self._most = max(1, self._most // 2)
        log.warning("intake.store_unreachable", durable=self._durable, error=repr(error)[:200])
        for message in messages:
            await message.nak(delay=self._pause_seconds)
        await asyncio.sleep(self._pause_seconds)

    async def _content_failed(self, message: Msg, error: Exception) -> None:
        delivery = _delivery(message)
        log.error("intake.content_failed", sequence=delivery.sequence, exc_info=error)
        try:
            failures = await self._dead_letters.count_failure(
                stream=delivery.stream, sequence=delivery.sequence
            )
            if failures < CONTENT_FAILURES_ALLOWED:
                await message.nak(delay=float(failures))
                return
            await self._dead_letters.add(self._letter(delivery), error)
        except Exception as lost:  # noqa: BLE001 - the letter is not written, so the message stays
            await self._wait([message], lost)
            return
        await message.term()

    def _letter(self, delivery: Delivery) -> Letter:
        return Letter(
            durable=self._durable,
            stream=delivery.stream,
            sequence=delivery.sequence,
            subject=delivery.subject,
            body=delivery.body,
        )

    async def _again(self, letter: Letter) -> None:
        """Handle a letter as its message alone was handled."""
        await self._handle([Delivery(letter.stream, letter.sequence, letter.subject, letter.body)])

    async def _ack(self, messages: Sequence[Msg]) -> None:
        """Acknowledge a batch; the server takes in order what one connection tells a durable.

        So its word for the last is its word for all.
        """
        *others, last = messages
        try:
            for message in others:
                await message.ack()
            await last.ack_sync(timeout=ACK_SECONDS)
        except (NatsError, TimeoutError) as error:
            # Delivered again after ack_wait; identities make that a repeat.
            log.warning("intake.ack_unconfirmed", durable=self._durable, error=repr(error))


def _delivery(message: Msg) -> Delivery:
    place = message.metadata
    return Delivery(
        place.stream,
        place.sequence.stream,
        message.subject,
        message.data,
        header_of(message.headers),
    )

"""What an operator may do to streams, and tests do: forget ids, allow deletion, look at all."""

import asyncio
from dataclasses import replace
from itertools import cycle

from nats.js import JetStreamContext

_FORGET_AT_ONCE_SECONDS = (0.1, 0.2)
_PATIENCE_SECONDS = 20.0


async def forget_ids(js: JetStreamContext, stream: str) -> None:
    """Have a stream forget the ids it has seen, as it does at the end of its duplicate window.

    Ids are forgotten in their order, so its last message is the witness: it is published again
    until the stream takes it for new. No service may start meanwhile: it would find another stream
    than is declared.
    """
    witness = await js.get_msg(stream, (await js.stream_info(stream)).state.last_seq)
    subject, body = witness.subject or "", witness.data or b""
    declared = (await js.stream_info(stream)).config
    async with asyncio.timeout(_PATIENCE_SECONDS):
        # A server that is busy may keep the timer of the window before: told anew, it sets another.
        for window in cycle(_FORGET_AT_ONCE_SECONDS):
            await js.update_stream(replace(declared, duplicate_window=window))
            await asyncio.sleep(2 * window)
            if not (await js.publish(subject, body, headers=witness.headers)).duplicate:
                break
    await js.update_stream(declared)


async def let_messages_be_deleted(js: JetStreamContext, stream: str) -> None:
    """Make an empty stream anew without its protection: only so can a test lose a message."""
    config = (await js.stream_info(stream)).config
    consumers = [info.config for info in await js.consumers_info(stream)]
    await js.delete_stream(stream)
    await js.add_stream(replace(config, deny_delete=False))
    for consumer in consumers:
        await js.add_consumer(stream, consumer)


async def ids_of(js: JetStreamContext, stream: str, *, fact: str = "") -> list[str]:
    """Return the id of every message whose subject begins with this, in the stream's order."""
    state = (await js.stream_info(stream)).state
    messages = [
        await js.get_msg(stream, sequence)
        for sequence in range(state.first_seq, state.last_seq + 1)
    ]
    return [
        (message.headers or {})["Nats-Msg-Id"]
        for message in messages
        if (message.subject or "").startswith(fact)
    ]

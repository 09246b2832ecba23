"""A department's own system on the bus: it reads what it is sent, and answers as itself."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js import JetStreamContext

from deploy.demo.acting.doors import DemoFailed
from deploy.demo.sample.watched.model import Answer
from deploy.local import nats_server
from shared.messaging.permissions import CITY_DOMAIN
from shared.messaging.topology import EXCHANGE, EXCHANGE_IN, exchange_consumer

_BATCH = 50
_SILENCE_SECONDS = 2.0
_ACKNOWLEDGED_SECONDS = 10.0

Answers = Mapping[str, tuple[Answer, ...]]
"""What a department answers, by the id of the lead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bus:
    """Where the bus listens, and where each department's seed lies."""

    url: str
    seed_of: Callable[[str], Path]


async def answer_over_bus(bus: Bus, department: str, due: Answers, *, seed: int) -> None:
    """Read everything that was sent to a department, and answer what it answers.

    A message is acknowledged after its answers are stored. What another reader of the department
    took before is answered too: the ids of answers are the same for a seed, and a repeat is none.
    """
    client = await nats_server.connect(
        bus.url, user=department, seed=bus.seed_of(department), name=f"{department}-demo"
    )
    try:
        js = client.jetstream(domain=CITY_DOMAIN, timeout=_ACKNOWLEDGED_SECONDS)
        left = dict(due)
        async for message in _sent_to(js, department, until=lambda: not left):
            lead_id = json.loads(message.data)["subject"]
            await _say(js, department, lead_id, left.pop(lead_id, ()), seed=seed)
            await message.ack_sync(timeout=_ACKNOWLEDGED_SECONDS)
        for lead_id, answers in left.items():
            await _say(js, department, lead_id, answers, seed=seed)
    except NatsError as error:
        raise DemoFailed(f"{department} 在总线上没有办成：{error!r}") from error
    finally:
        await client.close()


async def _sent_to(
    js: JetStreamContext, department: str, *, until: Callable[[], bool]
) -> AsyncIterator[Msg]:
    """Yield what waits for a department, until all that is looked for came or nothing more does."""
    durable = exchange_consumer(department)
    reader = await js.pull_subscribe_bind(durable=durable, stream=EXCHANGE.name)
    while not until():
        try:
            for message in await reader.fetch(_BATCH, timeout=_SILENCE_SECONDS):
                yield message
        except TimeoutError:
            break
    await reader.unsubscribe()


async def _say(
    js: JetStreamContext, department: str, lead_id: str, answers: tuple[Answer, ...], *, seed: int
) -> None:
    for answer in answers:
        fact = f"lead-{answer.kind}"
        body = _event(department, lead_id, answer, id=f"demo-{seed}-{lead_id}-{fact}")
        subject = f"exchange-in.v1.{department}.{fact}"
        await js.publish(subject, body, stream=EXCHANGE_IN.name, timeout=_ACKNOWLEDGED_SECONDS)


def _event(department: str, lead_id: str, answer: Answer, *, id: str) -> bytes:  # noqa: A002 - CloudEvents names the field
    told = {"lead_id": lead_id, "reason": answer.reason, "outcome": answer.outcome}
    event = {
        "specversion": "1.0",
        "id": id,
        "source": f"/departments/{department}",
        "type": f"cn.haining.ads_watch.lead-{answer.kind}.v1",
        "subject": lead_id,
        "time": datetime.now(UTC).isoformat(),
        "datacontenttype": "application/json",
        "dataschema": "urn:haining:schema:lead-answer:v1",
        "data": {name: value for name, value in told.items() if value is not None},
    }
    return json.dumps(event, ensure_ascii=False).encode()

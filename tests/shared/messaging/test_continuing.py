"""A subscriber continues the trace of what it receives, over a real bus into a real store."""

import asyncio

import pytest

from services.fund_monitor.events.subscribers import institution_router
from services.fund_monitor.store.institutions import InstitutionReplica
from shared.clock import machine_now
from shared.contracts.registry import INSTITUTION_STATE, InstitutionState
from shared.dead_letters import DeadLetters
from shared.ids import new_id
from shared.messaging.subscribe import broker_of
from tests.support.fund import an_institution
from tests.support.spans import Spans, trace_of

pytestmark = [
    pytest.mark.integration,
    pytest.mark.timeout(60),
    pytest.mark.usefixtures("reading"),
]

TRACE = "a" * 32
HEADERS = {"traceparent": f"00-{TRACE}-{'1' * 16}-01"}


@pytest.fixture
def spans():
    made = Spans()
    yield made
    made.close()


@pytest.fixture
async def reading(database, bus, spans):
    router = institution_router(InstitutionReplica(database), DeadLetters(database))
    broker = broker_of(
        [router],
        url=bus.url,
        user="fund_monitor",
        seed_file=bus.seed_file("fund_monitor"),
        tracer=spans.provider("fund_monitor").get_tracer("tests"),
    )
    async with broker:
        await broker.start()
        yield


@pytest.fixture
async def publish(bus):
    connection = await bus.connect("registry")

    async def publish(headers: dict[str, str] | None) -> None:
        state = an_institution(stages=["compulsory"], mode="offline", town="haizhou")
        identifier = state.pop("_id")
        envelope = INSTITUTION_STATE.envelope(
            InstitutionState(institution_id=identifier, **state),
            id=new_id(),
            subject=identifier,
            time=machine_now(),
        )
        await connection.jetstream().publish(
            INSTITUTION_STATE.subject_for(institution=identifier),
            envelope.model_dump_json(exclude_none=True).encode(),
            stream=INSTITUTION_STATE.stream,
            headers=headers,
        )

    yield publish
    await connection.close()


async def the_mark(database) -> dict:
    async with asyncio.timeout(20):
        while (mark := await database["to_judge"].find_one()) is None:  # noqa: ASYNC110 - polled
            await asyncio.sleep(0.02)
    return mark


async def the_span(spans):
    """Return the handling's span: it ends after the acknowledgement, the mark is there before."""
    async with asyncio.timeout(20):
        while not (ended := spans.finished()):  # noqa: ASYNC110 - polled
            await asyncio.sleep(0.02)
    return ended[0]


async def test_the_handling_is_a_step_of_the_senders_trace_and_so_is_what_it_marks(
    database, publish, spans
):
    await publish(HEADERS)

    mark, span = await the_mark(database), await the_span(spans)
    assert span.name == "state.registry.institution process"
    assert trace_of(span) == TRACE
    assert mark["traces"] == [f"00-{TRACE}-{span.context.span_id:016x}-01"]


async def test_a_message_without_a_trace_begins_one(database, publish, spans):
    await publish(None)

    mark, span = await the_mark(database), await the_span(spans)
    assert span.parent is None
    [trace] = mark["traces"]
    assert trace.startswith(f"00-{trace_of(span)}-{span.context.span_id:016x}-")

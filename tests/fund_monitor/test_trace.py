"""The trace of one event: from a bank's request to a department's inbox, from real spans."""

import asyncio
import json
import sys
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from opentelemetry.trace import SpanKind

from shared.cancelling import ended
from shared.clock import machine_now
from shared.messaging.permissions import CITY_DOMAIN
from shared.messaging.topology import alerts_consumer
from shared.mongo import connect
from shared.outbox import Relay
from shared.telemetry.carried import continued, header_of
from shared.telemetry.commands import CommandSpans
from shared.telemetry.sight import Sight
from tests.support.fund import fund_monitor, money, opened
from tests.support.spans import Spans, parent_of, shown, trace_of
from tests.support.waiting import until

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]

BANKS_TRACE = "11111111111111111111111111111111"
ACCOUNT = "6222020200012345678"


@pytest.fixture
def spans():
    made = Spans()
    yield made
    made.close()


@pytest.fixture
def every_command() -> bool:
    """Whether MongoDB's commands are spans, or its commits alone."""
    return False


@pytest.fixture
async def traced(  # noqa: PLR0917 - fixtures
    mongo, database, bus, access, token, spans, every_command
):
    """A fund_monitor whose every step is a span: its door, its worker, its relay."""
    sight = Sight(provider=spans.provider("fund_monitor"))
    client = connect(
        mongo.url,
        username=None,
        password=None,
        database=database.name,
        listeners=[CommandSpans(sight.tracer, every=every_command)],
    )
    async with fund_monitor(client[database.name], bus, access, token, sight=sight) as fund:
        relay = Relay(fund.db, fund.bus.jetstream(), poll_seconds=0.05, tracer=sight.tracer)
        relaying = asyncio.create_task(relay.run())
        await fund.add_bank("alpha")
        yield fund
        await ended(relaying)
    await client.close()


@asynccontextmanager
async def inbox_of(department: str, bus):
    """Read a department's durable as its own system does, by its own credentials."""
    connection = await bus.connect(department)
    try:
        yield await connection.jetstream(domain=CITY_DOMAIN).pull_subscribe_bind(
            durable=alerts_consumer(department), stream="ALERTS"
        )
    finally:
        await connection.close()


async def send_traced(fund, events, trace: str = BANKS_TRACE):
    fund.client.headers["traceparent"] = f"00-{trace}-2222222222222222-01"
    await fund.accepted(events)
    del fund.client.headers["traceparent"]


async def test_one_event_is_followed_from_the_banks_request_to_a_departments_inbox(
    traced, bus, spans, capsys
):
    department = spans.provider("pboc").get_tracer("department")

    await send_traced(traced, [opened(ACCOUNT), money("deposit", "d1", account_no=ACCOUNT)])
    async with inbox_of("pboc", bus) as inbox:
        [message] = await inbox.fetch(1, timeout=20)
        with continued(
            department, "inbox receive", [header_of(message.headers)], kind=SpanKind.CONSUMER
        ):
            await message.ack_sync()
    await traced.settled()

    trace = await ended_trace(spans, "post batch", "judge together")
    with capsys.disabled():
        sys.stdout.write(f"\n{shown(trace)}\n")
    assert json.loads(message.data)["data"]["rule"] == "fund.unregistered_money"
    assert road_to(named("inbox receive", trace), trace) == [
        "POST /v1/banks/{bank}/events",
        "BANK_INTAKE publish",
        "BANK_INTAKE process",
        "judge",
        "ALERTS publish",
        "inbox receive",
    ]
    assert road_to(named("post batch", trace), trace)[-2:] == ["BANK_INTAKE process", "post batch"]
    assert commands_of("post batch", trace) == ["commitTransaction"]
    assert commands_of("judge together", trace) == ["commitTransaction"]


@pytest.mark.parametrize("every_command", [True])
async def test_every_command_is_a_span_where_that_is_asked_for(traced, spans):
    await send_traced(traced, [opened(), money("deposit", "d1")])
    await traced.settled()

    trace = await ended_trace(spans, "post batch", "judge together")
    assert {"find", "insert", "update", "commitTransaction"} <= {*commands_of("post batch", trace)}
    assert {"find", "commitTransaction"} <= {*commands_of("judge together", trace)}
    assert "insert" in commands_of("judge", trace)
    # What polls outside of every span makes none: the relay and the judge look all the time.
    assert [span for span in spans.finished() if "." in span.name and span.parent is None] == []


async def test_a_trace_names_no_account_and_nobody(traced, spans):
    pupil = "stu_abcdefghijklmnopqrstuvwxyz"

    await send_traced(
        traced,
        [opened(ACCOUNT), money("deposit", "d1", account_no=ACCOUNT, student_ref=pupil)],
    )
    await traced.settled()
    # The address of this page, and the refusal that it answers with, have the number in them.
    await traced.read(f"/v1/banks/alpha/accounts/{ACCOUNT}")
    await traced.read(f"/v1/banks/alpha/accounts/{ACCOUNT}9")

    written = "\n".join(span.to_json() for span in spans.finished())
    assert "/v1/banks/{bank}/accounts/{account_no}" in written
    for secret in (ACCOUNT, pupil, opened()["account_name"]):
        assert secret not in written


async def test_every_request_of_a_batch_leads_to_the_judging_it_caused(traced, spans):
    """Two requests whose events make one mark: the judge continues the first, links the other."""
    traces = ["a" * 32, "b" * 32]
    async with held(traced):
        await send_traced(traced, [opened()], traces[0])
        await send_traced(traced, [money("deposit", "d1")], traces[1])
        await posted(traced, events=2)
    await traced.settled()

    [judge] = [span for span in spans.finished() if span.name == "judge"]
    followed = [trace_of(judge), *(f"{link.context.trace_id:032x}" for link in judge.links)]
    assert followed == traces


@asynccontextmanager
async def held(fund):
    """Keep the judge away from an institution: somebody else judges it."""
    leases = fund.db["judging"]
    code = opened()["institution_code"]
    await leases.insert_one(
        {"_id": f"institution|{code}", "leased_until": machine_now() + timedelta(hours=1)}
    )
    yield
    await leases.update_many({}, {"$set": {"leased_until": None}})


async def posted(fund, *, events: int):
    async with asyncio.timeout(20):
        while await fund.db["events"].count_documents({}) < events:  # noqa: ASYNC110 - polled
            await asyncio.sleep(0.02)


async def ended_trace(spans, *steps):
    """Return the bank's trace once some steps have ended: a span ends after what it commits."""
    trace = []

    async def ended() -> bool:
        trace[:] = [span for span in spans.finished() if trace_of(span) == BANKS_TRACE]
        return {*steps} <= {span.name for span in trace}

    await until(ended)
    return trace


def commands_of(step, trace) -> list[str]:
    """Return the commands to MongoDB directly below a step."""
    parent = named(step, trace).context.span_id
    return [
        span.name.rpartition(".")[2]
        for span in trace
        if parent_of(span) == parent and span.kind is SpanKind.CLIENT
    ]


def named(name, trace):
    return next(span for span in trace if span.name == name)


def road_to(span, trace) -> list[str]:
    """Return the names from the root of a trace to a span."""
    by_id = {one.context.span_id: one for one in trace}
    road = []
    while span is not None:
        road.insert(0, span.name)
        span = by_id.get(parent_of(span))
    return road

"""A department of the demo on a real bus: it answers what it was sent, once, and as itself."""

import json

import pytest

from deploy.demo.acting.bus_desk import Bus, answer_over_bus
from deploy.demo.acting.doors import DemoFailed
from deploy.demo.sample.watched.model import Answer
from services.ads_watch.events.answers import answer_of
from shared.messaging.permissions import CITY_DOMAIN
from tests.support.servers import nats_for_tests

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]

ACCEPTED = Answer(kind="accepted")
FEEDBACK = Answer(kind="feedback", outcome="corrected", reason="已撤下")
RETURNED = Answer(kind="returned", reason="不在本部门")


@pytest.fixture
def server():
    with nats_for_tests() as server:
        yield server


@pytest.fixture
def bus(server):
    return Bus(url=server.url, seed_of=server.seed_file)


@pytest.fixture
async def js(server):
    client = await server.connect("operator")
    yield client.jetstream()
    await client.close()


async def send(js, lead_id, *, department="publicity"):
    body = json.dumps({"subject": lead_id}).encode()
    await js.publish(f"exchange.v1.{department}.lead-sent", body, stream="EXCHANGE")


async def answered(js):
    """Return what the service reads of every answer on the exchange, in order."""
    last = (await js.stream_info("EXCHANGE_IN")).state.last_seq
    messages = [await js.get_msg("EXCHANGE_IN", seq) for seq in range(1, last + 1)]
    return [answer_of(it.subject, it.data) for it in messages]


async def unread(server, department="publicity"):
    client = await server.connect(department)
    info = await client.jetstream(domain=CITY_DOMAIN).consumer_info(
        "EXCHANGE", f"exchange-{department}"
    )
    await client.close()
    return info.num_pending + info.num_ack_pending


class TestAnswerOverBus:
    async def test_says_all_answers_in_their_order_as_the_service_reads_them(self, js, bus):
        await send(js, "l-1")

        await answer_over_bus(bus, "publicity", {"l-1": (ACCEPTED, FEEDBACK)}, seed=1)

        first, second = [answer for answer, _ in await answered(js)]
        assert (first.office, first.kind, first.lead_id) == ("publicity", "accepted", "l-1")
        assert (second.kind, second.outcome, second.reason) == ("feedback", "corrected", "已撤下")

    async def test_has_read_and_acknowledged_what_it_answered(self, server, js, bus):
        await send(js, "l-1")
        await send(js, "l-2")

        await answer_over_bus(bus, "publicity", {"l-1": (ACCEPTED,), "l-2": (RETURNED,)}, seed=1)

        assert await unread(server) == 0
        assert {answer.kind for answer, _ in await answered(js)} == {"accepted", "returned"}

    async def test_acknowledges_what_it_leaves_unanswered(self, server, js, bus):
        await send(js, "l-0")
        await send(js, "l-1")

        await answer_over_bus(bus, "publicity", {"l-1": (ACCEPTED,)}, seed=1)

        assert await unread(server) == 0
        assert [answer.lead_id for answer, _ in await answered(js)] == ["l-1"]

    async def test_answers_what_another_reader_of_the_department_took_before(self, js, bus):
        await answer_over_bus(bus, "publicity", {"l-1": (RETURNED,)}, seed=1)

        [(answer, _)] = await answered(js)
        assert (answer.lead_id, answer.reason) == ("l-1", "不在本部门")

    async def test_gives_a_repeat_the_same_identity(self, js, bus):
        await answer_over_bus(bus, "publicity", {"l-1": (ACCEPTED,)}, seed=1)
        await answer_over_bus(bus, "publicity", {"l-1": (ACCEPTED,)}, seed=1)

        first, second = await answered(js)
        assert first == second

    async def test_says_who_could_not_answer_when_the_bus_refuses(self, js, bus):
        await js.delete_consumer("EXCHANGE", "exchange-publicity")

        with pytest.raises(DemoFailed, match="publicity"):
            await answer_over_bus(bus, "publicity", {"l-1": (ACCEPTED,)}, seed=1)

"""A lead's whole way over the bus, with the departments' own users, on real servers."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from nats.js import JetStreamContext

from services.ads_watch.app.report_sighting import report_sighting
from services.ads_watch.events.answers import UnknownAnswer, answer_of, answers_loop
from shared.audit.log import Who
from shared.cancelling import ended
from shared.dead_letters import DeadLetters
from shared.messaging.connect import connect as connect_bus
from shared.messaging.permissions import CITY_DOMAIN
from shared.outbox import Relay
from shared.telemetry.carried import UNTRACED
from tests.ads_watch.builders import seen

_PATIENCE_SECONDS = 40.0


@dataclass
class Office:
    """One department as it uses the bus: its durable, and its one subject."""

    name: str
    js: JetStreamContext

    async def reads(self) -> dict[str, Any]:
        reader = await self.js.pull_subscribe_bind(
            durable=f"exchange-{self.name}", stream="EXCHANGE"
        )
        [message] = await reader.fetch(1, timeout=_PATIENCE_SECONDS)
        await message.ack_sync()
        await reader.unsubscribe()
        event: dict[str, Any] = json.loads(message.data)
        return {"subject": message.subject, "type": event["type"], **event["data"]}

    async def says(self, fact: str, data: dict[str, Any], *, id: str) -> None:  # noqa: A002 - CloudEvents names the field
        await self.js.publish(
            f"exchange-in.v1.{self.name}.{fact}", body_of(data, id=id), stream="EXCHANGE_IN"
        )


def body_of(data: dict[str, Any], *, id: str = "answer-1") -> bytes:  # noqa: A002 - CloudEvents names the field
    event = {
        "specversion": "1.0",
        "id": id,
        "source": "/departments/anything",
        "type": "cn.haining.lead-answer.v1",
        "subject": "lead",
        "time": "2022-03-06T09:00:00+08:00",
        "datacontenttype": "application/json",
        "dataschema": "urn:haining:schema:LeadAnswer:v1",
        "data": data,
    }
    return json.dumps(event).encode()


async def until(check) -> Any:
    """Wait until a question has an answer."""
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while not (found := await check()):  # noqa: ASYNC110 - polled
            await asyncio.sleep(0.02)
    return found


class TestReadingAnswers:
    def test_takes_the_office_from_the_subject_and_not_from_the_body(self):
        body = body_of({"lead_id": "l-1", "department": "education"})

        answer, event_id = answer_of("exchange-in.v1.publicity.lead-accepted", body)

        assert (answer.office, answer.kind, event_id) == ("publicity", "accepted", "answer-1")

    @pytest.mark.parametrize(("length", "good"), [(1, True), (128, True), (129, False), (0, False)])
    def test_bounds_the_id(self, length, good):
        body = body_of({"lead_id": "l-1"}, id="x" * length)
        subject = "exchange-in.v1.publicity.lead-accepted"

        if good:
            assert answer_of(subject, body)[1] == "x" * length
        else:
            with pytest.raises(UnknownAnswer):
                answer_of(subject, body)

    def test_knows_no_other_answers(self):
        with pytest.raises(UnknownAnswer):
            answer_of("exchange-in.v1.publicity.self-test", body_of({"lead_id": "l-1"}))

    @pytest.mark.parametrize("reason", ["", "甲" * 501, None])
    def test_needs_a_reason_of_a_bounded_length(self, reason):
        body = body_of({"lead_id": "l-1", "reason": reason})

        with pytest.raises(ValueError, match="reason"):
            answer_of("exchange-in.v1.publicity.lead-returned", body)


@pytest.fixture
async def running(db, desk, bus) -> AsyncIterator[None]:
    """The relay and the loop of answers, with the permissions of ads_watch."""
    connection = await connect_bus(bus.url, user="ads_watch", seed_file=bus.seed_file("ads_watch"))
    js = connection.jetstream()
    loop = answers_loop(js, desk=desk, dead_letters=DeadLetters(db), tracer=UNTRACED)
    tasks = [asyncio.create_task(work()) for work in (Relay(db, js).run, loop.run)]
    yield
    await ended(*tasks)
    await connection.close()


@pytest.fixture
async def office(bus):
    """Return a department or town at its own connection: ``await office("publicity")``."""
    connections = []

    async def of(name: str) -> Office:
        connection = await bus.connect(name)
        connections.append(connection)
        return Office(name, connection.jetstream(domain=CITY_DOMAIN))

    yield of
    for connection in connections:
        await connection.close()


async def a_report(desk) -> None:
    """A street reports a lawful text on a banned medium: one lead for 市委宣传部."""
    await report_sighting(
        seen(text="少儿美术班"), office="xiashi", desk=desk, who=Who(role="staff", office="xiashi")
    )


@pytest.mark.integration
@pytest.mark.timeout(120)
@pytest.mark.usefixtures("running")
class TestOverTheBus:
    async def test_a_lead_is_read_accepted_and_answered(self, desk, office):
        publicity, xiashi = await office("publicity"), await office("xiashi")
        await a_report(desk)

        lead = await publicity.reads()
        await publicity.says("lead-accepted", {"lead_id": lead["lead_id"]}, id="1")
        done = {"lead_id": lead["lead_id"], "outcome": "penalised", "reason": "已责令撤下"}
        await publicity.says("lead-feedback", done, id="2")

        assert lead["kind"] == "ads.placement_media"
        heard = [await xiashi.reads(), await xiashi.reads()]
        assert [one["subject"] for one in heard] == [
            "exchange.v1.xiashi.lead-accepted",
            "exchange.v1.xiashi.lead-feedback",
        ]
        assert heard[1]["outcome"] == "penalised"
        assert (await desk.leads.get(lead["lead_id"])).state == "answered"

    async def test_a_returned_lead_reaches_the_regulator_of_the_market(self, desk, office):
        publicity, regulator = await office("publicity"), await office("market_regulation")
        await a_report(desk)

        lead = await publicity.reads()
        back = {"lead_id": lead["lead_id"], "reason": "不是本市媒体"}
        await publicity.says("lead-returned", back, id="1")

        again = await regulator.reads()
        assert (again["lead_id"], again["returned_by"]) == (lead["lead_id"], "publicity")
        assert "不是本市媒体" in again["reason"]

    async def test_an_answer_counts_once_and_an_office_owns_its_ids(self, desk, db, office):
        publicity, regulator = await office("publicity"), await office("market_regulation")
        await a_report(desk)
        lead = await publicity.reads()
        accepted = {"lead_id": lead["lead_id"]}

        for _ in range(3):
            await publicity.says("lead-accepted", accepted, id="same")
        # Another office's message of the same id is another message.
        await regulator.says("lead-accepted", accepted, id="same")

        letter = await until(lambda: db["dead_letters"].find_one({}))
        assert letter["subject"] == "exchange-in.v1.market_regulation.lead-accepted"
        assert "NotYourLead" in letter["reason"]
        assert (await desk.leads.get(lead["lead_id"])).version == 2
        assert await db["lead_answers"].count_documents({}) == 1

    async def test_a_bad_one_is_set_aside_and_those_behind_it_go_on(self, desk, db, office):
        publicity = await office("publicity")
        await a_report(desk)
        lead = await publicity.reads()

        await publicity.js.publish(
            "exchange-in.v1.publicity.lead-accepted", b"no event", stream="EXCHANGE_IN"
        )
        await publicity.says("lead-accepted", {"lead_id": "nobody-knows-it"}, id="1")
        await publicity.says("lead-accepted", {"lead_id": lead["lead_id"]}, id="2")

        async def accepted() -> bool:
            return (await desk.leads.get(lead["lead_id"])).state == "accepted"

        async def both_set_aside() -> bool:
            return await db["dead_letters"].count_documents({}) == 2

        await until(accepted)
        await until(both_set_aside)

"""Each service alone: the other three away, it does its work, and catches up when they return."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook

from deploy.demo.acting.doors import client
from deploy.demo.sample.term import AS_OF
from deploy.local import nats_server
from deploy.local.layout import Layout
from deploy.local.service_clock import settle
from shared.messaging.permissions import CITY_DOMAIN, SERVICES
from shared.messaging.topology import alerts_consumer, exchange_consumer
from tests.ads_watch.builders import a_report
from tests.deploy.demo.test_journey import free_port_base
from tests.registry.builders import a_filing as an_institution
from tests.schedule_monitor.builders import a_calendar_body, a_class
from tests.schedule_monitor.builders import a_filing as a_timetable
from tests.support.fund import money, opened
from tests.support.parts import Parts, stack_in_parts
from tests.support.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

LATE_CLASS = a_class("2026-03-03", start="20:00:00", end="21:30:00")
UNKNOWN = "01890000-0000-7000-8000-00000000dead"


@dataclass(frozen=True, slots=True)
class City:
    """The stack in parts, and everybody who meets it: by HTTP, by signature, over the bus."""

    parts: Parts
    http: httpx.AsyncClient

    async def ask(self, service: str, method: str, path: str, body: object = None) -> Any:
        headers = {"Authorization": f"Bearer {self.parts.issuer.token(role='admin')}"}
        url = self.parts.urls[service] + path
        return await self.http.request(method, url, json=body, headers=headers)

    async def get(self, service: str, path: str) -> Mapping[str, Any]:
        answer = await self.ask(service, "GET", path)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def make(self, service: str, path: str, body: object, *, method: str = "POST") -> Any:
        answer = await self.ask(service, method, path, body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def standing(self, service: str, *, about: str) -> set[tuple[str, str]]:
        """Return rule and lead of each alert about somebody that stands."""
        found = (await self.get(service, "/v1/alerts"))["alerts"]
        return {
            (one["rule"], one["lead"])
            for one in found
            if one["about"]["id"] == about and one["state"] != "superseded"
        }

    async def away(self, *services: str) -> None:
        for service in services:
            with pytest.raises(httpx.ConnectError):
                await self.http.get(self.parts.urls[service] + "/health/live")

    async def ready(self, *services: str) -> None:
        for service in services:
            assert (await self.get(service, "/health/ready"))["ready"] is True

    async def heard(self, office: str, durable: str, stream: str) -> Mapping[str, Any]:
        """Return what is next on an office's own durable, read by its own credentials."""
        connection = await self._as(office)
        reader = await connection.jetstream(domain=CITY_DOMAIN).pull_subscribe_bind(
            durable=durable, stream=stream
        )
        [message] = await reader.fetch(1, timeout=60)
        await message.ack_sync()
        await connection.close()
        return dict(json.loads(message.data)["data"])

    async def accepts(self, office: str, lead_id: str) -> None:
        """Have an office take a lead on, over the bus."""
        event = {
            "specversion": "1.0",
            "id": f"accept-{lead_id}",
            "source": f"/departments/{office}",
            "type": "cn.haining.lead-answer.v1",
            "subject": lead_id,
            "time": "2026-06-30T17:00:00+08:00",
            "datacontenttype": "application/json",
            "dataschema": "urn:haining:schema:LeadAcceptance:v1",
            "data": {"lead_id": lead_id},
        }
        connection = await self._as(office)
        await connection.jetstream(domain=CITY_DOMAIN).publish(
            f"exchange-in.v1.{office}.lead-accepted",
            json.dumps(event).encode(),
            stream="EXCHANGE_IN",
        )
        await connection.close()

    async def _as(self, office: str) -> Any:
        seed = self.parts.place.keys.nats_seed(office)
        return await nats_server.connect(self.parts.nats_url, user=office, seed=seed)


@pytest.fixture
async def city(tmp_path):
    layout = Layout(tmp_path / "stack")
    offset = settle(layout, as_of=AS_OF).offset_seconds
    base = free_port_base()
    async with (
        stack_in_parts(layout, port_base=base, clock_offset_seconds=offset) as parts,
        client() as http,
    ):
        yield City(parts, http)


async def alone(city: City, service: str) -> tuple[str, ...]:
    """Start one service with the other three away, and return their names."""
    others = tuple(name for name in SERVICES if name != service)
    await city.parts.start(service)
    await city.away(*others)
    await city.ready(service)
    return others


async def send_money(city: City, uscc: str) -> None:
    """Have a bank report an account, and a payment for more lessons than are allowed."""
    made = await city.make("fund_monitor", "/v1/banks", {"code": "alpha"})
    events = [opened(code=uscc), money("deposit", "d1", 500_000, lessons="61")]
    body = json.dumps({"events": events})
    now = datetime.now(UTC)
    answer = await city.http.post(
        city.parts.urls["fund_monitor"] + "/v1/banks/alpha/events",
        content=body,
        headers={
            "content-type": "application/json",
            "webhook-id": "msg-1",
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(made["secret"]).sign("msg-1", now, body),
        },
    )
    assert answer.status_code == 202, answer.text
    assert {one["status"] for one in answer.json()["results"]} == {"accepted"}


async def file_late_class(city: City, institution: str) -> bool:
    """File a timetable; tell whether schedule_monitor knows the institution yet."""
    body = a_timetable(LATE_CLASS, institution_id=institution)
    answer = await city.ask("schedule_monitor", "POST", "/v1/timetables", body)
    if answer.status_code == 409:
        assert answer.json()["type"].endswith("institution-unknown")
        assert "Retry-After" in answer.headers
        return False
    assert answer.status_code == 201, answer.text
    return True


async def test_registry_alone_registers_and_the_others_learn_of_it_when_they_come(city):
    others = await alone(city, "registry")
    registered = await city.make("registry", "/v1/institutions", an_institution())
    institution = registered["institution_id"]
    assert (await city.get("registry", f"/v1/institutions/{institution}"))["status"] == "active"

    await city.parts.start(*others)
    await send_money(city, registered["uscc"])

    await until(lambda: file_late_class(city, institution))

    async def everybody_knows_whose_duty_it_is() -> bool:
        return (
            ("fund.over_collection", "education")
            in await city.standing("fund_monitor", about=institution)
        ) and (
            ("schedule.offline_end", "education")
            in await city.standing("schedule_monitor", about=institution)
        )

    await until(everybody_knows_whose_duty_it_is, seconds=60)
    await city.ready(*SERVICES)


async def test_schedule_monitor_alone_judges_and_takes_filings_once_the_register_is_back(city):
    others = await alone(city, "schedule_monitor")
    path = "/v1/school-calendars/2025-2026"
    await city.make("schedule_monitor", path, a_calendar_body(), method="PUT")
    day = await city.get("schedule_monitor", "/v1/calendar/2026-05-01")
    checked = await city.ask(
        "schedule_monitor", "POST", "/v1/timetables/check", {"sessions": [LATE_CLASS]}
    )
    assert day["kind"] == "statutory_holiday"
    assert (checked.status_code, checked.json()["verdict"]) == (200, "unlawful")
    assert await file_late_class(city, UNKNOWN) is False

    await city.parts.start(*others)
    registered = await city.make("registry", "/v1/institutions", an_institution())

    await until(lambda: file_late_class(city, registered["institution_id"]))
    alert = await city.heard("education", alerts_consumer("education"), "ALERTS")
    assert alert["rule"] == "schedule.offline_end"
    assert alert["about"]["id"] == registered["institution_id"]


async def test_fund_monitor_alone_posts_and_judges_anew_when_the_register_is_back(city):
    others = await alone(city, "fund_monitor")
    uscc = an_institution()["uscc"]
    await send_money(city, uscc)

    async def posted() -> bool:
        return bool((await city.get("fund_monitor", "/v1/summary"))["settled"])

    await until(posted, seconds=60)
    account = await city.get("fund_monitor", "/v1/banks/alpha/accounts/A1")
    first = await city.heard("pboc", alerts_consumer("pboc"), "ALERTS")
    assert account["balance_fen"] == 500_000
    # Whose account it is nobody can say yet, and that is what is told.
    assert first["rule"] == "fund.unregistered_money"

    await city.parts.start(*others)
    registered = await city.make("registry", "/v1/institutions", an_institution())

    async def judged_anew() -> bool:
        about = await city.standing("fund_monitor", about=registered["institution_id"])
        before = await city.standing("fund_monitor", about=first["about"]["id"])
        unknown = [rule for rule, _ in before if rule == "fund.unregistered_money"]
        return ("fund.over_collection", "education") in about and not unknown

    await until(judged_anew, seconds=60)
    assert (await city.get("fund_monitor", "/v1/summary"))["ledger"]["balanced"] is True


async def test_ads_watch_alone_takes_a_sighting_and_hears_what_was_answered_while_it_was_away(city):
    others = await alone(city, "ads_watch")
    report = a_report(text="少儿美术班", medium="elevator")
    sighting = await city.make("ads_watch", "/v1/sightings", report)
    office = "urban_enforcement"
    sent = await city.heard(office, exchange_consumer(office), "EXCHANGE")
    assert sent["sighting"]["sighting_id"] == sighting["sighting_id"]

    await city.parts.stop("ads_watch")
    await city.accepts(office, sent["lead_id"])
    await city.parts.start(*others)
    await city.away("ads_watch")
    await city.ready(*others)
    await city.parts.start("ads_watch")

    async def accepted() -> bool:
        lead = await city.get("ads_watch", f"/v1/leads/{sent['lead_id']}")
        return bool(lead["state"] == "accepted")

    await until(accepted)
    told = await city.heard("market_regulation", exchange_consumer("market_regulation"), "EXCHANGE")
    assert (told["lead_id"], told["department"]) == (sent["lead_id"], office)

"""Every service is killed before and after each step of its work, and each effect happens once.

The points of one service are taken in turn, each by a new process that is killed there. What a
killed one had in hand comes back after ``ack_wait`` and leases (20 to 30 s); all points share that
time, because nothing is waited for until the last of them is through.
"""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from signal import SIGKILL
from typing import Any

import httpx
import pytest
from nats.js import JetStreamContext
from standardwebhooks import Webhook
from stdnum.cn import uscc as gb_32100

from deploy.local.issuer import Issuer
from deploy.local.ports import Ports
from deploy.proof.day import CityDay
from deploy.proof.places import Places
from deploy.proof.proof import prove
from deploy.proof.streams import StreamReader
from shared.alerts.store import AlertStore
from shared.city_time import city_date
from shared.clock import machine_now
from shared.contracts.alerts import ALERT_CHANNELS
from shared.marks import MarkStore
from shared.messaging.permissions import CITY_DOMAIN, SERVICES
from shared.messaging.topology import CONSUMERS, alerts_consumer
from shared.mongo import Database, connect, transact
from tests.deploy.demo.test_journey import free_port_base
from tests.registry.builders import a_filing
from tests.shared.alerts.builders import a_finding, a_verdict, an_institution
from tests.support.dooming import Doomed, doomed, environments
from tests.support.fund import SEEN_AT, money, opened
from tests.support.streams import forget_ids, ids_of

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

Point = tuple[str, str]


def around(*steps: str) -> list[Point]:
    return [(step, when) for step in steps for when in ("before", "after")]


RELAY = around("lease", "publish", "mark")
INTAKE = [
    ("receive-intake", "after"),
    *around("door", "post", "ack-intake", "judge"),
    *RELAY,
]
STATE = [("receive-state", "after"), *around("replica", "ack-state")]
FEE_FEN = 12_300


@dataclass
class City:
    """Four services that can be doomed, and the doors and stores to look at them."""

    services: dict[str, Doomed]
    databases: dict[str, Database]
    operator: JetStreamContext
    client: httpx.AsyncClient
    bearer: Callable[..., dict[str, str]]
    url: Callable[[str], str]
    killed: list[tuple[str, Point, int]] = field(default_factory=list)
    secret: str = ""

    async def kill(
        self, service: str, role: str, point: Point, stimulus: Awaitable[None]
    ) -> asyncio.Task[None]:
        """Run a service until it dies at a point; what set it going may go on after that."""
        await self.services[service].begin(role, point=point[0], when=point[1])
        task = asyncio.ensure_future(stimulus)
        code = await self.services[service].ended()
        self.killed.append((service, point, code))
        return task

    async def until_answered(self, send: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
        """Repeat a request while its service is away, as every sender does."""
        async with asyncio.timeout(150):
            while True:
                try:
                    answer = await send()
                except httpx.TransportError:
                    await asyncio.sleep(0.1)
                    continue
                if answer.status_code < 500:
                    return answer
                await asyncio.sleep(0.1)

    async def add_bank(self) -> None:
        answer = await self.until_answered(
            lambda: self.client.post(
                f"{self.url('fund_monitor')}/v1/banks",
                json={"code": "alpha"},
                headers=self.bearer(role="bank_admin"),
            )
        )
        assert answer.status_code == 201, answer.text
        self.secret = answer.json()["secret"]

    async def pay(self, number: int) -> None:
        """Send what leads to one alert: money for an institution that nobody has registered."""
        account, code = f"A{number}", f"92330481MJ{number:06d}XX"
        events = [
            opened(account, code=code),
            money("deposit", f"d{number}", FEE_FEN, account_no=account),
        ]
        body = json.dumps({"events": events})

        def send() -> Awaitable[httpx.Response]:
            now, name = datetime.now(UTC), f"pay-{number}"
            headers = {
                "webhook-id": name,
                "webhook-timestamp": str(int(now.timestamp())),
                "webhook-signature": Webhook(self.secret).sign(name, now, body),
            }
            door = f"{self.url('fund_monitor')}/v1/banks/alpha/events"
            return self.client.post(door, content=body, headers=headers)

        answer = await self.until_answered(send)
        assert answer.status_code == 202, answer.text

    async def register(self, number: int) -> None:
        code = f"52330481MJ{number:06d}X"
        filing = a_filing(name=f"机构{number}", uscc=code + gb_32100.calc_check_digit(code))
        answer = await self.until_answered(
            lambda: self.client.post(
                f"{self.url('registry')}/v1/institutions",
                json=filing,
                headers=self.bearer(role="staff", department="education"),
            )
        )
        assert answer.status_code in {200, 201}, answer.text

    async def raise_alert(self, service: str, number: int) -> None:
        """Have a service's own store raise an alert, which its relay must bring out."""
        db = self.databases[service]
        store = AlertStore(db, ALERT_CHANNELS[service])
        verdict = a_verdict(a_finding(), about=an_institution(f"{service}-{number}"))
        await transact(db, lambda session: store.settle(session, verdict, now=machine_now()))


@pytest.fixture
async def city(mongo, bus, tmp_path: Path) -> AsyncIterator[City]:
    base = free_port_base()
    offset = int((SEEN_AT - datetime.now(UTC)).total_seconds())
    told, keys = environments(tmp_path, bus=bus, mongo=mongo, port_base=base, offset_seconds=offset)
    issuer, ports = Issuer(keys.issuer_key), Ports(base)
    client = connect(mongo.url, username=None, password=None, database="admin")
    async with AsyncExitStack() as stack:
        operator = await bus.connect("operator")
        stack.push_async_callback(operator.close)
        yield City(
            services={
                name: await stack.enter_async_context(
                    doomed(name, environment=told[name], folder=tmp_path)
                )
                for name in SERVICES
            },
            databases={name: client[name] for name in SERVICES},
            operator=operator.jetstream(),
            client=await stack.enter_async_context(httpx.AsyncClient(trust_env=False, timeout=20)),
            bearer=lambda **who: {"Authorization": f"Bearer {issuer.token(**who)}"},
            url=lambda name: f"http://127.0.0.1:{ports.of(name)}",
        )
    for name in SERVICES:
        await client.drop_database(name)
    await client.close()


async def kill_fund_monitor(city: City, forgotten: asyncio.Event, registry: asyncio.Event) -> None:
    async def first() -> None:
        await city.add_bank()
        await city.pay(0)

    # Published and not marked, and the stream forgets before the row is sent again.
    tasks = [await city.kill("fund_monitor", "both", ("mark", "before"), first())]
    await forget_ids(city.operator, "ALERTS")
    forgotten.set()
    for number, point in enumerate(INTAKE, start=1):
        tasks.append(await city.kill("fund_monitor", "both", point, city.pay(number)))
    await registry.wait()
    for number, point in enumerate(STATE, start=len(RELAY) + 2):
        tasks.append(await city.kill("fund_monitor", "both", point, city.register(number)))
    await city.services["fund_monitor"].begin("both")
    await asyncio.gather(*tasks)


async def kill_registry(city: City, forgotten: asyncio.Event, registry: asyncio.Event) -> None:
    await forgotten.wait()
    tasks = [
        await city.kill("registry", "both", point, city.register(number))
        for number, point in enumerate([*around("register"), *RELAY])
    ]
    await city.services["registry"].begin("both")
    await asyncio.gather(*tasks)
    registry.set()


async def kill_relay_of(city: City, service: str, forgotten: asyncio.Event) -> None:
    await forgotten.wait()
    for number, point in enumerate(RELAY):
        await (await city.kill(service, "work", point, city.raise_alert(service, number)))
    await city.services[service].begin("work")


async def settled(city: City) -> None:
    """Wait until nothing is on its way any more: this is where all points share one wait."""
    readers = [consumer for consumer in CONSUMERS if consumer.reader == "fund_monitor"]
    async with asyncio.timeout(150):
        while True:
            waiting = await MarkStore(city.databases["fund_monitor"]).waiting()
            for database in city.databases.values():
                waiting += await database["outbox"].count_documents({"sent_at": None})
            for reader in readers:
                info = await city.operator.consumer_info(reader.stream, reader.name)
                waiting += (info.num_pending or 0) + (info.num_ack_pending or 0)
            if waiting == 0:
                return
            await asyncio.sleep(0.2)


async def deliveries_to(bus: Any, department: str) -> list[tuple[str, int]]:
    """Read all that a department's own durable has for it: alert and version, in their order."""
    client = await bus.connect(department)
    reader = await client.jetstream(domain=CITY_DOMAIN).pull_subscribe_bind(
        durable=alerts_consumer(department), stream="ALERTS"
    )
    found = []
    waiting = (await reader.consumer_info()).num_pending
    while len(found) < waiting:
        for message in await reader.fetch(100, timeout=5):
            data = json.loads(message.data)["data"]
            found.append((data["alert_id"], data["version"]))
            await message.ack_sync()
    await client.close()
    return found


async def alerts_of(city: City) -> list[dict[str, Any]]:
    return [row for db in city.databases.values() async for row in db["alerts"].find()]


async def test_a_kill_at_any_point_leaves_one_alert_and_one_delivery(city, bus, tmp_path):
    forgotten, registry = asyncio.Event(), asyncio.Event()

    async with asyncio.TaskGroup() as group:
        group.create_task(kill_fund_monitor(city, forgotten, registry))
        group.create_task(kill_registry(city, forgotten, registry))
        for service in ("ads_watch", "schedule_monitor"):
            group.create_task(kill_relay_of(city, service, forgotten))
    await settled(city)

    # Every point was reached, and reaching it was the end.
    assert [code for _, _, code in city.killed] == [-SIGKILL] * len(city.killed)
    assert len(city.killed) == 1 + len(INTAKE) + len(STATE) + 2 + 3 * len(RELAY)
    await the_ledger_is_right(city)
    await the_register_is_right(city)
    twice = await the_alerts_are_right(city, bus)
    await the_proof_holds(city, tmp_path, repeats=len(twice))


async def the_ledger_is_right(city: City) -> None:
    fund = city.databases["fund_monitor"]
    balances = [row["balance_fen"] async for row in fund["accounts"].find()]
    states = Counter([row["state"] async for row in fund["events"].find()])
    assert balances == [FEE_FEN] * (1 + len(INTAKE))
    assert states == {"posted": 2 * (1 + len(INTAKE))}
    assert await fund["dead_letters"].count_documents({}) == 0


async def the_register_is_right(city: City) -> None:
    registered = {
        row["_id"]: row["version"]
        async for row in city.databases["registry"]["institutions"].find()
    }
    replica = city.databases["fund_monitor"]["institutions"]
    assert len(registered) == 2 + len(RELAY) + len(STATE)
    assert {row["_id"]: row["version"] async for row in replica.find()} == registered
    facts = Counter(await ids_of(city.operator, "REGISTRY", fact="registry.institution-"))
    assert len(facts) == len(registered)
    assert set(facts.values()) == {1}


async def the_alerts_are_right(city: City, bus: Any) -> set[str]:
    """Hold alerts against stream and durables; return the ids that the stream has twice."""
    alerts = await alerts_of(city)
    abouts = Counter(alert["key"] for alert in alerts)
    assert len(abouts) == len(alerts) == 1 + len(INTAKE) + 2 * len(RELAY)
    assert {alert["version"] for alert in alerts} == {1}

    stored = Counter(await ids_of(city.operator, "ALERTS"))
    twice = {identifier for identifier, times in stored.items() if times == 2}
    first = next(alert for alert in alerts if alert["about"]["id"] == "alpha/A0")
    outbox = city.databases["fund_monitor"]["outbox"]
    sent_again = {row["_id"] async for row in outbox.find({"key": {"$regex": first["_id"]}})}
    assert set(stored.values()) == {1, 2}
    assert twice == sent_again

    expected = Counter(
        (delivery["department"], alert["_id"])
        for alert in alerts
        for delivery in alert["deliveries"]
    )
    assert set(expected.values()) == {1}
    for department in {department for department, _ in expected}:
        delivered = Counter(await deliveries_to(bus, department))
        wanted = {(alert, 1) for name, alert in expected if name == department}
        # Once for a reader that keeps (alert_id, version), and once on the wire but for the repeat.
        repeated = {key for key, times in delivered.items() if times > 1}
        assert set(delivered) == wanted
        assert repeated == wanted & {(first["_id"], 1)}
    return twice


async def the_proof_holds(city: City, folder: Path, *, repeats: int) -> None:
    places = Places(
        streams=StreamReader(city.operator._nc),  # noqa: SLF001 - the connection it came from
        databases=city.databases,
        scratch=folder,
    )
    proof = await prove(places, CityDay(city_date(machine_now())))
    assert [line for check in proof.checks for line in check.gaps.first] == []
    assert sum(check.repeats.count for check in proof.checks) == repeats

"""What each user of the bus may and may not do, on a real server."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from nats.aio.client import Client
from nats.js import JetStreamContext

from shared.duties.departments import ALL_CODES
from shared.messaging.permissions import (
    CITY_DOMAIN,
    SERVICES,
    USERS,
    inbox_prefix,
    server_config,
)
from shared.messaging.topology import STREAMS
from tests.support.servers import NatsServer, nats_for_tests

pytestmark = pytest.mark.timeout(60)

_PATIENCE_SECONDS = 30
OTHERS = "alerts-education"


@pytest.fixture(scope="module")
def bus() -> Iterator[NatsServer]:
    with nats_for_tests() as server:
        yield server


@dataclass(frozen=True)
class _User:
    """A connected user, and what the server refuses it."""

    client: Client
    refusals: asyncio.Queue[str]

    async def next_refusal(self) -> str:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            return (await self.refusals.get()).lower()


@asynccontextmanager
async def _connected(bus: NatsServer, user: str) -> AsyncIterator[_User]:
    refusals: asyncio.Queue[str] = asyncio.Queue()

    async def note(error: Exception) -> None:
        refusals.put_nowait(str(error))

    client = await bus.connect(user, error_cb=note)
    try:
        yield _User(client, refusals)
    finally:
        await client.close()


@pytest.fixture
async def js(bus) -> AsyncIterator[JetStreamContext]:
    async with _connected(bus, "operator") as operator:
        yield operator.client.jetstream()


@pytest.fixture
async def pboc(bus):
    async with _connected(bus, "pboc") as user:
        yield user


async def _sizes(js: JetStreamContext) -> dict[str, int]:
    return {each.config.name: each.state.last_seq for each in await js.streams_info()}


async def _refusal(user: _User, *, subject: str) -> str:
    """Send a request and return the server's refusal of it."""
    await user.client.publish(subject, b"{}", reply=f"{inbox_prefix('pboc')}.answer")
    return await user.next_refusal()


class TestServerConfig:
    def test_has_a_user_for_every_service_department_and_town(self):
        assert {user.name for user in USERS} == {"operator", *SERVICES, *ALL_CODES}

    def test_syncs_every_write_and_listens_on_loopback_only(self):
        keys = {user.name: f"U{user.name}" for user in USERS}

        config = json.loads(server_config(public_keys=keys, store_dir="/x", port=4222))

        assert config["jetstream"]["sync_interval"] == "always"
        assert config["host"] == "127.0.0.1"
        assert config["max_payload"] == 2 * 1024 * 1024

    def test_gives_nobody_but_the_operator_a_wildcard_over_the_api(self):
        wide = [
            user.name
            for user in USERS
            for subject in (*user.publish, *user.subscribe)
            if subject == ">"
            or (subject.startswith("$JS") and ".API." in subject and "*" in subject)
        ]

        assert set(wide) == {"operator"}


@pytest.mark.integration
class TestDepartment:
    async def test_reads_and_acknowledges_its_own_alerts(self, js, pboc):
        for body in (b"1", b"2"):
            await js.publish("alerts.v1.pboc.red.fund_monitor", body, stream="ALERTS")
        own = pboc.client.jetstream(domain=CITY_DOMAIN)

        subscription = await own.pull_subscribe_bind(durable="alerts-pboc", stream="ALERTS")
        messages = await subscription.fetch(2, timeout=_PATIENCE_SECONDS)
        for message in messages:
            await message.ack_sync()

        assert [message.data for message in messages] == [b"1", b"2"]
        info = await own.consumer_info("ALERTS", "alerts-pboc")
        assert (info.num_pending, info.num_ack_pending) == (0, 0)

    async def test_reads_what_is_sent_to_it(self, js, pboc):
        await js.publish("exchange.v1.pboc.lead", b"L", stream="EXCHANGE")
        own = pboc.client.jetstream(domain=CITY_DOMAIN)

        subscription = await own.pull_subscribe_bind(durable="exchange-pboc", stream="EXCHANGE")
        [message] = await subscription.fetch(1, timeout=_PATIENCE_SECONDS)
        await message.ack_sync()

        assert message.data == b"L"

    async def test_sends_as_itself(self, js, pboc):
        ack = await pboc.client.jetstream(domain=CITY_DOMAIN).publish(
            "exchange-in.v1.pboc.feedback", b"F", stream="EXCHANGE_IN"
        )

        assert (await js.get_msg("EXCHANGE_IN", ack.seq)).subject == "exchange-in.v1.pboc.feedback"

    @pytest.mark.parametrize(
        "subject",
        [
            pytest.param(subject, id=name)
            for name, prefix in (("domain", "$JS.CITY.API"), ("plain", "$JS.API"))
            for name, subject in (
                (f"{name}: another's info", f"{prefix}.CONSUMER.INFO.ALERTS.{OTHERS}"),
                (f"{name}: another's next", f"{prefix}.CONSUMER.MSG.NEXT.ALERTS.{OTHERS}"),
                (
                    f"{name}: a service's next",
                    f"{prefix}.CONSUMER.MSG.NEXT.BANK_INTAKE.fund-monitor-intake-0",
                ),
                (f"{name}: a consumer", f"{prefix}.CONSUMER.CREATE.ALERTS"),
                (
                    f"{name}: a named consumer",
                    f"{prefix}.CONSUMER.CREATE.ALERTS.mine.alerts.v1.education.*.*",
                ),
                (f"{name}: an old durable", f"{prefix}.CONSUMER.DURABLE.CREATE.ALERTS.mine"),
                (f"{name}: a message", f"{prefix}.STREAM.MSG.GET.ALERTS"),
                (f"{name}: a direct get", f"{prefix}.DIRECT.GET.ALERTS"),
                (
                    f"{name}: a last direct get",
                    f"{prefix}.DIRECT.GET.ALERTS.alerts.v1.education.red.fund_monitor",
                ),
                (f"{name}: a stream's info", f"{prefix}.STREAM.INFO.ALERTS"),
                (f"{name}: the account", f"{prefix}.INFO"),
            )
        ]
        + [
            pytest.param("alerts.v1.pboc.red.fund_monitor", id="an alert of its own making"),
            pytest.param("exchange-in.v1.education.feedback", id="as another department"),
            pytest.param("exchange.v1.education.lead", id="as ads_watch"),
            pytest.param("bank.intake.v1.0", id="as a bank"),
            pytest.param(f"$JS.ACK.ALERTS.{OTHERS}.1.1.1.1.1", id="another's acknowledgement"),
            pytest.param(f"{inbox_prefix('education')}.x", id="into another's inbox"),
        ],
    )
    async def test_may_ask_nothing_else(self, js, pboc, subject):
        before = await _sizes(js)

        refusal = await _refusal(pboc, subject=subject)

        assert "permissions violation for publish" in refusal
        assert await _sizes(js) == before

    @pytest.mark.parametrize(
        "subject",
        [
            pytest.param(f"{inbox_prefix('education')}.>", id="another's inbox"),
            pytest.param("_INBOX.>", id="everybody's inbox"),
            pytest.param("alerts.v1.education.*.*", id="another's alerts"),
            pytest.param("alerts.v1.pboc.*.*", id="its own alerts past its durable"),
            pytest.param(">", id="everything"),
        ],
    )
    async def test_may_hear_nothing_but_its_inbox(self, pboc, subject):
        await pboc.client.subscribe(subject)

        assert "permissions violation for subscription" in await pboc.next_refusal()

    @pytest.mark.parametrize(
        "request_subject",
        [
            "$JS.CITY.API.CONSUMER.INFO.ALERTS.alerts-pboc",
            "$JS.CITY.API.CONSUMER.MSG.NEXT.ALERTS.alerts-pboc",
            "$JS.CITY.API.CONSUMER.INFO.EXCHANGE.exchange-pboc",
            "$JS.CITY.API.CONSUMER.MSG.NEXT.EXCHANGE.exchange-pboc",
            "$JS.ACK.ALERTS.alerts-pboc.1.1.1.1.1",
            "$JS.ACK.EXCHANGE.exchange-pboc.1.1.1.1.1",
            "exchange-in.v1.pboc.feedback",
        ],
    )
    @pytest.mark.parametrize(
        "reply",
        [
            "alerts.v1.education.red.fund_monitor",
            "bank.intake.v1.3",
            "exchange.v1.education.lead",
            "exchange-in.v1.education.feedback",
            "state.registry.institution.v1.forged",
            "$JS.ACK.ALERTS.alerts-education.1.1.1.1.1",
        ],
    )
    async def test_has_no_answer_stored_by_a_foreign_reply_subject(
        self, js, pboc, request_subject, reply
    ):
        client = pboc.client
        await js.publish("alerts.v1.pboc.red.fund_monitor", b"bait", stream="ALERTS")
        await js.publish("exchange.v1.pboc.lead", b"bait", stream="EXCHANGE")
        before = await _sizes(js)

        await client.publish(request_subject, b"", reply=reply)
        await client.flush()
        await _settled(client, js)

        after = await _sizes(js)
        own = 1 if request_subject.startswith("exchange-in.") else 0
        assert after["EXCHANGE_IN"] - before["EXCHANGE_IN"] in (0, own)
        assert {**after, "EXCHANGE_IN": 0} == {**before, "EXCHANGE_IN": 0}

    async def test_has_no_trace_of_its_requests_stored(self, js, pboc):
        before = await _sizes(js)
        client = pboc.client

        await client.publish(
            "$JS.CITY.API.CONSUMER.INFO.ALERTS.alerts-pboc",
            b"",
            reply=f"{inbox_prefix('pboc')}.x",
            headers={"Nats-Trace-Dest": "alerts.v1.education.red.fund_monitor"},
        )
        await client.flush()
        await _settled(client, js)

        assert await _sizes(js) == before


async def _settled(client: Client, js: JetStreamContext) -> None:
    """Wait until all that this client sent before has gone its whole way through JetStream.

    A request through the same import, answered, is behind the one under test; the answer of a
    stream to the operator is behind whatever that wrote.
    """
    own = client.jetstream(domain=CITY_DOMAIN)
    for _ in range(3):
        await own.consumer_info("ALERTS", "alerts-pboc")
        await asyncio.gather(*(js.stream_info(stream.name) for stream in STREAMS))


@pytest.mark.integration
class TestService:
    @pytest.mark.parametrize(
        ("service", "subject", "stream"),
        [
            ("registry", "registry.institution-registered.v1.x", "REGISTRY"),
            ("registry", "state.registry.institution.v1.x", "REGISTRY_STATE"),
            ("registry", "registry.audit-head-sealed.v1.registry", "REGISTRY"),
            ("schedule_monitor", "alerts.v1.pboc.red.schedule_monitor", "ALERTS"),
            ("fund_monitor", "bank.intake.v1.7", "BANK_INTAKE"),
            ("fund_monitor", "alerts.v1.pboc.yellow.fund_monitor", "ALERTS"),
            ("ads_watch", "exchange.v1.publicity.lead", "EXCHANGE"),
        ],
    )
    async def test_publishes_on_its_own_subjects(self, bus, service, subject, stream):
        async with _connected(bus, service) as user:
            ack = await user.client.jetstream().publish(
                subject, b"{}", stream=stream, timeout=_PATIENCE_SECONDS
            )

        assert ack.stream == stream

    @pytest.mark.parametrize(
        ("service", "subject"),
        [
            pytest.param("registry", "bank.intake.v1.0", id="registry: as the door"),
            pytest.param("registry", "fund.day-closed.v1.x", id="registry: fund's facts"),
            pytest.param("registry", "state.fund.account.v1.x", id="registry: fund's state"),
            pytest.param(
                "registry", "alerts.v1.pboc.red.fund_monitor", id="registry: as fund_monitor"
            ),
            pytest.param(
                "registry",
                "$JS.API.CONSUMER.MSG.NEXT.BANK_INTAKE.fund-monitor-intake-0",
                id="registry: fund's intake",
            ),
            pytest.param(
                "registry", "fund.audit-head-sealed.v1.fund_monitor", id="registry: fund's head"
            ),
            pytest.param(
                "registry",
                "$JS.API.CONSUMER.MSG.NEXT.REGISTRY.fund-monitor-audit-head-registry",
                id="registry: what fund reads",
            ),
            pytest.param("fund_monitor", "$JS.API.CONSUMER.CREATE.ALERTS", id="a consumer"),
            pytest.param(
                "fund_monitor",
                "$JS.API.CONSUMER.CREATE.BANK_INTAKE.mine.bank.intake.v1.0",
                id="a consumer of its own stream",
            ),
            pytest.param("fund_monitor", "$JS.API.STREAM.MSG.GET.ALERTS", id="a message"),
            pytest.param("fund_monitor", "$JS.API.DIRECT.GET.BANK_INTAKE", id="a direct get"),
            pytest.param("fund_monitor", "$JS.API.STREAM.DELETE.BANK_INTAKE", id="a deletion"),
            pytest.param("fund_monitor", "$JS.API.STREAM.UPDATE.BANK_INTAKE", id="an update"),
            pytest.param("fund_monitor", "exchange-in.v1.pboc.feedback", id="as a department"),
        ],
    )
    async def test_may_do_nothing_else(self, bus, service, subject):
        async with _connected(bus, service) as user:
            refusal = await _refusal(user, subject=subject)

        assert "permissions violation for publish" in refusal

    @pytest.mark.parametrize(
        "subject", [">", "_INBOX.>", f"{inbox_prefix('fund_monitor')}.>", "alerts.>"]
    )
    async def test_hears_nothing_but_its_inbox(self, bus, subject):
        async with _connected(bus, "registry") as user:
            await user.client.subscribe(subject)

            assert "permissions violation for subscription" in await user.next_refusal()


@pytest.mark.integration
class TestOneAccount:
    """The control of the tests above: what departments must never share with the services."""

    async def test_stores_an_answer_under_a_foreign_reply_subject(self, bus, js):
        before = await _sizes(js)

        async with _connected(bus, "registry") as user:
            await user.client.publish("$JS.API.STREAM.INFO.REGISTRY", b"", reply="bank.intake.v1.3")
            await user.client.flush()
            await user.client.jetstream().stream_info("REGISTRY")

        assert (await _sizes(js))["BANK_INTAKE"] == before["BANK_INTAKE"] + 1


@pytest.mark.integration
class TestStranger:
    async def test_is_not_let_in(self, bus):
        # By hand: the client leaves its socket open when it is refused.
        reader, writer = await asyncio.open_connection("127.0.0.1", bus.port)
        writer.write(b"CONNECT {}\r\nPING\r\n")
        async with asyncio.timeout(_PATIENCE_SECONDS):
            answer = await reader.read()
        writer.close()
        await writer.wait_closed()

        assert b"-ERR 'Authorization Violation'" in answer
        assert b"PONG" not in answer

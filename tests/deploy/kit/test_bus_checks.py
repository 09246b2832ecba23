"""The department's kit against a real bus: it sees what is wrong, and leaves no trace."""

from collections.abc import Iterator

import pytest

from deploy.kit.bus_checks import bus_checks
from shared.messaging.permissions import CITY_DOMAIN
from tests.support.servers import NatsServer, free_port, nats_for_tests

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]

PASSED = {
    "连接 connection",
    "消费者 alerts-pboc",
    "取消息 alerts-pboc",
    "签收 alerts-pboc",
    "消费者 exchange-pboc",
    "取消息 exchange-pboc",
    "签收 exchange-pboc",
    "发送 exchange-in",
    "读不到其他部门",
}


@pytest.fixture(scope="module")
def bus() -> Iterator[NatsServer]:
    with nats_for_tests() as server:
        yield server


@pytest.fixture
async def js(bus):
    client = await bus.connect("operator")
    yield client.jetstream()
    await client.close()


@pytest.fixture
async def pboc(bus):
    client = await bus.connect("pboc")
    yield client.jetstream(domain=CITY_DOMAIN)
    await client.close()


async def checked(bus, department="pboc", *, seed_of=None):
    seed = bus.seed_file(seed_of or department)
    return {it.name: it for it in await bus_checks(department, url=bus.url, seed=seed)}


class TestBusChecks:
    async def test_pass_for_a_department_with_its_own_seed(self, bus):
        checks = await checked(bus)

        assert {name for name, check in checks.items() if check.ok} == set(checks) == PASSED

    @pytest.mark.parametrize("code", ["education", "xucun"])
    async def test_pass_for_the_department_others_are_tried_with_and_for_a_town(self, bus, code):
        checks = await checked(bus, code)

        assert [check for check in checks.values() if not check.ok] == []

    async def test_give_back_every_message_they_took(self, bus, js, pboc):
        await js.publish("alerts.v1.pboc.red.fund_monitor", b"kept", stream="ALERTS")

        checks = await checked(bus)

        assert "已退回" in checks["取消息 alerts-pboc"].detail
        reader = await pboc.pull_subscribe_bind(durable="alerts-pboc", stream="ALERTS")
        [message] = await reader.fetch(1, timeout=30)
        assert message.data == b"kept"
        await message.ack_sync()

    async def test_leave_no_message_in_any_stream(self, bus, js):
        before = {it.config.name: it.state.last_seq for it in await js.streams_info()}

        await checked(bus)

        assert {it.config.name: it.state.last_seq for it in await js.streams_info()} == before

    async def test_acknowledge_nothing(self, bus, js, pboc):
        await js.publish("exchange.v1.pboc.lead", b"open", stream="EXCHANGE")
        reader = await pboc.pull_subscribe_bind(durable="exchange-pboc", stream="EXCHANGE")
        [message] = await reader.fetch(1, timeout=30)

        await checked(bus)

        info = await pboc.consumer_info("EXCHANGE", "exchange-pboc")
        assert info.num_ack_pending == 1
        await message.ack_sync()

    async def test_refuse_the_seed_of_another_department(self, bus):
        checks = await checked(bus, "pboc", seed_of="cbirc")

        # The server knows the seed and lets it in, but it may not read what is pboc's.
        assert not all(check.ok for check in checks.values())
        assert all(check.advice for check in checks.values() if not check.ok)

    async def test_name_a_consumer_that_is_missing(self, bus, js):
        await js.delete_consumer("ALERTS", "alerts-pboc")

        checks = await checked(bus)
        bus.declare()

        missing = {name for name, check in checks.items() if not check.ok}
        assert missing == {"消费者 alerts-pboc", "取消息 alerts-pboc"}
        assert "运维" in checks["消费者 alerts-pboc"].advice

    async def test_find_a_credential_that_may_do_too_much(self, bus):
        # The operator may read everybody's: what a department must never be given.
        checks = await checked(bus, "pboc", seed_of="operator")

        wide = checks["读不到其他部门"]
        assert not wide.ok
        assert "alerts-education" in wide.detail

    async def test_are_one_when_nobody_answers(self, bus):
        url = f"nats://127.0.0.1:{free_port()}"

        [check] = await bus_checks("pboc", url=url, seed=bus.seed_file("pboc"))

        assert not check.ok
        assert "./run status" in check.advice

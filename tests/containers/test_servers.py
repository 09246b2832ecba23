"""testcontainers as the tests' second source of servers: the same configuration, the same path."""

import asyncio
import json
import subprocess
import sys
import time

import pytest
from nats.errors import Error as NatsError
from testcontainers.core.docker_client import DockerClient

from deploy.local.layout import CHECKOUT
from shared.cancelling import ended
from shared.messaging.permissions import CITY_DOMAIN, OPERATOR
from shared.messaging.topology import STREAMS, alerts_consumer
from shared.mongo import unreachable
from shared.outbox import Relay
from tests.support.compose import an_engine_answers
from tests.support.fund import an_institution, fund_monitor, money, opened
from tests.support.programs import RUN_LABEL, Source
from tests.support.servers import mongo_for_tests, nats_for_tests

pytestmark = [
    pytest.mark.containers,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not an_engine_answers(), reason="no Docker Engine answers here"),
]


@pytest.fixture(scope="module")
def mongo():
    with mongo_for_tests(Source.DOCKER) as server:
        yield server


@pytest.fixture
def bus():
    with nats_for_tests(Source.DOCKER) as server:
        yield server


@pytest.fixture
async def fund(database, bus, access, token):
    """A whole fund_monitor on servers in containers: door, worker, judge and relay."""
    async with fund_monitor(database, bus, access, token) as running:
        relaying = asyncio.create_task(Relay(database, running.bus.jetstream()).run())
        await running.add_bank("alpha")
        await running.institutions.take(an_institution())
        yield running
        await ended(relaying)


async def told_to(department, bus):
    """Read one alert from a department's durable, by its own credentials."""
    connection = await bus.connect(department)
    inbox = await connection.jetstream(domain=CITY_DOMAIN).pull_subscribe_bind(
        durable=alerts_consumer(department), stream="ALERTS"
    )
    [message] = await inbox.fetch(1, timeout=60)
    await message.ack_sync()
    await connection.close()
    return json.loads(message.data)["data"]


async def test_money_is_posted_judged_and_told_though_the_bus_dies_between(fund, bus):
    await fund.accepted([opened()])
    await fund.settled()
    bus.restart()
    await fund.accepted([money("deposit", "d1", 500_000, lessons="61")])
    await fund.settled()

    alert = await told_to("culture_tourism_sports", bus)

    assert await fund.balance("A1") == 500_000
    assert (alert["rule"], alert["about"]["id"]) == ("fund.over_collection", "inst-1")
    assert (await fund.summary())["ledger"]["balanced"] is True


async def test_a_store_that_died_and_hung_goes_on_where_it_was(database, mongo):
    await database["rows"].insert_one({"_id": 1})
    mongo.restart()
    mongo.pause()

    with pytest.raises(Exception) as hung:  # noqa: PT011 - which one is the driver's matter
        async with asyncio.timeout(1):
            await database["rows"].find_one()

    mongo.resume()
    assert isinstance(hung.value, TimeoutError) or unreachable(hung.value)
    assert await database["rows"].find_one() == {"_id": 1}


async def test_a_bus_in_a_container_holds_the_declared_streams_and_permissions(bus):
    bus.kill()
    bus.start()
    operator, department = await bus.connect(OPERATOR), await bus.connect("pboc")

    names = {info.config.name for info in await operator.jetstream().streams_info()}

    assert names == {stream.name for stream in STREAMS}
    with pytest.raises((NatsError, TimeoutError)):
        await department.jetstream(domain=CITY_DOMAIN).add_stream(name="OWN", subjects=["own.>"])
    for connection in (operator, department):
        await connection.close()


def test_a_piece_of_the_suite_runs_on_containers_when_they_are_asked_for(tmp_path):
    began = int(time.time())
    command = ["-m", "pytest", "--servers=docker", f"--basetemp={tmp_path / 'pytest'}"]
    run = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, *command, "tests/shared/test_outbox.py"],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        text=True,
    )
    output, _ = run.communicate()
    client = DockerClient().client

    happened = client.events(
        since=began, until=int(time.time()) + 1, decode=True, filters={"type": "container"}
    )
    started = [
        event["Actor"]["Attributes"]["image"]
        for event in happened
        if event["Action"] == "start"
        and event["Actor"]["Attributes"].get(RUN_LABEL, "").startswith(f"{run.pid} ")
    ]
    left = client.containers.list(all=True, filters={"label": RUN_LABEL})
    client.close()

    assert run.returncode == 0, output
    assert {image.partition(":")[0] for image in started} == {"nats", "mongo"}
    assert not [one for one in left if one.labels[RUN_LABEL].startswith(f"{run.pid} ")]

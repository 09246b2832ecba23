"""The compose file for real: the sample city comes to the same figures, whatever is killed."""

import asyncio
import io

import pytest
from rich.console import Console

from deploy.demo.acting.doors import Call, Doors, client, expect, patiently
from deploy.demo.journey import travel
from deploy.demo.sample.term import AS_OF
from deploy.demo.showing.figures import read
from deploy.local.layout import Layout
from deploy.local.options import Options
from deploy.local.stack import local_stack
from shared.cancelling import ended
from shared.messaging.permissions import SERVICES
from tests.deploy.demo.samples import ledger_of, sample_of
from tests.deploy.demo.test_journey import free_port_base
from tests.support.compose import city_in_containers, compose_command, without_secrets

COMPOSE = compose_command()
SAMPLE = sample_of(2026)
LEDGER = ledger_of(2026)
# Killed when these shares of the events are recorded, and started again at once.
KILLED = {0.2: "fund_monitor", 0.4: "nats", 0.6: "mongo", 0.8: "registry"}
POLL_SECONDS = 0.2

pytestmark = [
    pytest.mark.containers,
    pytest.mark.timeout(1500),
    pytest.mark.skipif(COMPOSE is None, reason="no Docker Engine with compose answers here"),
]


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    with city_in_containers(tmp_path_factory.mktemp("city"), COMPOSE) as city:
        yield city


async def journey(doors, folder):
    """Bring the sample city in and return all figures of the record, as the demo writes them."""
    folder.mkdir(parents=True, exist_ok=True)
    console = Console(file=io.StringIO())
    outcome = await travel(doors, SAMPLE, folder=folder, console=console)
    return outcome.figures.as_json()


async def figures_of_processes(folder):
    options = Options(as_of=AS_OF, port_base=free_port_base())
    layout = Layout(folder / "stack")
    say = Console(file=io.StringIO()).print
    async with local_stack(options, say=say, layout=layout) as stack, client() as http:
        doors = Doors(http=http, urls=stack.urls, tokens=stack.issuer.token)
        return await journey(doors, folder / "processes")


async def kill_as_it_goes(city, doors):
    """Kill a container at each share of the events, and let it return."""
    accepted = LEDGER.figures()["accepted"]
    for share, name in KILLED.items():
        recorded = 0
        while recorded < accepted * share:
            await asyncio.sleep(POLL_SECONDS)
            summary, _ = await read(doors)
            recorded = summary["events"]["accepted"] if summary else 0
        await asyncio.to_thread(city.kill, name)
        await asyncio.to_thread(city.start, name)


async def test_the_sample_city_comes_to_the_figures_of_processes_through_kills(city, tmp_path):
    processes = await figures_of_processes(tmp_path)
    async with client() as http:
        doors = Doors(http=http, urls=city.urls, tokens=city.issuer.token)
        await until_ready(doors)
        killing = asyncio.create_task(kill_as_it_goes(city, doors))
        try:
            containers = await journey(doors, tmp_path / "containers")
            killed = killing.done()
        finally:
            await ended(killing)

    assert killed
    killing.result()
    assert containers == processes
    assert containers["events"] == LEDGER.figures()
    assert containers["ledger"]["balanced"] is True


async def until_ready(doors):
    for service in SERVICES:
        call = Call(method="GET", url=doors.url(service, "/health/ready"), headers=dict)
        assert expect(await patiently(doors, call), 200)["ready"] is True


async def test_every_service_is_ready(city):
    async with client() as http:
        await until_ready(Doors(http=http, urls=city.urls, tokens=city.issuer.token))


@pytest.mark.parametrize("service", SERVICES)
class TestContainerOfAService:
    def test_runs_as_nobody_special_on_a_read_only_root(self, city, service):
        found = city.inspected(service)

        assert found["Config"]["User"].split(":")[0] not in ("", "0", "root")
        assert found["HostConfig"]["ReadonlyRootfs"] is True
        assert found["HostConfig"]["CapDrop"] == ["ALL"]

    def test_publishes_its_door_on_loopback_alone(self, city, service):
        ports = city.inspected(service)["HostConfig"]["PortBindings"]

        assert {port["HostIp"] for bound in ports.values() for port in bound} == {"127.0.0.1"}

    def test_holds_no_other_departments_code(self, city, service):
        inside = city.compose("exec", "-T", service, "ls", "/app", "/app/services").split()

        assert service in inside
        assert not (set(SERVICES) - {service}) & set(inside)
        assert "deploy" not in inside


@pytest.mark.parametrize("server", ["nats", "mongo"])
def test_a_server_publishes_no_port(city, server):
    assert not city.inspected(server)["HostConfig"]["PortBindings"]


def test_preparing_again_changes_nothing(city):
    city.compose("up", "--detach", "init")
    identifier = city.inspected("init")

    assert identifier["State"]["ExitCode"] == 0


async def test_what_is_recorded_stays_when_the_city_is_taken_down_and_up(city):
    async with client() as http:
        doors = Doors(http=http, urls=city.urls, tokens=city.issuer.token)
        await until_ready(doors)
        before = await read(doors)
        city.compose("down")
        city.compose("up", "--detach")
        await until_ready(doors)

        assert await read(doors) == before


def test_without_secrets_compose_says_what_makes_them(tmp_path):
    assert "./run secrets" in without_secrets(tmp_path, COMPOSE)

"""The compose file for real: the sample city comes to the same figures, whatever is killed."""

import io

import pytest
from rich.console import Console

from deploy.demo.doors import Call, Doors, client, expect, patiently
from deploy.demo.figures import settled_figures, standing_alerts
from deploy.demo.push import push
from deploy.demo.registering import make_banks, register_institutions
from deploy.demo.sample import build_sample
from deploy.demo.secret_file import SecretFile
from shared.messaging.permissions import SERVICES
from tests.deploy.demo import oracle
from tests.support.compose import city_in_containers, compose_command

COMPOSE = compose_command()
SAMPLE = build_sample(2026)
LEDGER = oracle.settle(SAMPLE.sendings)
SENT = len(SAMPLE.sendings)
# Killed when these shares of the events are in, and started again when the next is due.
KILLED = {0.2: "fund_monitor", 0.4: "nats", 0.6: "mongo", 0.8: "registry"}

pytestmark = [
    pytest.mark.containers,
    pytest.mark.timeout(1500),
    pytest.mark.skipif(COMPOSE is None, reason="no Docker Engine with compose answers here"),
]


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    with city_in_containers(tmp_path_factory.mktemp("city"), COMPOSE) as city:
        yield city


def killer(city):
    """Return what kills a container at each share of the events, and lets the last one return."""
    due = sorted(KILLED)
    seen = 0

    def progress(events):
        nonlocal seen
        seen += events
        if due and seen >= SENT * due[0]:
            name = KILLED[due.pop(0)]
            city.kill(name)
            city.start(name)

    return progress, due


async def test_the_sample_city_comes_to_the_oracles_figures_through_kills(city, tmp_path):
    progress, due = killer(city)
    console = Console(file=io.StringIO())
    async with client() as http:
        doors = Doors(http=http, urls=city.urls, tokens=city.issuer.token)
        await register_institutions(doors, SAMPLE)
        secrets = await make_banks(doors, SAMPLE, SecretFile(tmp_path / "banks.json"))
        for wave in SAMPLE.waves:
            await push(doors, wave, secrets=secrets, progress=progress)
            figures = await settled_figures(doors, sent=SENT)
        alerts = await standing_alerts(doors)
        console.print(figures)

    expected = oracle.expected_alerts(SAMPLE, LEDGER)
    assert not due
    assert figures.events == LEDGER.figures()
    assert figures.alerts == oracle.by_department(SAMPLE, expected)
    assert figures.ledger["balanced"] is True
    assert len(alerts) == len(expected)


async def test_every_service_is_ready(city):
    async with client() as http:
        doors = Doors(http=http, urls=city.urls, tokens=city.issuer.token)
        for service in SERVICES:
            call = Call(method="GET", url=doors.url(service, "/health/ready"), headers=dict)
            assert expect(await patiently(doors, call), 200)["ready"] is True


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

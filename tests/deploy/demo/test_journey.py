"""The demo on the local stack: the record comes to exactly what the oracle expects."""

import asyncio
import io
import secrets
from contextlib import suppress

import pytest
from rich.console import Console

from deploy.demo.acting.bus_desk import Bus
from deploy.demo.acting.doors import Call, Doors, client, expect, patiently
from deploy.demo.acting.exchange import ON_THE_BUS
from deploy.demo.journey import travel
from deploy.demo.sample.term import AS_OF
from deploy.demo.showing.figures import standing_alerts
from deploy.local import nats_server
from deploy.local.keys import Keys
from deploy.local.layout import Layout
from deploy.local.options import Options
from deploy.local.ports import Ports
from deploy.local.problem import StackProblem
from deploy.local.stack import Stack, local_stack
from deploy.proof.command import prove_stack
from deploy.proof.day import CityDay
from shared.city_time import city_date
from shared.clock import machine_now
from shared.messaging.permissions import OPERATOR, SERVICES
from shared.messaging.topology import EXCHANGE_IN
from tests.deploy.demo import oracle, oracle_adverts, oracle_held, oracle_sessions
from tests.deploy.demo.samples import ledger_of, sample_of, watched_of

SAMPLE = sample_of(2026)
LEDGER = ledger_of(2026)
WATCHED = watched_of(2026)
ACCOUNTS_AT_ONCE = 8


def free_port_base() -> int:
    """Return the first of six ports in a row that nobody listens on.

    Not always the same: tests that run beside each other would take it at once.
    """
    for base in secrets.SystemRandom().sample(range(21000, 32000, 10), 1_100):
        with suppress(StackProblem):
            Ports(base).check_free(*SERVICES, "nats", "mongo")
            return base
    raise AssertionError("no ports are free")


async def balances_of(doors: Doors) -> dict[oracle.AccountKey, int]:
    at_once = asyncio.Semaphore(ACCOUNTS_AT_ONCE)

    async def balance(bank: str, account_no: str) -> int:
        url = doors.url("fund_monitor", f"/v1/banks/{bank}/accounts/{account_no}")
        call = Call(method="GET", url=url, headers=lambda: doors.bearer(role="admin"))
        async with at_once:
            return expect(await patiently(doors, call), 200)["balance_fen"]

    keys = list(oracle.balances(LEDGER))
    return dict(zip(keys, await asyncio.gather(*(balance(*key) for key in keys)), strict=True))


async def answers_on_the_bus(stack: Stack) -> int:
    seed = Keys(stack.layout.keys).nats_seed(OPERATOR)
    async with nats_server.operator(stack.urls["nats"], seed=seed) as operator:
        return (await operator.jetstream().stream_info(EXCHANGE_IN.name)).state.messages


@pytest.mark.e2e
@pytest.mark.timeout(600)
async def test_the_record_comes_to_what_the_sample_must_come_to(tmp_path):
    options = Options(as_of=AS_OF, port_base=free_port_base())
    layout = Layout(tmp_path / "stack")
    console = Console(file=io.StringIO())

    async with local_stack(options, say=console.print, layout=layout) as stack, client() as http:
        doors = Doors(http=http, urls=stack.urls, tokens=stack.issuer.token)
        bus = Bus(url=stack.urls["nats"], seed_of=Keys(layout.keys).nats_seed)
        folder = layout.root / "demo"
        first = await travel(doors, SAMPLE, folder=folder, console=console, bus=bus)
        second = await travel(doors, SAMPLE, folder=folder, console=console, bus=bus)
        answers = await answers_on_the_bus(stack)
        balances = await balances_of(doors)
        alerts = await standing_alerts(doors)
        proof = await prove_stack(stack, CityDay(city_date(machine_now())))

    expected = oracle.expected_alerts(SAMPLE, LEDGER)
    assert first.figures.events == LEDGER.figures()
    assert first.figures.alerts == oracle.by_department(SAMPLE, expected)
    assert first.figures.ledger["balanced"] is True
    assert first.figures.sessions == oracle_sessions.sessions(WATCHED.filings)
    assert first.figures.held == oracle_held.figures(WATCHED.tellings, WATCHED.filings)
    assert first.figures.sightings == oracle_adverts.sightings(WATCHED.sightings)
    assert first.figures.leads == oracle_adverts.leads(WATCHED.sightings)
    assert first.figures.alerts_by_service == {
        "registry": oracle_held.site_alerts(WATCHED.tellings, WATCHED.filings),
        "schedule_monitor": oracle_held.schedule_alerts(WATCHED.tellings, WATCHED.filings),
        "fund_monitor": first.figures.alerts,
        "ads_watch": oracle_adverts.ads_alerts(WATCHED.sightings),
    }
    assert answers == oracle_adverts.answers_of(WATCHED.sightings, ON_THE_BUS) > 0
    assert len(alerts) == len(expected)
    assert balances == oracle.balances(LEDGER)
    assert not first.nothing_new
    assert second.nothing_new
    assert second.figures == first.figures
    assert [line for check in proof.checks for line in check.gaps.first] == []

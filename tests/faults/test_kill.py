"""Processes may die without a word in the middle: the record still comes to the same figures."""

import io
import os
import signal
from collections.abc import Callable
from dataclasses import replace

import pytest
from rich.console import Console

from deploy.demo.acting.doors import Call, Doors, client, expect, patiently
from deploy.demo.acting.push import push
from deploy.demo.acting.registering import make_banks, register_institutions
from deploy.demo.acting.secret_file import SecretFile
from deploy.demo.sample.term import AS_OF
from deploy.demo.showing.figures import settled_figures, standing_alerts
from deploy.local import ending
from deploy.local.layout import Layout
from deploy.local.options import Options
from deploy.local.stack import local_stack
from tests.deploy.demo import oracle
from tests.deploy.demo.samples import sample_of
from tests.deploy.demo.test_journey import free_port_base

WHOLE = sample_of(2026)
# Both waves, so that late originals, conflicts and contradictions are there, but fewer requests.
SAMPLE = replace(WHOLE, waves=(WHOLE.waves[0][:18], WHOLE.waves[1]))
LEDGER = oracle.settle(SAMPLE.sendings)
SENT = len(SAMPLE.sendings)
SHARES = (0.25, 0.6)

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]


def killer(layout: Layout, names: tuple[str, str]) -> tuple[Callable[[int], None], set[int]]:
    """Return what kills processes each time a share of the events is in, and whom it killed."""
    due = [int(SENT * share) for share in SHARES]
    killed: set[int] = set()
    seen = 0

    def progress(events: int) -> None:
        nonlocal seen
        seen += events
        if due and seen >= due[0]:
            found = {one.pid for one in ending.processes(layout) if one.name in names}
            # One that died the last time may not be back yet.
            if None in found or found & killed:
                return
            for pid in found:
                os.kill(pid, signal.SIGKILL)
            killed.update(found)
            due.pop(0)

    return progress, killed


async def balances_of(doors: Doors) -> dict[oracle.AccountKey, int]:
    found = {}
    for bank, account_no in oracle.balances(LEDGER):
        url = doors.url("fund_monitor", f"/v1/banks/{bank}/accounts/{account_no}")
        call = Call(method="GET", url=url, headers=lambda: doors.bearer(role="admin"))
        found[bank, account_no] = expect(await patiently(doors, call), 200)["balance_fen"]
    return found


@pytest.mark.parametrize(
    "names", [("fund_monitor-work", "nats-server"), ("fund_monitor-serve", "mongod")], ids="-".join
)
async def test_processes_killed_in_the_middle_change_no_figure(tmp_path, names):
    options = Options(as_of=AS_OF, port_base=free_port_base())
    layout = Layout(tmp_path / "stack")
    progress, killed = killer(layout, names)

    say = Console(file=io.StringIO()).print
    async with local_stack(options, say=say, layout=layout) as stack, client() as http:
        doors = Doors(http=http, urls=stack.urls, tokens=stack.issuer.token)
        await register_institutions(doors, SAMPLE)
        secrets = await make_banks(doors, SAMPLE, SecretFile(layout.root / "banks.json"))
        for wave in SAMPLE.waves:
            await push(doors, wave, secrets=secrets, progress=progress)
            figures = await settled_figures(doors, sent=SENT)
        balances = await balances_of(doors)
        alerts = await standing_alerts(doors)

    expected = oracle.expected_alerts(SAMPLE, LEDGER)
    assert len(killed) == len(SHARES) * len(names)
    assert figures.events == LEDGER.figures()
    assert figures.alerts == oracle.by_department(SAMPLE, expected)
    assert figures.ledger["balanced"] is True
    assert len(alerts) == len(expected)
    assert balances == oracle.balances(LEDGER)

"""A storm: everything the books hold is sent while its processes are killed, and nothing differs.

Money, lessons, refunds, statements, a freeze and a closing, by two workers, shuffled and repeated.
It is held against plain figures, and against the same record that a quiet service was sent in
order: balances, contracts, consumption, refunds, differences, standings and every alert.
"""

import asyncio
import itertools
import os
import random
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from deploy.demo.sample.term import AS_OF
from deploy.local import servers
from deploy.local.layout import Layout
from deploy.local.service_clock import settle
from deploy.local.stores import stores_at
from deploy.local.supervisor import Keeper
from services.fund_monitor.app.statements.reconcile import Reconciler
from services.fund_monitor.store.statements.compared import ComparedStore
from services.fund_monitor.store.statements.differences import DifferenceStore
from shared.cancelling import ended
from shared.messaging.permissions import SERVICES
from shared.mongo import Database
from shared.working_days import WorkingDays
from tests.deploy.demo.test_journey import free_port_base
from tests.faults.storm import (
    BANK,
    INSTITUTIONS,
    LESSON_FEN,
    LESSONS_TOLD,
    REFUNDED,
    TAUGHT,
    Storm,
    account_of,
)
from tests.faults.storm_sending import Door, Sender
from tests.support.audit import audit_log
from tests.support.books import verified
from tests.support.fund import SEEN_AT, fund_monitor
from tests.support.parts import Parts, stack_in_parts
from tests.support.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

# 685 and 15 are a storm of 20,000 events, of four minutes on two cores.
CONTRACTS = int(os.environ.get("STORM_CONTRACTS", "6"))
KILLS = int(os.environ.get("STORM_KILLS", "5"))


Picture = dict[str, Any]


async def picture_of(door: Door, storm: Storm) -> Picture:
    """Return everything that must not depend on the weather."""
    found: Picture = {}
    summary = await door.get("/v1/summary")
    found["events"], found["ledger"] = summary["events"], summary["ledger"]
    found["lessons"] = summary["lessons"]
    for number in range(INSTITUTIONS):
        account = f"/v1/banks/{BANK}/accounts/{account_of(number)}"
        found[f"balance {number}"] = (await door.get(account))["balance_fen"]
        for contract in range(storm.filed):
            told = await door.get(f"{account}/contracts/C{contract}")
            # An effect that was taken back in between stands in the entries, and in no sum.
            entries = {
                (one["event"], one["sign"]) for one in told.pop("entries") if one["sign"] > 0
            }
            found[f"contract {number} C{contract}"] = (told, len(entries))
            matches = f"/v1/institutions/inst-{number}/lesson-matches/C{contract}"
            if number == TAUGHT:
                found[f"match {number} C{contract}"] = await door.get(matches)
    accounts = (await door.get("/v1/custody-accounts"))["accounts"]
    found["standing"] = sorted(
        (one["account_no"], one["status"], str(one["standing"])) for one in accounts
    )
    refunds = [await door.get(f"/v1/refunds?institution_id=inst-{number}") for number in REFUNDED]
    found["refunds"] = [
        (one["institution_id"], one["state"], one["owed_fen"], one["paid_fen"], one["paid_on"])
        for page in refunds
        for one in page["refunds"]
    ]
    path = f"/v1/banks/{BANK}/differences?limit=200&state=open"
    found["differences"] = sorted(
        tuple(str(one[name]) for name in _DIFFERENCE)
        for one in (await door.get(path))["differences"]
    )
    found["alerts"] = sorted(
        (one["about"]["id"], *(str(one[name]) for name in _ALERT))
        for one in (await door.get("/v1/alerts?limit=200"))["alerts"]
        if one["state"] != "superseded"
    )
    return found


WANTED: Final = {
    "fund.account_frozen",
    "fund.frozen_account_outflow",
    "fund.closed_account_inflow",
    "fund.closed_account_outflow",
    "fund.identity_conflict",
    "fund.unallocated_money",
}
"""What a storm must bring about at least, or it would prove nothing."""
_ALERT: Final = ("rule", "window", "level", "lead", "message")
_DIFFERENCE: Final = (
    "account_no", "business_day", "kind", "stated_fen", "reported_fen", "event", "owner",
)  # fmt: skip


async def _runs(keeper: Keeper) -> bool:
    return keeper.record().pid is not None


@asynccontextmanager
async def killing(keepers: Mapping[str, Keeper], *, times: int) -> AsyncIterator[list[str]]:
    """Kill one process after the other, each by its own id, while the block runs."""
    killed: list[str] = []

    async def work() -> None:
        for name in itertools.islice(itertools.cycle(keepers), times):
            await asyncio.sleep(random.uniform(0.5, 2))  # noqa: S311 - a moment, not a secret
            await until(lambda name=name: _runs(keepers[name]))
            os.kill(keepers[name].record().pid or 0, signal.SIGKILL)
            killed.append(name)

    task = asyncio.create_task(work())
    yield killed
    await ended(task)


@pytest.fixture
async def quiet(database, bus, access, token) -> AsyncIterator[tuple[Door, Database]]:
    async with fund_monitor(database, bus, access, token) as running:
        yield Door(running.client, token), database


async def quietly(storm: Storm, quiet: tuple[Door, Database]) -> Picture:
    door, db = quiet
    sender = Sender(door, storm, orderly=True)
    await sender.begin(db)
    await sender.all_waves()
    differences = DifferenceStore(db, audit_log(db))
    reconciler = Reconciler(
        ComparedStore(db), differences, calendar=WorkingDays(), now=lambda: SEEN_AT
    )
    await db["statements"].update_many({}, {"$inc": {"stale": 1}})
    while await reconciler.reconcile_one():
        pass
    await door.settled()
    assert (await verified(db)).differences == ()
    return await picture_of(door, storm)


async def compared_again(db: Database, door: Door) -> None:
    """Wait until every statement was compared with what was posted last."""
    await db["statements"].update_many({}, {"$inc": {"stale": 1}})

    async def none_waits() -> bool:
        return await ComparedStore(db).stale() is None

    await until(none_waits, seconds=120)
    await door.settled()


def assert_plain(storm: Storm, seen: Picture) -> None:
    """Hold what is seen against what was sent, added up."""
    for number in range(INSTITUTIONS):
        assert seen[f"balance {number}"] == storm.balances()[account_of(number)]
        for contract in range(storm.filed):
            told, _ = seen[f"contract {number} C{contract}"]
            name = f"C{contract}"
            assert told["paid_fen"] == storm.paid(number, name), (number, name)
            assert told["released_fen"] == storm.released(number, name)
    for contract in range(storm.filed):
        match = seen[f"match {TAUGHT} C{contract}"]
        assert match["consumed_lessons"] == f"{LESSONS_TOLD}.00"
        assert match["consumed_fen"] == LESSONS_TOLD * LESSON_FEN
    owed = {f"inst-{number}": storm.owed(number) for number in REFUNDED}
    assert {one: fen for one, _, fen, _, _ in seen["refunds"]} == owed
    assert {one: fen for one, _, _, fen, _ in seen["refunds"]} == owed
    assert seen["events"]["conflict"] == len(storm.conflicts)
    assert seen["ledger"]["balanced"] is True


async def test_what_is_sent_through_a_storm_is_what_a_quiet_service_holds(tmp_path, quiet):
    storm = Storm(CONTRACTS)
    expected = await quietly(storm, quiet)
    assert_plain(storm, expected)
    assert expected["differences"]
    assert {rule for _, rule, *_ in expected["alerts"]} >= WANTED

    async with stormy(tmp_path) as (door, db, parts):
        sender = Sender(door, storm, orderly=False)
        await sender.begin(db)
        async with killing(parts.keepers, times=KILLS) as killed:
            await sender.all_waves()
        await compared_again(db, door)
        seen = await picture_of(door, storm)
        books = await verified(db)

    told = f"{len(storm.everything())} events, killed {killed}, {door.repeats} repeats"
    (tmp_path / "told").write_text(told)
    assert len(killed) == KILLS
    assert books.differences == ()
    for what, value in expected.items():
        assert seen[what] == value, what


@asynccontextmanager
async def stormy(folder: Path) -> AsyncIterator[tuple[Door, Database, Parts]]:
    """Run the service as it runs in a city: a door, two workers, servers of its own."""
    layout = Layout(folder / "stack")
    offset = settle(layout, as_of=AS_OF).offset_seconds
    async with (
        stack_in_parts(layout, port_base=free_port_base(), clock_offset_seconds=offset) as parts,
        httpx.AsyncClient(base_url=parts.urls["fund_monitor"], timeout=20, trust_env=False) as http,
    ):
        await parts.start("fund_monitor")
        await parts.start_second_worker("fund_monitor")
        passwords = {name: parts.place.keys.mongo_password(name).read_text() for name in SERVICES}
        url = servers.mongo_url(parts.place.ports)
        async with stores_at(url, passwords=passwords) as stores:
            yield Door(http, parts.issuer.token), stores["fund_monitor"], parts

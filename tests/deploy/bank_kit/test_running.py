"""The banks' kit against the suite's own door: the suite's acceptance by its own kit."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from deploy.bank_kit.cases import CASES, files
from deploy.bank_kit.plan import Plan
from deploy.bank_kit.result import Result
from deploy.bank_kit.running import run
from shared.access.tokens import Verifier
from shared.cancelling import ended
from shared.mongo import Database
from tests.deploy.bank_kit.plans import a_plan
from tests.support.dropping import DroppingBank
from tests.support.fund import FundMonitor, fund_monitor
from tests.support.servers import NatsServer

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

# A machine that others work on may be slow; what comes wrong comes wrong at once.
_PATIENCE_SECONDS = 90.0


@pytest.fixture
async def fund(
    database: Database, bus: NatsServer, access: Verifier, token: Callable[..., str]
) -> AsyncIterator[FundMonitor]:
    async with fund_monitor(database, bus, access, token, feeds=True) as running:
        yield running


@pytest.fixture
async def dropping(fund: FundMonitor, tmp_path: Path) -> AsyncIterator[DroppingBank]:
    """The bank's drop folder, with a worker that looks through it."""
    bank = DroppingBank(fund, tmp_path)
    door = bank.door()

    async def look() -> None:
        while True:
            await door.turn()
            await asyncio.sleep(0.05)

    looking = asyncio.create_task(look())
    yield bank
    await ended(looking)


def plan_of(fund: FundMonitor, **more: object) -> Plan:
    reader = fund.token(role="bank", bank="alpha")
    return a_plan(secret=fund.secrets["alpha"], reader=reader, **more)


def outcomes(result: Result) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {"passed": [], "failed": [], "skipped": []}
    for case in result.cases:
        found[case.outcome].append(f"{case.number} {case.seen}")
    return found


class TestOurOwnDoor:
    async def test_passes_every_case_twice_and_the_secret_is_changed_over(
        self, fund: FundMonitor, dropping: DroppingBank
    ):
        await fund.add_bank("alpha", "booked_on", "entry_no")
        declared = await fund.client.put(
            "/v1/banks/alpha/feed",
            json={"valid_from": "2026-01-01", "numbering": "per_account", "balance_after": True},
            headers=fund.bearer(role="bank_admin"),
        )
        assert declared.status_code == 200, declared.text
        kept: list[str] = []
        plan = plan_of(
            fund,
            identity_fields=("booked_on", "entry_no"),
            administrator=fund.token(role="bank_admin"),
            keep_secret=kept.append,
            drop_folder=dropping.folder,
        )

        first = await run(fund.client, plan, patience_seconds=_PATIENCE_SECONDS)

        assert outcomes(first)["failed"] == outcomes(first)["skipped"] == []
        assert first.passed
        assert len(first.cases) == len(CASES) >= 40
        [fund.secrets["alpha"]] = kept
        again = await run(
            fund.client,
            plan_of(fund, identity_fields=("booked_on", "entry_no")),
            cases=CASES[:20],
            patience_seconds=_PATIENCE_SECONDS,
        )
        by_files = await run(
            fund.client,
            plan_of(fund, identity_fields=("booked_on", "entry_no"), drop_folder=dropping.folder),
            cases=files.CASES,
            patience_seconds=_PATIENCE_SECONDS,
        )
        assert again.passed, outcomes(again)["failed"]
        assert by_files.passed, outcomes(by_files)["failed"]

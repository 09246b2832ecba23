"""What many requests of a bank note of it at once."""

import asyncio
from datetime import UTC, date, datetime

import pytest

from services.fund_monitor.domain.banks.bank import Bank
from services.fund_monitor.store.banks.banks import BankStore
from shared.audit.log import Who
from shared.mongo import transact
from tests.support.audit import audit_log

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]

MONDAY = date(2026, 6, 29)
ADDED_AT = datetime(2026, 6, 29, tzinfo=UTC)


@pytest.fixture
async def banks(database):
    store = BankStore(database, audit_log(database))
    for bank in (
        Bank("alpha", "甲", ("serial_no",)),
        Bank("beta", "乙", ("serial_no", "entry_no")),
    ):
        await transact(
            database,
            lambda session, it=bank: store.add(
                it, who=Who(role="admin"), now=ADDED_AT, session=session
            ),
        )
    return store


async def test_a_first_event_is_begun_for_all_who_bring_one(banks):
    alpha, beta = await banks.find("alpha"), await banks.find("beta")

    begun = await asyncio.gather(*(banks.begin(bank) for bank in (alpha, beta) * 20))

    assert begun == [True] * 40
    assert (await banks.find("alpha")).has_sent
    assert (await banks.find("beta")).has_sent


async def test_nobody_begins_by_a_declaration_that_has_changed(banks):
    alpha = await banks.find("alpha")
    await banks.declare("alpha", ("serial_no", "occurred_at"), who=Who(role="admin"))
    changed = await banks.find("alpha")

    begun = await asyncio.gather(banks.begin(alpha), banks.begin(changed), banks.begin(alpha))

    assert begun == [False, True, False]


async def test_a_days_first_requests_note_it_once_for_each_bank(banks, database):
    await asyncio.gather(
        *(banks.note_sent(code, MONDAY) for code in ("alpha", "beta") for _ in range(20))
    )

    for code in ("alpha", "beta"):
        assert (await banks.find(code)).last_sent_on == MONDAY
    assert await database["to_judge"].count_documents({}) == 2

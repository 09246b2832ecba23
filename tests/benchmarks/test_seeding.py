"""A ledger made up for measuring is one: every sum follows from its entries."""

import pytest

from benchmarks import seeding
from benchmarks.traffic import INSTITUTIONS, open_accounts
from services.fund_monitor.store.indexes import INDEXES
from services.fund_monitor.store.ledger.records import RecordStore
from services.fund_monitor.store.ledger.recount import Recount
from shared.audit.log import AuditLog, DigestKey
from shared.kernel import Kernel
from shared.mongo import ensure_indexes

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]


async def test_what_is_multiplied_balances_like_what_was_posted(database, access, monkeypatch):
    monkeypatch.setattr(seeding, "_MADE_HERE", 200)
    await ensure_indexes(database, INDEXES)
    audit = AuditLog(database, DigestKey("tests", b"key"))
    await open_accounts(
        Kernel(service="fund_monitor", db=database, verifier=access, clock=None, audit=audit)
    )

    await seeding.seed(database, entries=1_000)

    assert await RecordStore(database).ledger() == (INSTITUTIONS, 1_000, True)
    assert (await RecordStore(database).outcomes())["posted"] == INSTITUTIONS + 1_000
    recount = Recount(database)
    async for account in recount.accounts():
        assert await recount.differences(account) == []
    for collection in ("events", "entries"):
        declared = {model.document["name"] for model in INDEXES[collection]}
        assert declared < set(await database[collection].index_information())

"""What the version before has left in a store is brought to what this one reads."""

import pytest

from services.fund_monitor.app.verify_books import verify_books
from services.fund_monitor.store.closings import ClosingStore
from services.fund_monitor.store.migrations.m0001_immutable_journal import write_journal_anew
from services.fund_monitor.store.migrations.m0002_counted_accounts import count_accounts
from services.fund_monitor.store.migrations.m0003_told_differences import tell_differences
from services.fund_monitor.store.recount import Recount
from tests.support.fund import fund_monitor, money, opened

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]


async def test_a_journal_of_schema_1_is_written_anew(database, bus, access, token):
    async with fund_monitor(database, bus, access, token) as fund:
        await fund.add_bank("alpha")
        await fund.accepted(
            [
                opened(),
                money("deposit", "d", 900, lessons="9.00", contract_no="C1"),
                money("deposit", "e", 300),
                money("reversal", "x", 300, reverses_serial_no="e"),
                money("deposit", "f", 50),
                money("reversal", "z", 50, reverses_serial_no="f"),
                money("deposit", "waits", 70),
                money("deposit", "parked", account_no="A2"),
            ]
        )
        await fund.settled()
        before = {row["_id"]: row["lines"] async for row in database["entries"].find()}
        await _as_schema_1_had_it(database)

        await database["events"].create_index("slot", name="by_slot")

        assert await write_journal_anew(database) == 1
        assert "by_slot" not in await database["events"].index_information()
        assert await write_journal_anew(database) == 0

        assert (await verify_books(Recount(database), ClosingStore(database))).differences == ()
        assert {row["_id"]: row["lines"] async for row in database["entries"].find()} == before
        # What falls later must know that it has an effect to take back.
        await fund.accepted([opened(account_no="A2", serial_no="open-2")])
        await fund.accepted([money("reversal", "y", 900, reverses_serial_no="d")])
        await fund.settled()
        assert await fund.balance("A1") == 70
        assert await fund.balance("A2") == 1_000


async def _as_schema_1_had_it(db):
    await db["entries"].update_many(
        {},
        {
            "$set": {"schema": 1},
            "$unset": {"event": "", "sign": "", "posting": "", "name": "", "contract_no": ""},
        },
    )
    await db["contract_positions"].delete_many({})
    await db["waiting_deposits"].delete_many({})
    await db["events"].update_many({}, {"$set": {"schema": 1}, "$unset": {"turns": ""}})


async def test_accounts_of_before_there_were_counts_are_counted_once(database, bus, access, token):
    async with fund_monitor(database, bus, access, token) as fund:
        await fund.add_bank("alpha")
        await fund.accepted(
            [
                opened(),
                money("deposit", "d", 900),
                money("deposit", "e", 300),
                money("reversal", "x", 300, reverses_serial_no="e"),
                money("reversal", "x2", 300, reverses_serial_no="e"),
                money("deposit", "parked", account_no="A10"),
            ]
        )
        await fund.settled()
        before = await fund.summary()
        gone = {"posted": "", "set_aside": "", "entries": ""}
        await database["accounts"].update_many({}, {"$unset": gone})

        assert await count_accounts(database) == 2
        assert await count_accounts(database) == 0

        assert await fund.summary() == before
        assert before["events"]["posted"] == 4
        assert (before["events"]["parked"], before["events"]["set_aside"]) == (1, 1)
        assert before["ledger"] == {"accounts": 1, "entries": 3, "balanced": True}
        assert (await verify_books(Recount(database), ClosingStore(database))).differences == ()


async def test_a_sum_that_does_not_agree_shows_in_the_summary(database, bus, access, token):
    async with fund_monitor(database, bus, access, token) as fund:
        await fund.add_bank("alpha")
        await fund.accepted([opened(), money("deposit", "d", 900)])
        await fund.settled()

        await database["day_totals"].update_one({}, {"$inc": {"balance_fen": 1}})

        assert (await fund.summary())["ledger"]["balanced"] is False


async def test_addresses_and_differences_of_before_are_told_of_from_here_on(database):
    known = {"place": 7, "until": 9, "attempts": 2, "due_at": None, "lease": None}
    address = {"_id": "alpha", "url": "https://a.example/", "disabled_because": None, **known}
    await database["bank_webhooks"].insert_one(
        {**address, "last_failure": "HTTP 500", "delivered_at": None}
    )
    await database["differences"].insert_one({"_id": "d", "state": "open"})

    assert [await tell_differences(database) for _ in range(2)] == [1, 0]

    [row] = await database["bank_webhooks"].find().to_list()
    assert "place" not in row
    assert (row["streams"]["outcomes"]["place"], row["streams"]["outcomes"]["until"]) == (7, 9)
    assert (row["streams"]["differences"]["place"], row["streams"]["differences"]["attempts"]) == (
        0,
        0,
    )
    assert (await database["differences"].find_one())["told_overdue"] is False

"""What the version before has left in a store is brought to what this one reads."""

import pytest

from services.fund_monitor.store.indexes import INDEXES
from services.fund_monitor.store.ledger.day_totals import day_totals
from services.fund_monitor.store.lessons.lessons import LessonStore
from services.fund_monitor.store.migrations.m0001_immutable_journal import write_journal_anew
from services.fund_monitor.store.migrations.m0002_counted_accounts import count_accounts
from services.fund_monitor.store.migrations.m0003_days_by_month import put_days_together
from services.fund_monitor.store.migrations.m0004_counted_lessons import count_lessons
from services.fund_monitor.store.migrations.m0005_told_differences import tell_differences
from shared.mongo import ensure_indexes
from tests.support.books import verified
from tests.support.fund import at, fund_monitor, money, opened
from tests.support.lessons import a_held_session

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

        assert (await verified(database)).differences == ()
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
        assert (await verified(database)).differences == ()


async def test_days_that_were_kept_one_by_one_are_put_together_by_month(
    database, bus, access, token
):
    async with fund_monitor(database, bus, access, token) as fund:
        await fund.add_bank("alpha")
        term = [
            opened(),
            money("deposit", "d", 900, lessons="9.00", contract_no="C1"),
            money("deposit", "e", 300, occurred_at=at("03-31")),
            money("release", "r", 100, occurred_at=at("04-01"), lessons="1.00", contract_no="C1"),
        ]
        await fund.accepted(term)
        await fund.settled()
        before = await day_totals(database, ["alpha|A1"])
        await _as_days_were_kept(database, before)
        # What is posted before its turn comes stands beside what is moved.
        await fund.accepted([money("deposit", "f", 70, occurred_at=at("03-31"))])
        await fund.settled()

        assert await put_days_together(database) == 1
        assert await put_days_together(database) == 0

        after = await day_totals(database, ["alpha|A1"])
        assert {one.day.isoformat(): one.balance_fen for one in after["alpha|A1"]} == {
            "2026-03-02": 900,
            "2026-03-31": 370,
            "2026-04-01": -100,
        }
        assert "day_totals" not in await database.list_collection_names()
        assert (await verified(database)).differences == ()


async def _as_days_were_kept(db, totals):
    await db["day_totals"].insert_many(
        {
            "_id": f"{account}|{one.day}",
            "account": account,
            "day": one.day.isoformat(),
            "balance_fen": one.balance_fen,
            "unconsumed_fen": one.unconsumed_fen,
        }
        for account, days in totals.items()
        for one in days
    )
    await db["account_months"].delete_many({})


async def test_a_sum_that_does_not_agree_shows_in_the_summary(database, bus, access, token):
    async with fund_monitor(database, bus, access, token) as fund:
        await fund.add_bank("alpha")
        await fund.accepted([opened(), money("deposit", "d", 900)])
        await fund.settled()

        await database["account_months"].update_one({}, {"$inc": {"days.02.balance_fen": 1}})

        assert (await fund.summary())["ledger"]["balanced"] is False


async def test_lessons_told_before_there_were_books_of_them_are_counted_once(database):
    await ensure_indexes(database, INDEXES)
    lessons = LessonStore(database)
    await lessons.take(a_held_session("C1", "C2"))
    await lessons.take(a_held_session("C1", version=2))
    await lessons.take(a_held_session("C1", session_id="s-2", minutes=5))
    before = await database["lesson_books"].find().to_list()
    added = dict.fromkeys(("started_at", "ended_at", "by", "session"), "")
    told = {"$set": {"schema": 1}, "$unset": added}
    await database["consumption_entries"].update_many({}, told)
    await database["lesson_books"].delete_many({})

    # C2 was told and taken back: it is looked at, and has no lesson.
    assert [await count_lessons(database) for _ in range(2)] == [2, 0]

    assert await database["lesson_books"].find().to_list() == before
    await lessons.take(a_held_session("C2", session_id="s-2", minutes=5, version=2))
    books = {row["_id"]: row["counted"] async for row in database["lesson_books"].find()}
    assert books == {"inst-1|C1": 100, "inst-1|C2": 100}


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

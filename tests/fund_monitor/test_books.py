"""The books on a real store: entries stay as they are, and everything can be counted again."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.fund_monitor.app.ledger.close_day import SETTLED, close_day
from services.fund_monitor.domain.ledger.journal import JournalEntry, Move
from services.fund_monitor.store.ledger.closings import ClosingStore
from services.fund_monitor.store.ledger.journal import Journal
from services.fund_monitor.store.lessons.lessons import LessonStore
from shared.access.tokens import Verifier
from shared.mongo import Database, transact
from tests.fund_monitor.test_orders import a_term
from tests.support.books import verified
from tests.support.fund import FundMonitor, at, fund_monitor, money, opened
from tests.support.lessons import a_held_session
from tests.support.servers import NatsServer

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]

STATEMENT = "/v1/banks/alpha/accounts/A1/statement?from=2026-03-01&until=2026-03-31"


@pytest.fixture
async def fund(
    database: Database, bus: NatsServer, access: Verifier, token: Callable[..., str]
) -> AsyncIterator[FundMonitor]:
    async with fund_monitor(database, bus, access, token) as running:
        await running.add_bank("alpha")
        yield running


def soon() -> datetime:
    """Return the moment at which everything posted by now, and nothing later, is settled."""
    return datetime.now(UTC) + SETTLED


async def entries(db: Database) -> dict[str, dict[str, Any]]:
    return {row["_id"]: row async for row in db["entries"].find()}


class TestJournal:
    async def test_is_not_changed_by_what_takes_an_effect_back(self, fund):
        await fund.accepted([opened(), money("opening_balance", "ob", 500)])
        await fund.settled()
        written = await entries(fund.db)

        await fund.accepted([money("opening_balance", "earlier", 700, occurred_at=at("03-01"))])
        await fund.settled()

        now = await entries(fund.db)
        assert {key: now[key] for key in written} == written
        assert sorted(now) == [
            "alpha|A1|earlier",
            "alpha|A1|ob",
            "alpha|A1|ob~1",
        ]
        assert await fund.balance("A1") == 700

    async def test_takes_entries_that_no_bank_has_sent(self, fund):
        await fund.accepted([opened(), money("deposit", "d", 900, lessons="9.00")])
        await fund.settled()
        entry = JournalEntry(
            event="correction-1",
            account="alpha|A1",
            type="correction",
            occurred_at=datetime(2026, 3, 4, tzinfo=UTC),
            moves=(Move("interest", "prepaid.lessons", 900),),
            contract_no="C1",
            pupil="C1",
        )

        async def write(session: Any) -> None:
            await Journal(fund.db).write([entry], session=session)

        await transact(fund.db, write)

        assert (await verified(fund.db)).differences == ()
        assert await fund.balance("A1") == 900


class TestVerifyBooks:
    async def test_finds_nothing_after_a_term_of_late_and_displaced_events(self, fund):
        for event in reversed(a_term()):
            await fund.accepted([event])
        await fund.settled()

        report = await verified(fund.db)

        assert report.differences == ()
        assert report.accounts == 2

    @pytest.mark.parametrize(
        ("collection", "change", "told"),
        [
            ("accounts", {"$inc": {"balance_fen": 1}}, "balance_fen"),
            ("waiting_deposits", {"$inc": {"amount_fen": 1}}, "待认领资金"),
            ("account_months", {"$inc": {"days.02.unconsumed_fen": 1}}, "unconsumed_fen"),
            ("contract_positions", {"$inc": {"paid_fen": 1}}, "paid_fen"),
            ("entries", {"$set": {"lines.0.fen": 1}}, "借贷不平"),
            ("closings", {"$inc": {"late": 1}}, "哈希"),
            ("lesson_books", {"$inc": {"days.2026-06-24": 1}}, "消课账 days"),
            ("consumption_entries", {"$inc": {"lessons": 50}}, "消课账 counted"),
        ],
    )
    async def test_names_what_was_changed(self, fund, collection, change, told):
        known = money("deposit", "d", lessons="2", contract_no="C1")
        await fund.accepted([opened(), known, money("deposit", "unallocated")])
        await fund.settled()
        await LessonStore(fund.db).take(a_held_session("C1"))
        await close_day(date(2026, 6, 29), closings=ClosingStore(fund.db), now=soon())

        await fund.db[collection].update_one({}, change)

        assert told in "\n".join((await verified(fund.db)).differences)

    async def test_counts_contracts_of_which_a_book_or_an_entry_is_lost(self, fund):
        for number in range(2):
            await LessonStore(fund.db).take(
                a_held_session(f"C{number}", day=number, session_id=f"s-{number}")
            )
        assert (await verified(fund.db)).contracts == 2

        await fund.db["lesson_books"].delete_one({"contract_no": "C0"})
        await fund.db["consumption_entries"].delete_one({"contract_no": "C1"})

        report = await verified(fund.db)
        assert report.contracts == 2
        assert all(
            f"inst-1|C{number} 的消课账" in "\n".join(report.differences) for number in (0, 1)
        )


class TestClosings:
    async def test_chain_what_was_recorded_and_count_what_came_late(self, fund):
        closings = ClosingStore(fund.db)
        await fund.accepted([opened(), money("deposit", "d", 900)])
        await fund.settled()
        first = await close_day(date(2026, 6, 28), closings=closings, now=soon())
        await fund.accepted([money("deposit", "late", 100)])
        await fund.settled()
        again = await close_day(date(2026, 6, 28), closings=closings, now=soon())
        second = await close_day(date(2026, 6, 29), closings=closings, now=soon())

        assert again == first
        assert (first.entries, first.late, first.balance_fen) == (1, 0, 900)
        assert (second.entries, second.late, second.balance_fen) == (1, 1, 1_000)
        assert second.previous == first.hash
        assert (await verified(fund.db)).differences == ()
        page = (await fund.read("/v1/closings?limit=1")).json()
        assert [each["hash"] for each in page["closings"]] == [second.hash]
        rest = (await fund.read(f"/v1/closings?cursor={page['next_cursor']}")).json()
        assert [each["day"] for each in rest["closings"]] == ["2026-06-28"]

    async def test_show_that_an_entry_was_removed(self, fund):
        await fund.accepted([opened(), money("deposit", "d"), money("deposit", "e")])
        await fund.settled()
        await close_day(date(2026, 6, 28), closings=ClosingStore(fund.db), now=soon())

        await fund.db["entries"].delete_one({"event": "alpha|A1|d"})

        assert "分录数" in "\n".join((await verified(fund.db)).differences)


class TestStatement:
    async def test_goes_on_from_page_to_page_with_the_balance_after_each_entry(self, fund):
        same = at("03-05")
        events = [
            opened(),
            money("opening_balance", "ob", 1_000, occurred_at=at("02-20")),
            *(money("deposit", f"d{n}", 10 + n, occurred_at=same) for n in range(4)),
            money("release", "r", 500, occurred_at=at("03-09")),
            money("deposit", "later", 7, occurred_at=at("04-01", "00:00:00")),
        ]
        await fund.accepted(events)
        await fund.settled()

        seen, path = [], f"{STATEMENT}&limit=2"
        balance = 1_000
        while path:
            page = (await fund.read(path)).json()
            assert page["before"]["balance_fen"] == balance
            seen += [line["event"].rpartition("|")[2] for line in page["entries"]]
            balance = page["after"]["balance_fen"]
            cursor = page.get("next_cursor")
            path = cursor and f"{STATEMENT}&limit=2&cursor={cursor}"

        assert seen == ["d0", "d1", "d2", "d3", "r"]
        assert balance == 1_000 + 10 + 11 + 12 + 13 - 500

    @pytest.mark.parametrize(
        ("moment", "balance"),
        [
            ("2026-03-02T09:29:59%2B08:00", 0),
            ("2026-03-02T09:30:00%2B08:00", 900),
            ("2026-03-03T00:00:00%2B08:00", 900),
            ("2026-03-04T23:59:59%2B08:00", 800),
        ],
    )
    async def test_balance_is_what_it_was_at_a_moment(self, fund, moment, balance):
        await fund.accepted(
            [opened(), money("deposit", "d", 900), money("fee", "f", 100, occurred_at=at("03-04"))]
        )
        await fund.settled()

        answer = await fund.read(f"/v1/banks/alpha/accounts/A1/balance?at={moment}")

        assert answer.json()["balance_fen"] == balance

    @pytest.mark.parametrize(
        "span", ["from=2026-03-02&until=2026-03-01", "from=2025-01-01&until=2026-03-01"]
    )
    async def test_refuses_a_span_that_is_none_or_too_long(self, fund, span):
        answer = await fund.read(f"/v1/banks/alpha/accounts/A1/statement?{span}")

        assert answer.status_code == 422
        assert "until" in answer.json()["detail"]

    async def test_position_of_a_contract_forgets_what_was_reversed(self, fund):
        of_c1 = {"contract_no": "C1", "lessons": "10.00"}
        await fund.accepted(
            [
                opened(),
                money("deposit", "d", 900, **of_c1),
                money("deposit", "e", 300, **of_c1),
                money("reversal", "x", 300, reverses_serial_no="e"),
                money("release", "r", 90, contract_no="C1", lessons="1.00"),
            ]
        )
        await fund.settled()

        found = (await fund.read("/v1/banks/alpha/accounts/A1/contracts/C1")).json()

        assert (found["paid_fen"], found["released_fen"]) == (900, 90)
        assert (found["paid_lessons"], found["released_lessons"]) == (1_000, 100)
        assert len(found["entries"]) == 4

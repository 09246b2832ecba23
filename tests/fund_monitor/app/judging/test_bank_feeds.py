"""Silent banks and overdue differences as alerts: raised, risen, and ended by what is sent."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from services.fund_monitor.app.banks.miss_banks import SilenceOfBanks
from services.fund_monitor.app.judging.judge import Judge
from services.fund_monitor.domain.banks.feed import FeedDeclaration
from services.fund_monitor.domain.statements.reconciliation import Difference
from services.fund_monitor.store.banks.bank_activity import BankActivityStore
from services.fund_monitor.store.banks.banks import BankStore
from services.fund_monitor.store.banks.feed_declarations import FeedDeclarationStore
from services.fund_monitor.store.indexes import INDEXES
from services.fund_monitor.store.statements.difference_rows import Place
from services.fund_monitor.store.statements.differences import DifferenceStore
from shared.alerts.store import AlertStore
from shared.audit.log import SERVICE
from shared.city_time import CITY_TIME
from shared.clock import Clock
from shared.contracts.alerts import ALERT_CHANNELS
from shared.kernel import KERNEL_INDEXES
from shared.marks import MarkStore
from shared.mongo import Database, ensure_indexes
from shared.timers import Timers
from shared.working_days import Notice, WorkingDays
from tests.support.audit import audit_log

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]

MONDAY = date(2026, 6, 22)
"""The working days after it follow without a rest day; the next Monday is the fifth."""


def on(days: int, hour: int = 0, *, since: date = MONDAY) -> datetime:
    return datetime.combine(since + timedelta(days=days), time(hour), CITY_TIME)


class Bank:
    """The live bank alpha with a custody account, judged at moments of the test's own."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.activity = BankActivityStore(db)
        self.banks = BankStore(db, audit_log(db))
        self.differences = DifferenceStore(db, audit_log(db))
        self.calendar = WorkingDays()

    async def judged(self, moment: datetime) -> list[tuple[str, str, str]]:
        """Judge what is marked or due; return rule, level and lead of what stands."""
        alerts = AlertStore(self.db, ALERT_CHANNELS["fund_monitor"])
        judge = Judge(self.db, alerts, calendar=self.calendar)
        while await judge.judge_some(now=moment):
            pass
        standing = self.db["alerts"].find({"state": {"$ne": "superseded"}})
        return sorted([(row["rule"]["code"], row["level"], row["lead"]) async for row in standing])

    async def noon(self, moment: datetime) -> list[tuple[str, str, str]]:
        """Let the timer of this moment's noon come, then judge."""
        clock = Clock(moment - datetime.now(UTC))
        handlers = SilenceOfBanks(self.db, self.activity, clock).handlers
        timers = Timers(self.db, clock=clock, calendar=WorkingDays(), handlers=handlers)
        await timers.run_one()
        return await self.judged(moment)

    async def differs(self, fen: int | None, *, now: datetime) -> None:
        """Find one difference of a day, or none any more."""
        place = Place("alpha", "alpha|A1", MONDAY, "s1")
        found = [] if fen is None else [Difference("report_only", None, "e1", None, fen)]
        due = WorkingDays().deadline(MONDAY, days=3)
        await self.differences.settle(place, found, due=due, now=now)


@pytest.fixture
async def bank(database: Database) -> Bank:
    await ensure_indexes(database, {**KERNEL_INDEXES, **INDEXES})
    await database["banks"].insert_one(
        {
            "_id": "alpha",
            "name": "alpha",
            "identity_fields": [],
            "secrets": [],
            "has_sent": True,
            "state": "live",
            "added_at": on(-90),
        }
    )
    account = {"_id": "alpha|A1", "account_kind": "custody", "opened_by": "alpha|A1|o"}
    await database["accounts"].insert_one(account)
    found = Bank(database)
    await found.banks.note_sent("alpha", MONDAY)
    clock = Clock(on(0, 9) - datetime.now(UTC))
    await SilenceOfBanks(database, found.activity, clock).begin()
    return found


class TestASilentBank:
    async def test_is_found_after_three_working_days_and_gravely_after_six(self, bank: Bank):
        early = await bank.noon(on(3, 12))
        yellow = await bank.noon(on(4, 12))
        red = await bank.noon(on(9, 12))
        await bank.banks.note_sent("alpha", MONDAY + timedelta(days=9))
        after = await bank.judged(on(9, 13))

        assert early == after == []
        assert yellow == [("fund.bank_silent", "yellow", "pboc")]
        assert red == [("fund.bank_silent", "red", "pboc")]

    async def test_is_not_missed_on_a_day_on_which_banks_do_not_book(self, bank: Bank):
        closed = frozenset({MONDAY + timedelta(days=1)})
        bank.calendar.learn({2026: Notice(frozenset(), frozenset(), closed)})

        assert await bank.noon(on(4, 12)) == []
        assert await bank.noon(on(5, 12)) == [("fund.bank_silent", "yellow", "pboc")]

    async def test_that_tells_balances_daily_is_missed_at_noon_of_the_second_day(self, bank: Bank):
        daily = FeedDeclaration(
            bank="alpha",
            valid_from=MONDAY,
            balance_days="banking_days",
            balance_until=time(20),
        )
        await FeedDeclarationStore(bank.db, audit_log(bank.db)).declare(daily, who=SERVICE)

        assert await bank.noon(on(2, 11)) == []
        assert await bank.noon(on(2, 12)) == [("fund.bank_silent", "yellow", "pboc")]
        assert await bank.noon(on(4, 12)) == [("fund.bank_silent", "red", "pboc")]

    async def test_has_nothing_to_tell_without_a_custody_account_or_when_not_live(self, bank: Bank):
        await bank.db["banks"].update_one({"_id": "alpha"}, {"$set": {"state": "suspended"}})
        suspended = await bank.noon(on(20, 12))
        await bank.db["banks"].update_one({"_id": "alpha"}, {"$set": {"state": "live"}})
        await bank.db["accounts"].delete_many({})

        assert suspended == []
        assert await bank.noon(on(21, 12)) == []

    async def test_is_not_found_by_an_estimated_calendar(self, bank: Bank):
        christmas = date(2027, 12, 20)
        await bank.banks.note_sent("alpha", christmas)

        assert await bank.noon(on(60, 12, since=christmas)) == []


class TestADifference:
    async def test_overdue_is_an_alert_that_rises_and_ends_with_it(self, bank: Bank):
        await bank.banks.note_sent("alpha", MONDAY + timedelta(days=30))
        await bank.differs(5, now=on(0, 10))
        early = await bank.judged(on(3, 23))
        yellow = await bank.judged(on(4))
        red = await bank.judged(on(9))
        await bank.differs(None, now=on(9, 1))
        after = await bank.judged(on(9, 2))

        assert early == after == []
        assert yellow == [("fund.difference_overdue", "yellow", "pboc")]
        assert red == [("fund.difference_overdue", "red", "pboc")]

    async def test_that_is_explained_in_time_is_none(self, bank: Bank):
        await bank.banks.note_sent("alpha", MONDAY + timedelta(days=30))
        await bank.differs(5, now=on(0, 10))
        [row] = await bank.db["differences"].find().to_list()
        said = {"state": "explained", "reason": "次日补报", "answered_at": on(1)}
        await bank.differences.answer("alpha", row["_id"], said, who=SERVICE)

        assert await bank.judged(on(20)) == []
        assert await MarkStore(bank.db).waiting() == 0

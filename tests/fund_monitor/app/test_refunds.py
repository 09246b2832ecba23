"""An institution's silence, and the overdue clock, on a real store and the real calendar."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from services.fund_monitor.app.judging.judge import Judge
from services.fund_monitor.app.refunds.refunds import (
    RefundDesk,
    Request,
    Said,
    SilenceTimers,
    answer_refund,
    ask_refund,
)
from services.fund_monitor.domain.ledger.journal import JournalEntry, Move
from services.fund_monitor.store.contracts.contracts import ContractStore
from services.fund_monitor.store.institutions import InstitutionReplica
from services.fund_monitor.store.ledger.journal import Journal
from services.fund_monitor.store.lessons.consumption import ConsumptionStore
from services.fund_monitor.store.refunds.refund_money import RefundMoneyStore
from services.fund_monitor.store.refunds.refunds import RefundStore
from shared.alerts.store import AlertStore
from shared.audit.log import Who
from shared.clock import Clock, machine_now
from shared.contracts.alerts import ALERT_CHANNELS
from shared.mongo import transact
from shared.timers import Timers
from shared.working_days import Notice, WorkingDays
from tests.support.audit import audit_log
from tests.support.contracts import a_contract
from tests.support.fund import an_institution

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]

ACCOUNT = "alpha|A1"
MONDAY = datetime(2026, 3, 2, 4, tzinfo=UTC)
LAST_MOMENT = datetime(2026, 3, 9, 15, 59, 30, tzinfo=UTC)
NEXT_DAY = datetime(2026, 3, 9, 16, 0, 30, tzinfo=UTC)
SAID = Said(Who(role="institution", person="p1"), MONDAY, "同意")


@pytest.fixture
async def desk(database) -> RefundDesk:
    """A desk over one contract that was paid a thousand fen in January."""
    contracts = ContractStore(database)
    await database["institutions"].insert_one(an_institution())
    await database["accounts"].insert_one(
        {
            "_id": ACCOUNT,
            "institution_code": an_institution()["uscc"],
            "account_kind": "custody",
            "account_name": "甲培训机构预收费资金托管专户",
            "version": 1,
        }
    )
    paid = JournalEntry(
        event="alpha|A1|d1",
        account=ACCOUNT,
        type="deposit",
        occurred_at=datetime(2026, 1, 5, 4, tzinfo=UTC),
        moves=(Move("bank", "prepaid.lessons", 1_000),),
        contract_no="C1",
        pupil="C1",
    )

    async def work(session):
        await contracts.put([replace(a_contract(), version=1)], now=MONDAY, session=session)
        await Journal(database).write([paid], session=session)

    await transact(database, work)
    return a_desk(database, WorkingDays())


def a_desk(database, calendar) -> RefundDesk:
    return RefundDesk(
        db=database,
        refunds=RefundStore(database),
        contracts=ContractStore(database),
        institutions=InstitutionReplica(database),
        money=RefundMoneyStore(database),
        consumption=ConsumptionStore(database),
        audit=audit_log(database),
        calendar=calendar,
    )


def a_request(day: date = date(2026, 3, 2)) -> Request:
    return Request(institution_id="inst-1", contract_no="C1", requested_on=day, amount_fen=None)


async def asked(desk, *, now=MONDAY) -> str:
    async def work(session):
        request = a_request(now.date())
        return await ask_refund(request, desk=desk, said=replace(SAID, now=now), session=session)

    refund, _ = await transact(desk.db, work)
    return refund.id


async def answered(desk, refund_id, *, agree=True) -> None:
    async def work(session):
        await answer_refund(refund_id, agree=agree, desk=desk, said=SAID, session=session)

    await transact(desk.db, work)


def timers(desk, now, calendar=WorkingDays()) -> Timers:  # noqa: B008 - a frozen value
    clock = Clock(now - machine_now())
    silence = SilenceTimers(desk, clock.now)
    return Timers(desk.db, clock=clock, calendar=calendar, handlers=silence.handlers)


async def judge(desk, now) -> dict[str, str]:
    """Judge what waits at a moment, and return the level of each rule's alert that stands."""
    judging = Judge(
        desk.db, AlertStore(desk.db, ALERT_CHANNELS["fund_monitor"]), calendar=WorkingDays()
    )
    while await judging.judge_some(now=now):
        pass
    rows = desk.db["alerts"].find({"state": {"$ne": "superseded"}})
    return {row["rule"]["code"]: row["level"] async for row in rows}


class TestSilence:
    async def test_agrees_when_five_working_days_have_passed_and_not_before(self, desk):
        refund_id = await asked(desk)

        assert not await timers(desk, LAST_MOMENT).run_one()
        assert await timers(desk, NEXT_DAY).run_one()

        refund = (await desk.refunds.find(refund_id)).refund
        assert (refund.state, refund.silent, refund.owed_fen) == ("agreed", True, 1_000)
        assert refund.answered_on == date(2026, 3, 10)
        row = await desk.db["audit"].find_one({"action": "refund.agreed"})
        assert row["who"]["role"] == "service"

    async def test_agrees_to_nothing_that_was_answered(self, desk):
        refund_id = await asked(desk)
        await answered(desk, refund_id, agree=False)

        assert not await timers(desk, NEXT_DAY).run_one()

        assert (await desk.refunds.find(refund_id)).refund.state == "objected"

    async def test_fires_on_no_provisional_calendar_but_when_its_notice_is_loaded(self, desk):
        year = datetime(2027, 3, 1, 4, tzinfo=UTC)
        refund_id = await asked(desk, now=year)
        later = year + timedelta(days=60)

        assert not await timers(desk, later).run_one()
        loaded = WorkingDays({2027: Notice(frozenset(), frozenset())})
        known = timers(desk, later, loaded)
        assert await known.recount() == 1
        assert await known.run_one()

        assert (await desk.refunds.find(refund_id)).refund.state == "agreed"


class TestOverdue:
    async def test_turns_yellow_and_red_on_its_days_without_another_event(self, desk):
        refund_id = await asked(desk)
        await answered(desk, refund_id)

        levels = [
            (await judge(desk, datetime(2026, 3, day, 4, tzinfo=UTC))).get("fund.refund_overdue")
            for day in (2, 9, 10, 23, 24)
        ]

        assert levels == [None, None, "yellow", "yellow", "red"]

"""Silence about stated lessons, on a real store, real timers and the real calendar."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from services.fund_monitor.app.fees.decide_fees import Deciding, FeeDesk, decide
from services.fund_monitor.app.lessons.answer_lessons import (
    Answering,
    LessonSilenceTimers,
    answer_lesson,
)
from services.fund_monitor.app.lessons.state_lessons import (
    MOST_IN_ONE_GO,
    ConfirmationDesk,
    state_in_parts,
)
from services.fund_monitor.app.lessons.weigh_statements import Statement, Stater
from services.fund_monitor.domain.lessons.lesson_silence import LessonSilence
from services.fund_monitor.store.contracts.contracts import ContractStore
from services.fund_monitor.store.fees.fee_rules import FeeRuleStore
from services.fund_monitor.store.indexes import INDEXES
from services.fund_monitor.store.institutions import InstitutionReplica
from services.fund_monitor.store.lessons.confirmations import ConfirmationStore
from services.fund_monitor.store.lessons.lessons import LessonStore
from shared.audit.log import Who
from shared.clock import Clock, machine_now
from shared.mongo import ensure_indexes, transact
from shared.timers import Timers
from shared.working_days import Notice, WorkingDays
from tests.support.audit import audit_log
from tests.support.contracts import a_contract
from tests.support.fund import an_institution

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]

# A Monday; fifteen working days after it end with Monday the 23rd.
MONDAY = datetime(2026, 3, 2, 4, tzinfo=UTC)
LAST_MOMENT = datetime(2026, 3, 23, 15, 59, 30, tzinfo=UTC)
NEXT_DAY = datetime(2026, 3, 23, 16, 0, 30, tzinfo=UTC)
DEPARTMENT = Who(role="staff", person="p1", office="culture_tourism_sports")


@pytest.fixture
async def desk(database) -> ConfirmationDesk:
    """A desk over one contract."""
    await ensure_indexes(database, INDEXES)
    contracts = ContractStore(database)
    await database["institutions"].insert_one(an_institution())

    async def work(session):
        for number in ("C1", "C2"):
            contract = replace(a_contract(contract_no=number), version=1)
            await contracts.put([contract], now=MONDAY, session=session)

    await transact(database, work)
    return a_desk(database, WorkingDays())


def a_desk(database, calendar) -> ConfirmationDesk:
    return ConfirmationDesk(
        db=database,
        confirmations=ConfirmationStore(database),
        contracts=ContractStore(database),
        lessons=LessonStore(database),
        dated=FeeRuleStore(database),
        audit=audit_log(database),
        calendar=calendar,
    )


async def stated(desk, *, now=MONDAY, count=1, first=0) -> list[str]:
    ended_at = now - timedelta(days=1)
    given = [
        Statement(
            reference=f"n-{number}",
            told="t",
            institution_id="inst-1",
            contract_no="C1",
            session_id=None,
            started_at=ended_at - timedelta(minutes=number + 1),
            ended_at=ended_at - timedelta(minutes=number),
            lessons=100,
        )
        for number in range(first, first + count)
    ]
    by = Stater(who=DEPARTMENT, sender="office:x", now=now)
    results = await state_in_parts(given, desk=desk, by=by)
    return [one.confirmations[0].id for one in results]


async def decided(desk, silence: LessonSilence) -> None:
    fees = FeeDesk(
        db=desk.db,
        dated=desk.dated,
        institutions=InstitutionReplica(desk.db),
        audit=desk.audit,
    )
    await decide(silence, desk=fees, by=Deciding(DEPARTMENT, "按会议", MONDAY))


async def answered(desk, confirmation_id, answer) -> None:
    by = Answering(DEPARTMENT, DEPARTMENT.office, MONDAY, "未上课")

    async def work(session):
        await answer_lesson(confirmation_id, answer, desk=desk, by=by, session=session)

    await transact(desk.db, work)


def timers(desk, now, calendar=WorkingDays()) -> Timers:  # noqa: B008 - a frozen value
    clock = Clock(now - machine_now())
    silence = LessonSilenceTimers(desk, clock.now)
    return Timers(desk.db, clock=clock, calendar=calendar, handlers=silence.handlers)


async def state_of(desk, confirmation_id) -> str:
    return (await desk.confirmations.find(confirmation_id)).confirmation.state


async def counted(desk) -> int:
    book = await desk.db["lesson_books"].find_one({"_id": "inst-1|C1"})
    return 0 if book is None else int(book["counted"])


class TestSilence:
    async def test_confirms_when_fifteen_working_days_have_passed_and_not_before(self, desk):
        [one] = await stated(desk)

        assert not await timers(desk, LAST_MOMENT).run_one()
        assert await timers(desk, NEXT_DAY).run_one()

        found = (await desk.confirmations.find(one)).confirmation
        assert (found.state, found.by_silence) == ("confirmed", True)
        assert found.counts_from == datetime(2026, 3, 23, 16, tzinfo=UTC)
        assert await counted(desk) == 100
        row = await desk.db["audit"].find_one({"action": "lessons.confirmed_by_silence"})
        assert row["who"]["role"] == "service"

    async def test_confirms_a_batch_of_several_transactions_but_for_what_was_answered(self, desk):
        ids = await stated(desk, count=MOST_IN_ONE_GO + 3)
        await answered(desk, ids[0], "object")
        await answered(desk, ids[1], "withdraw")

        while await timers(desk, NEXT_DAY).run_one():
            pass

        assert [await state_of(desk, one) for one in ids[:3]] == [
            "objected",
            "withdrawn",
            "confirmed",
        ]
        assert await counted(desk) == (MOST_IN_ONE_GO + 1) * 100

    async def test_runs_as_the_rule_of_its_source_says_on_the_day_of_the_statement(self, desk):
        """An office's three calendar days, from the day on which they are in force."""
        rule = LessonSilence(source="national", effective_from=date(2026, 3, 3), days=3)
        await decided(desk, rule)
        [earlier] = await stated(desk)
        [later] = await stated(desk, now=MONDAY + timedelta(days=4), first=1)

        assert not await timers(desk, datetime(2026, 3, 9, 15, 59, tzinfo=UTC)).run_one()
        assert await timers(desk, datetime(2026, 3, 9, 16, 1, tzinfo=UTC)).run_one()

        assert [await state_of(desk, one) for one in (earlier, later)] == ["stated", "confirmed"]

    async def test_fires_on_no_provisional_calendar_but_when_its_notice_is_loaded(self, desk):
        year = datetime(2027, 3, 1, 4, tzinfo=UTC)
        [one] = await stated(desk, now=year)
        later = year + timedelta(days=90)

        assert not await timers(desk, later).run_one()
        loaded = WorkingDays({2027: Notice(frozenset(), frozenset())})
        known = timers(desk, later, loaded)
        assert await known.recount() == 1
        assert await known.run_one()

        assert await state_of(desk, one) == "confirmed"

    async def test_of_calendar_days_needs_no_notice(self, desk):
        await decided(
            desk, LessonSilence(source="national", effective_from=date(2026, 1, 1), days=15)
        )
        year = datetime(2027, 3, 1, 4, tzinfo=UTC)
        [one] = await stated(desk, now=year)

        assert not await timers(desk, datetime(2027, 3, 16, 15, 59, tzinfo=UTC)).run_one()
        assert await timers(desk, datetime(2027, 3, 16, 16, 1, tzinfo=UTC)).run_one()

        assert await state_of(desk, one) == "confirmed"

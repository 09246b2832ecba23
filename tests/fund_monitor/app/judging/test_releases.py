"""Releases of a bank against lessons held, judged by the running service."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from services.fund_monitor.domain.contracts.contract import TrainingContract
from services.fund_monitor.domain.lessons.lessons import HeldSession
from services.fund_monitor.store.contracts.contracts import ContractStore
from services.fund_monitor.store.lessons.lessons import LessonStore
from shared.mongo import transact
from tests.support.fund import SEEN_AT, FundMonitor, an_institution, at, money, opened

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]

RULES = {"fund.unmatched_release", "fund.lesson_mismatch"}


def a_session(version: int, *attended: str, day: int = 3, head_count: int = 5) -> HeldSession:
    ended_at = datetime(2026, 6, day, 2, tzinfo=UTC)
    return HeldSession(
        session_id=f"s-{day}",
        version=version,
        institution_id="inst-1",
        group="g-1",
        started_at=ended_at - timedelta(minutes=45),
        ended_at=ended_at,
        head_count=head_count,
        attended=frozenset(attended),
    )


async def found(fund: FundMonitor) -> set[tuple[str, str, str]]:
    await fund.settled()
    return {(a[1], a[2], a[3]) for a in await fund.standing() if a[1] in RULES}


async def a_contract(fund: FundMonitor) -> None:
    filed = TrainingContract(
        institution_id="inst-1",
        contract_no="C1",
        version=1,
        student_ref="stu_" + "a" * 26,
        subject="足球",
        course_kind="non_subject",
        mode="offline",
        stage="compulsory",
        class_size=10,
        lesson_minutes=45,
        lessons=Decimal(3),
        period_from=None,
        period_until=None,
        price_fen=30_000,
        signed_on=date(2026, 3, 1),
        starts_on=date(2026, 3, 7),
    )
    store = ContractStore(fund.db)
    await transact(fund.db, lambda session: store.put([filed], now=SEEN_AT, session=session))


class TestReleasesAgainstLessons:
    async def test_are_judged_from_the_first_known_lesson_on_and_corrected(self, fund: FundMonitor):
        await fund.institutions.take(an_institution())
        await a_contract(fund)
        early = money("release", "r0", 9_000, contract_no="C1", occurred_at=at("06-01"))
        paid = money("deposit", "d1", 30_000, contract_no="C1", lessons="3")
        first = money("release", "r1", 10_000, contract_no="C1", occurred_at=at("06-04"))
        second = money("release", "r2", 10_000, contract_no="C1", occurred_at=at("06-05"))
        await fund.accepted([opened(), paid, early, first, second])
        assert await found(fund) == set(), "nobody has told of lessons"

        lessons = LessonStore(fund.db)
        await lessons.take(a_session(1, "C1"))
        assert await found(fund) == {("fund.unmatched_release", "2026-06", "red")}

        await lessons.take(a_session(1, "C1", day=4))
        assert await found(fund) == set(), "two lessons, two releases"

        await lessons.take(a_session(2, "C1", "C9", day=4, head_count=1))
        assert await found(fund) == {("fund.lesson_mismatch", "2026-06", "red")}

        await lessons.take(a_session(3, day=4))
        assert await found(fund) == {("fund.unmatched_release", "2026-06", "red")}
        reversal = money("reversal", "v", 10_000, reverses_serial_no="r2", occurred_at=at("06-06"))
        await fund.accepted([reversal])
        assert await found(fund) == set()

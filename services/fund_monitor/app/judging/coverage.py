"""Judge whether an institution's custody balance covers what is paid and not yet consumed."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from services.fund_monitor.app.judging.assessor import Assessment, Subject, verdict
from services.fund_monitor.domain.rules.coverage import (
    FUND_COVERAGE,
    DayTotal,
    Shortfall,
    coverage_by_month,
    shortfalls,
)
from services.fund_monitor.store.ledger.positions import PositionStore
from services.fund_monitor.store.lessons.consumption import ConsumptionStore
from shared.mongo import Session
from shared.working_days import WorkingDays


class CoverageAssessor:
    """Looks at the end of every day since the first event, and at the position now."""

    rules = (FUND_COVERAGE,)

    def __init__(
        self, positions: PositionStore, consumption: ConsumptionStore, calendar: WorkingDays
    ) -> None:
        self._positions = positions
        self._consumption = consumption
        self._calendar = calendar

    async def assess(self, subjects: Sequence[Subject], session: Session) -> list[Assessment]:
        """Judge registered institutions, each over all its custody accounts together."""
        custody = [key for subject in subjects for key in subject.custody_accounts]
        totals = await self._positions.day_totals(custody, session=session)
        by_lessons = await self._consumption.changes(
            {one.about.id: one.custody_accounts for one in subjects if one.about is not None},
            session=session,
        )
        return [
            await self._institution(subject, _totals(subject, totals, by_lessons), session)
            for subject in subjects
        ]

    async def _institution(
        self, subject: Subject, totals: Sequence[DayTotal], session: Session
    ) -> Assessment:
        about, today = subject.about, subject.windows.today
        if about is None:
            return Assessment()
        custody = subject.custody_accounts
        short = [
            position
            for position in shortfalls(
                totals,
                today=today,
                is_banking_day=self._calendar.is_banking_day,
            )
            if FUND_COVERAGE.article.applies_on(position.day)
        ]
        outflows = await self._positions.outflows_by_day(
            custody, [position.day for position in short], session=session
        )
        verdicts = [
            verdict(
                FUND_COVERAGE,
                about,
                month,
                breaches,
                competent=subject.competent,
                causes=subject.causes,
            )
            for month, breaches in coverage_by_month(short, outflows).items()
            if subject.windows.judged(month)
        ]
        return Assessment(verdicts, _look_again_on(short, today))


def _totals(
    subject: Subject,
    ledger: Mapping[str, Sequence[DayTotal]],
    by_lessons: Mapping[str, Sequence[tuple[date, int]]],
) -> list[DayTotal]:
    """Return what each day changed: by the ledger, and by the lessons that are known."""
    found = [total for key in subject.custody_accounts for total in ledger.get(key, ())]
    lessons = () if subject.about is None else by_lessons.get(subject.about.id, ())
    return found + [DayTotal(day, 0, fen) for day, fen in lessons]


def _look_again_on(short: Sequence[Shortfall], today: date) -> date | None:
    """A shortfall that stands today is judged again when the day has ended."""
    standing = bool(short) and short[-1].day >= today
    return today + timedelta(days=1) if standing else None

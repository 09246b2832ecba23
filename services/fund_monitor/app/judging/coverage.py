"""Judge whether an institution's custody balance covers what is paid and not yet consumed."""

from collections.abc import Sequence
from datetime import date, timedelta

from services.fund_monitor.app.judging.assessor import Assessment, Subject, verdict
from services.fund_monitor.domain.rules.coverage import (
    FUND_COVERAGE,
    Shortfall,
    coverage_by_month,
    shortfalls,
)
from services.fund_monitor.store.positions import PositionStore
from shared.mongo import Session
from shared.working_days import WorkingDays


class CoverageAssessor:
    """Looks at the end of every day since the first event, and at the position now."""

    rules = (FUND_COVERAGE,)

    def __init__(self, positions: PositionStore, calendar: WorkingDays) -> None:
        self._positions = positions
        self._calendar = calendar

    async def assess(self, subject: Subject, session: Session) -> Assessment:
        """Judge a registered institution over all its custody accounts together."""
        about, today = subject.about, subject.windows.today
        if about is None:
            return Assessment()
        custody = subject.custody_accounts
        short = [
            position
            for position in shortfalls(
                await self._positions.day_totals(custody, session=session),
                today=today,
                is_banking_day=self._is_banking_day,
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

    def _is_banking_day(self, day: date) -> bool:
        return self._calendar.kind_of(day).working


def _look_again_on(short: Sequence[Shortfall], today: date) -> date | None:
    """A shortfall that stands today is judged again when the day has ended."""
    standing = bool(short) and short[-1].day >= today
    return today + timedelta(days=1) if standing else None

"""A notice was loaded or corrected: deadlines are counted anew, and everybody is judged by them."""

from services.fund_monitor.domain.rules.limits import EXPLAIN_WORKING_DAYS
from services.fund_monitor.store.deadlines import DeadlineStore
from shared.working_days import WorkingDays


async def go_by_calendar(cause: str, *, deadlines: DeadlineStore, calendar: WorkingDays) -> None:
    """Count what stands in documents anew, and mark everybody; a repeat changes nothing more."""
    await deadlines.recount_differences(calendar, days=EXPLAIN_WORKING_DAYS)
    await deadlines.mark_all(cause)

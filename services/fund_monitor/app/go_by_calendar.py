"""A notice was loaded or corrected: deadlines are counted anew, and everybody is judged by them."""

from services.fund_monitor.app.reconcile import DAYS_TO_EXPLAIN
from services.fund_monitor.store.deadlines import DeadlineStore
from shared.working_days import WorkingDays


async def go_by_calendar(cause: str, *, deadlines: DeadlineStore, calendar: WorkingDays) -> None:
    """Count what stands in documents anew, and mark everybody; a repeat changes nothing more."""
    await deadlines.recount_differences(calendar, days=DAYS_TO_EXPLAIN)
    await deadlines.mark_all(cause)

"""Filed classes judged again: a Parquet file of them, or what schedule_monitor holds now."""

from collections.abc import Iterator
from pathlib import Path

from deploy.local.problem import StackProblem
from deploy.local.stack import Stack
from deploy.local.stores import stores_at, stores_of
from services.schedule_monitor.app.calendars.calendar_desk import CalendarDesk
from services.schedule_monitor.app.recheck import recheck_file
from services.schedule_monitor.app.recheck_current import CurrentTimetables
from services.schedule_monitor.domain.bulk import Recheck, SessionsUnreadable
from shared.mongo import Database

_SERVICE = "schedule_monitor"


async def recheck_stack(stack: Stack, *, file: Path | None, findings: Path | None) -> Recheck:
    """Judge by the calendars of a running stack."""
    async with stores_of(stack) as stores:
        return await _recheck(stores[_SERVICE], file, findings)


async def recheck_elsewhere(mongo_url: str, *, file: Path | None, findings: Path | None) -> Recheck:
    """Judge by the calendars of a store whose address carries credentials."""
    async with stores_at(mongo_url, passwords={}) as stores:
        return await _recheck(stores[_SERVICE], file, findings)


def lines(found: Recheck) -> Iterator[str]:
    """Tell what was found to whoever asked, by rule and month."""
    lacking = found.calendar_incomplete
    yield f"共 {found.sessions} 节课：违规 {found.unlawful} 节，缺校历等 {lacking} 节"
    for (rule, month), count in sorted(found.by_rule.items()):
        yield f"{month}  {rule}  {count}"


async def _recheck(db: Database, file: Path | None, findings: Path | None) -> Recheck:
    if file is None:
        return await CurrentTimetables(db).recheck()
    try:
        return recheck_file(file, await CalendarDesk(db).calendars(), findings=findings)
    except SessionsUnreadable as error:
        raise StackProblem(str(error)) from error

"""The books of fund_monitor counted again, from the journal alone."""

from collections.abc import Iterator

from deploy.local.stack import Stack
from deploy.local.stores import stores_at, stores_of
from services.fund_monitor.app.ledger.verify_books import BooksReport, verify_books
from services.fund_monitor.store.ledger.closings import ClosingStore
from services.fund_monitor.store.ledger.recount import Recount
from services.fund_monitor.store.lessons.lesson_recount import LessonRecount
from shared.mongo import Database

MOST_SHOWN = 200
_LEDGER = "fund_monitor"


async def verify_stack(stack: Stack) -> BooksReport:
    """Verify the books of a running stack."""
    async with stores_of(stack) as stores:
        return await _verify(stores[_LEDGER])


async def verify_elsewhere(mongo_url: str) -> BooksReport:
    """Verify the books of a store whose address carries credentials."""
    async with stores_at(mongo_url, passwords={}) as stores:
        return await _verify(stores[_LEDGER])


def lines(report: BooksReport) -> Iterator[str]:
    """Tell a report to whoever asked."""
    counts = (report.accounts, report.contracts, report.closings)
    yield "账户 {} 个，有消课的合同 {} 个，日结 {} 个".format(*counts)
    for wrong in report.differences[:MOST_SHOWN]:
        yield f"✗ {wrong}"
    if len(report.differences) > MOST_SHOWN:
        yield f"另有 {len(report.differences) - MOST_SHOWN} 处不符，未列出"
    if not report.differences:
        yield "全部相符"


async def _verify(db: Database) -> BooksReport:
    return await verify_books(Recount(db), LessonRecount(db), ClosingStore(db))

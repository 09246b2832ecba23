"""The books of a store verified, as ``./run books verify`` does."""

from services.fund_monitor.app.ledger.verify_books import BooksReport, verify_books
from services.fund_monitor.store.ledger.closings import ClosingStore
from services.fund_monitor.store.ledger.recount import Recount
from services.fund_monitor.store.lessons.lesson_recount import LessonRecount
from shared.mongo import Database


async def verified(db: Database) -> BooksReport:
    """Count everything again; whatever does not agree is in the report."""
    return await verify_books(Recount(db), LessonRecount(db), ClosingStore(db))

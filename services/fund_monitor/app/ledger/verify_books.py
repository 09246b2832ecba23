"""Verify the books: balances and lessons counted again from their entries, closings anew."""

from dataclasses import dataclass

from services.fund_monitor.domain.ledger.closing import BEFORE_ALL, Closing, Summing, differences
from services.fund_monitor.store.ledger.closings import ClosingStore
from services.fund_monitor.store.ledger.recount import Recount
from services.fund_monitor.store.lessons.lesson_recount import LessonRecount


@dataclass(frozen=True, slots=True)
class BooksReport:
    """How much was verified, and what does not agree."""

    accounts: int
    closings: int
    contracts: int
    """How many contracts have lessons."""
    differences: tuple[str, ...]


async def verify_books(
    recount: Recount, lessons: LessonRecount, closings: ClosingStore
) -> BooksReport:
    """Verify everything that is kept of entries; posting may go on meanwhile."""
    accounts, contracts, closed, found = 0, 0, 0, list[str]()
    async for account in recount.accounts():
        accounts += 1
        found += await recount.differences(account)
    async for institution_id in lessons.institutions():
        taught, differing = await lessons.differences(institution_id)
        contracts += taught
        found += differing
    before: Closing | None = None
    async for kept, stored_hash in closings.every():
        closed += 1
        found += await _closing_differs(kept, stored_hash, before, closings)
        before = kept
    return BooksReport(accounts, closed, contracts, tuple(found))


async def _closing_differs(
    kept: Closing, stored_hash: str, before: Closing | None, closings: ClosingStore
) -> list[str]:
    summing = Summing(kept.day, before)
    after = BEFORE_ALL if before is None else before.until
    async for entry in closings.recorded(after=after, until=kept.until):
        summing.add(entry)
    points = differences(kept, summing.closing(until=kept.until, at=kept.closed_at))
    if stored_hash != kept.hash:
        points.append("日结自身的哈希")
    return [f"{kept.day} 日结不符：{'、'.join(points)}"] if points else []

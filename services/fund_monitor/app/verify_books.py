"""Verify the books: every balance counted again from the entries, and every closing anew."""

from dataclasses import dataclass

from services.fund_monitor.domain.closing import BEFORE_ALL, Closing, Summing, differences
from services.fund_monitor.store.closings import ClosingStore
from services.fund_monitor.store.recount import Recount


@dataclass(frozen=True, slots=True)
class BooksReport:
    """How much was verified, and what does not agree."""

    accounts: int
    closings: int
    differences: tuple[str, ...]


async def verify_books(recount: Recount, closings: ClosingStore) -> BooksReport:
    """Verify the whole journal; posting may go on meanwhile."""
    accounts, closed, found = 0, 0, list[str]()
    async for account in recount.accounts():
        accounts += 1
        found += await recount.differences(account)
    before: Closing | None = None
    async for kept, stored_hash in closings.every():
        closed += 1
        found += await _closing_differs(kept, stored_hash, before, closings)
        before = kept
    return BooksReport(accounts, closed, tuple(found))


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

"""The journal as a whole: its chart of accounts, and the closings of its days."""

from datetime import date, datetime

from fastapi import APIRouter
from pydantic import BaseModel

from services.fund_monitor.api.deps import RoomsDep
from services.fund_monitor.api.ledger.books import LineView
from services.fund_monitor.domain.ledger.chart import CHART
from services.fund_monitor.domain.ledger.closing import Closing
from services.fund_monitor.store.ledger.closings import ClosingNotFound
from shared import problem
from shared.errors import Forbidden, Malformed, Unauthenticated, Unavailable
from shared.paging import USUAL_LIMIT, Cursor, Limit, cursor_to_version, version_of

router = APIRouter(
    prefix="/v1",
    tags=["账簿"],
    responses=problem.responses(Unauthenticated, Forbidden, Unavailable),
)


class BookView(BaseModel):
    """One book of the chart of accounts."""

    code: str
    title: str
    meaning: str


class ClosingView(BaseModel):
    """One closing of a day."""

    day: date
    sequence: int
    closed_at: datetime
    entries: int
    late: int
    books: list[LineView]
    previous: str
    hash: str


class ClosingPage(BaseModel):
    """Closings, newest first."""

    closings: list[ClosingView]
    next_cursor: str | None = None


@router.get("/chart-of-accounts")
async def read_chart() -> list[BookView]:
    """会计科目表。"""
    return [BookView(code=book.code, title=book.title, meaning=book.meaning) for book in CHART]


@router.get("/closings", responses=problem.responses(Malformed))
async def list_closings(
    rooms: RoomsDep, cursor: Cursor = None, limit: Limit = USUAL_LIMIT
) -> ClosingPage:
    """列出日结，最近的在前。"""
    before = None if cursor is None else version_of(cursor)
    found = await rooms.closings.page(before=before, limit=limit)
    return ClosingPage(
        closings=[_closing(each) for each in found],
        next_cursor=cursor_to_version(found[-1].sequence) if len(found) == limit else None,
    )


@router.get("/closings/{day}", responses=problem.responses(ClosingNotFound, Malformed))
async def read_closing(day: date, rooms: RoomsDep) -> ClosingView:
    """查询某一日的日结。"""
    return _closing(await rooms.closings.find(day))


def _closing(closing: Closing) -> ClosingView:
    return ClosingView(
        day=closing.day,
        sequence=closing.sequence,
        closed_at=closing.closed_at,
        entries=closing.entries,
        late=closing.late,
        books=[LineView(book=book, fen=fen) for book, fen in closing.books],
        previous=closing.previous,
        hash=closing.hash,
    )

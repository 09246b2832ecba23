"""Released money against held lessons, contract by contract."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel

from services.fund_monitor.api.deps import Rooms, RoomsDep
from services.fund_monitor.app.judging.releases import deadlines_of
from services.fund_monitor.domain.lessons.contract_book import (
    ContractBook,
)
from services.fund_monitor.domain.lessons.lessons import lessons_text
from services.fund_monitor.domain.lessons.matching import (
    TITLES,
    Kind,
    differences,
)
from shared import problem
from shared.contracts.bank import Number
from shared.contracts.registry import InstitutionId
from shared.errors import Forbidden, Malformed, Unauthenticated, Unavailable
from shared.paging import USUAL_LIMIT, Limit

router = APIRouter(
    prefix="/v1/institutions/{institution_id}/lesson-matches",
    tags=["消课"],
    responses=problem.responses(Unauthenticated, Forbidden, Malformed, Unavailable),
)
Institution = Annotated[InstitutionId, Path()]


class MatchDifferenceView(BaseModel):
    """One named difference between contract, lessons and the bank."""

    kind: Kind
    title: str
    level: str
    at: datetime
    amount_fen: int
    source: str


class MatchView(BaseModel):
    """One contract: what was taught, what it is worth, what was released."""

    contract_no: str
    filed: bool
    consumed_lessons: str
    consumed_fen: int
    released_fen: int
    refunded_fen: int
    differences: list[MatchDifferenceView]


class MatchPage(BaseModel):
    """Contracts of an institution that have lessons, by number."""

    known_from: datetime | None
    contracts: list[MatchView]
    next_cursor: str | None = None


@router.get("")
async def list_matches(
    institution_id: Institution,
    rooms: RoomsDep,
    cursor: Annotated[
        str, Query(max_length=64, description="`next_cursor` of the page before.")
    ] = "",
    limit: Limit = USUAL_LIMIT,
) -> MatchPage:
    """逐份合同核对消课与划拨，按合同编号排列。"""
    numbers = await rooms.matches.contracts_taught(institution_id, after=cursor, limit=limit)
    since = await rooms.matches.known_from(institution_id)
    books = [] if since is None else await _books(rooms, institution_id, since, numbers)
    return MatchPage(
        known_from=since,
        contracts=[_match(book, rooms) for book in books],
        next_cursor=numbers[-1] if len(numbers) == limit else None,
    )


@router.get("/{contract_no}")
async def read_match(
    institution_id: Institution, contract_no: Annotated[Number, Path()], rooms: RoomsDep
) -> MatchView:
    """核对一份合同的消课与划拨；课次尚未接入的机构，均为零。"""
    since = await rooms.matches.known_from(institution_id)
    [book] = await _books(rooms, institution_id, since or rooms.now(), [contract_no])
    return _match(book, rooms)


async def _books(
    rooms: Rooms, institution_id: str, since: datetime, numbers: list[str]
) -> list[ContractBook]:
    accounts = await rooms.matches.accounts_of(institution_id)
    return await rooms.matches.books(institution_id, accounts, since=since, only=numbers)


def _match(book: ContractBook, rooms: Rooms) -> MatchView:
    deadlines = deadlines_of([book], rooms.calendar, now=rooms.now())
    return MatchView(
        contract_no=book.contract_no or "",
        filed=book.terms is not None,
        consumed_lessons=lessons_text(book.consumed),
        consumed_fen=book.consumed_fen,
        released_fen=book.released_fen,
        refunded_fen=book.refunded_fen,
        differences=[
            MatchDifferenceView(
                kind=one.kind,
                title=TITLES[one.kind],
                level=one.level,
                at=one.at,
                amount_fen=one.fen,
                source=one.source,
            )
            for one in differences(book, deadlines)
        ],
    )

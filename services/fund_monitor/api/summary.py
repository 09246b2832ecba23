"""The record as a whole: events by outcome, the ledger, and whether anything still waits."""

import asyncio

from fastapi import APIRouter
from pydantic import BaseModel

from services.fund_monitor.api.deps import RoomsDep
from services.fund_monitor.domain.lessons.lessons import lessons_text
from shared import problem
from shared.errors import Forbidden, Unauthenticated, Unavailable

router = APIRouter(prefix="/v1/summary", tags=["汇总"])


class LedgerView(BaseModel):
    """The ledger: opened accounts, standing entries, and whether all balances to the fen."""

    accounts: int
    entries: int
    balanced: bool


class LessonsView(BaseModel):
    """Lessons: contracts of which some count, how many in all, and confirmations that are open."""

    contracts: int
    counted: str
    stated: int
    objected: int


class Waiting(BaseModel):
    """What is on its way: messages to post, things to judge, notices to publish."""

    intake: int
    judging: int
    outbox: int


class Summary(BaseModel):
    """The record as a whole."""

    events: dict[str, int]
    ledger: LedgerView
    lessons: LessonsView
    waiting: Waiting
    settled: bool


@router.get("", responses=problem.responses(Unauthenticated, Forbidden, Unavailable))
async def read_summary(rooms: RoomsDep) -> Summary:
    """汇总：事件去向、账本是否平衡、是否仍有待处理。"""
    # What waits is read first: what it turns into is then in the figures.
    intake, judging, unsent = await asyncio.gather(
        rooms.intake_waiting(), rooms.marks.waiting(), rooms.records.unsent()
    )
    events, ledger, lessons = await asyncio.gather(
        rooms.records.outcomes(), rooms.records.ledger(), rooms.records.lessons()
    )
    accounts, entries, balanced = ledger
    return Summary(
        events=events,
        ledger=LedgerView(accounts=accounts, entries=entries, balanced=balanced),
        lessons=LessonsView(
            contracts=lessons.contracts,
            counted=lessons_text(lessons.counted),
            stated=lessons.stated,
            objected=lessons.objected,
        ),
        waiting=Waiting(intake=intake, judging=judging, outbox=unsent),
        settled=intake + judging + unsent == 0,
    )

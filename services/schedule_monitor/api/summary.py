"""The record as a whole: current timetables, their classes by verdict, and what still waits."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.schedule_monitor.api.deps import RoomsDep
from services.schedule_monitor.domain.held.held_breaches import held_counts
from services.schedule_monitor.domain.judge import Verdict
from shared import problem
from shared.errors import Forbidden, Unauthenticated, Unavailable

router = APIRouter(prefix="/v1/timetables/summary", tags=["汇总"])


class Waiting(BaseModel):
    """What is on its way: institutions to judge, notices to publish."""

    judging: int
    outbox: int


class Summary(BaseModel):
    """The record as a whole; ``sessions`` and ``held`` as last judged."""

    timetables: int
    sessions: dict[Verdict, int]
    held: dict[str, int] = Field(
        description="Held sessions: all, by verdict, by what they differ in, and refused ones."
    )
    waiting: Waiting
    settled: bool


@router.get("", responses=problem.responses(Unauthenticated, Forbidden, Unavailable))
async def read_summary(rooms: RoomsDep) -> Summary:
    """汇总：现行课表、各节课的判断结果、是否仍有待处理。"""
    # What waits is read first: what it turns into is then in the figures.
    judging, unsent = await rooms.waiting()
    timetables, sessions = await rooms.timetables.timetables.totals()
    held = {**held_counts([]), **await rooms.held.months.totals()}
    return Summary(
        timetables=timetables,
        sessions=sessions,
        held={**held, "refused": await rooms.held.held.refused_count()},
        waiting=Waiting(judging=judging, outbox=unsent),
        settled=judging + unsent == 0,
    )

"""The keys of students' references: which are live, a new one, and the end of the former one."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from services.fund_monitor.api.deps import RoomsDep
from services.fund_monitor.store.contracts.students import (
    StudentKeyInUse,
    StudentKeyNotFound,
    TwoStudentKeysLive,
)
from shared import problem
from shared.access.enforcement import CallerDep
from shared.audit.log import Entry, Who
from shared.errors import Forbidden, Malformed, Unauthenticated, Unavailable
from shared.mongo import Row, Session, transact

router = APIRouter(
    prefix="/v1/student-keys",
    tags=["学员代码"],
    responses=problem.responses(Unauthenticated, Forbidden, Malformed, Unavailable),
)
Reason = Annotated[str, Field(min_length=1, max_length=300)]


class KeyRotation(BaseModel):
    """Why the key is changed."""

    model_config = ConfigDict(extra="forbid")

    reason: Reason


class StudentKeyView(BaseModel):
    """A live key, without itself."""

    name: str
    state: Literal["current", "former"]
    algorithm: str
    made_at: datetime


class StudentKeyViews(BaseModel):
    """The live keys, the one in use first."""

    keys: list[StudentKeyView]
    not_carried_over: int = Field(
        description="只在旧密钥下登记过、更换后尚未再出现的学员数：作废旧密钥后再来会得到新代码"
    )


@router.get("")
async def list_student_keys(rooms: RoomsDep) -> StudentKeyViews:
    """列出学员代码的有效密钥，只有名称和时间，没有密钥本身。"""
    students = rooms.contracts.students
    live = await students.live()
    return StudentKeyViews(
        keys=[_view(row) for row in live], not_carried_over=await students.not_carried_over()
    )


@router.post("", status_code=201, responses=problem.responses(TwoStudentKeysLive))
async def rotate_student_key(
    asked: KeyRotation, caller: CallerDep, rooms: RoomsDep
) -> StudentKeyViews:
    """更换学员代码的密钥：已签发的代码都不变，旧密钥继续用于辨认已登记的学员。"""
    desk = rooms.contracts

    async def work(session: Session) -> None:
        name = await desk.students.rotate(session=session)
        entry = _entry("student_key.rotated", name, asked.reason, Who.of(caller))
        await desk.audit.record(entry, session=session)

    await transact(desk.db, work)
    return await list_student_keys(rooms)


@router.delete(
    "/{name}", status_code=204, responses=problem.responses(StudentKeyNotFound, StudentKeyInUse)
)
async def retire_student_key(
    name: Annotated[str, Path(max_length=64)],
    reason: Annotated[str, Query(min_length=1, max_length=300)],
    caller: CallerDep,
    rooms: RoomsDep,
) -> None:
    """作废旧密钥：已签发的代码继续有效；只在旧密钥下登记过的学员再来时会得到新代码。"""
    desk = rooms.contracts

    async def work(session: Session) -> None:
        await desk.students.retire(name, session=session)
        entry = _entry("student_key.retired", name, reason, Who.of(caller))
        await desk.audit.record(entry, session=session)

    await transact(desk.db, work)


def _entry(action: str, name: str, reason: str, who: Who) -> Entry:
    return Entry(action=action, about_kind="student_key", about_id=name, who=who, why=reason)


def _view(row: Row) -> StudentKeyView:
    return StudentKeyView(
        name=row["name"], state=row["_id"], algorithm=row["algorithm"], made_at=row["made_at"]
    )

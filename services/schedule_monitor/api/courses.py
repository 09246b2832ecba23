"""Courses and rooms that an institution files beside its timetables."""

from decimal import Decimal
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from services.schedule_monitor.api.deps import RoomsDep, may_see
from services.schedule_monitor.api.fields import Label, Students
from services.schedule_monitor.app.file_course import file_course, file_room
from services.schedule_monitor.domain.course import (
    CourseFiling,
    CourseNotFound,
    RoomFiling,
    SiteUnknown,
    TooManyFiled,
)
from services.schedule_monitor.domain.session import Delivery
from services.schedule_monitor.domain.surroundings import FiledCourse, FiledRoom
from services.schedule_monitor.domain.timetable import InstitutionUnknown
from shared import problem
from shared.access.enforcement import CallerDep
from shared.access.tokens import Caller
from shared.audit.log import Who
from shared.contracts.registry import InstitutionId, InstitutionKind, Stage, TeachingMode
from shared.errors import Forbidden, Unauthenticated, Unavailable
from shared.plain_text import ONE_LINE, one_form

router = APIRouter(
    prefix="/v1/institutions/{institution_id}",
    tags=["课程与教室"],
    responses=problem.responses(Unauthenticated, Forbidden, Unavailable, InstitutionUnknown),
)
_MOST_MATERIALS: Final = 50
_LONGEST_TEXT: Final = 2_000
_CODE: Final = r"^[^\x00-\x1f\x7f-\x9f/\s]{1,64}$"

InstitutionPath = Annotated[InstitutionId, Path()]
Code = Annotated[
    str,
    Path(pattern=_CODE, description="机构自编的代码，不含空白和斜杠。", examples=["SX3A"]),
    BeforeValidator(one_form),
]
Site = Annotated[InstitutionId, Path(description="A site of the register.")]
Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=ONE_LINE),
]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=_LONGEST_TEXT)]
# Two decimals of a square metre, and no hall larger than a football pitch.
Area = Annotated[Decimal, Field(gt=0, le=10_000, decimal_places=2, examples=["45.50"])]


class CourseIn(BaseModel):
    """A course as it is filed: content, students and materials (方案任务22)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Label
    kind: InstitutionKind
    stage: Stage
    mode: TeachingMode
    delivery: Delivery = Field(default="live", description="live 直播或现场, recorded 录播")
    class_size: Students | None = Field(default=None, description="每班最多学员数")
    subject_matter: Annotated[Text, Field(description="培训内容")]
    syllabus: Text = Field(default="", description="教学大纲摘要")
    materials: Annotated[tuple[Line, ...], Field(max_length=_MOST_MATERIALS)] = Field(
        default=(), description="教材、讲义"
    )

    def filing(self, code: str) -> CourseFiling:
        """Return the course as the domain knows it."""
        return CourseFiling(
            filed=FiledCourse(
                code=code,
                name=self.name,
                kind=self.kind,
                stage=self.stage,
                mode=self.mode,
                delivery=self.delivery,
                class_size=self.class_size,
                subject_matter=self.subject_matter,
                materials=self.materials,
            ),
            syllabus=self.syllabus,
        )


class CourseView(CourseIn):
    """The current version of a filed course."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    code: str
    version: int
    state: Literal["noted"] = Field(
        default="noted", description="noted 已备案：备案是告知，收到即生效"
    )


class CourseList(BaseModel):
    """All courses an institution has filed, by code."""

    courses: list[CourseView]


class RoomIn(BaseModel):
    """A room as it is filed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    area_m2: Area = Field(description="教学用房面积（平方米），至多两位小数")


class RoomView(BaseModel):
    """The current version of a filed room."""

    site: str
    room: str
    area_m2: Decimal
    version: int


class RoomList(BaseModel):
    """All rooms an institution has filed, by site."""

    rooms: list[RoomView]


@router.put(
    "/courses/{code}",
    status_code=201,
    responses={
        200: {"model": CourseView, "description": "The same content came before."},
        **problem.responses(TooManyFiled),
    },
)
async def put_course(
    institution_id: InstitutionPath,
    code: Code,
    body: CourseIn,
    caller: CallerDep,
    rooms: RoomsDep,
    response: Response,
) -> CourseView:
    """课程备案（培训内容、对象、教材）：内容有变即成新版本，机构的课表随之重新判断。"""
    filed, new = await file_course(
        institution_id, body.filing(code), who=Who.of(caller), desk=rooms.courses, now=rooms.now()
    )
    rooms.committed()
    response.status_code = 201 if new else 200
    return _course_view(filed)


@router.get("/courses")
async def list_courses(
    institution_id: InstitutionPath, caller: CallerDep, rooms: RoomsDep
) -> CourseList:
    """列出机构备案的课程。"""
    await _may_read(institution_id, caller, rooms)
    found = await rooms.courses.courses.current_of(institution_id)
    return CourseList(courses=[_course_view(one) for one in found])


@router.get("/courses/{code}", responses=problem.responses(CourseNotFound))
async def get_course(
    institution_id: InstitutionPath, code: Code, caller: CallerDep, rooms: RoomsDep
) -> CourseView:
    """查询一门备案课程的现行版本。"""
    await _may_read(institution_id, caller, rooms)
    found = await rooms.courses.courses.find(institution_id, code)
    if found is None:
        raise CourseNotFound(f"该机构没有代码为{code}的备案课程。")
    return _course_view(found)


async def _place(site: Site, room: Code) -> tuple[str, str]:
    return site, room


@router.put(
    "/rooms/{site}/{room}",
    status_code=201,
    responses={
        200: {"model": RoomView, "description": "The same content came before."},
        **problem.responses(TooManyFiled, SiteUnknown),
    },
)
async def put_room(
    institution_id: InstitutionPath,
    place: Annotated[tuple[str, str], Depends(_place)],
    body: RoomIn,
    caller: CallerDep,
    rooms: RoomsDep,
    response: Response,
) -> RoomView:
    """教室备案（教学点、教室、面积）：有变即成新版本，机构的课表随之重新判断。"""
    filed, new = await file_room(
        institution_id,
        RoomFiling(filed=FiledRoom(site=place[0], room=place[1], area_m2=body.area_m2)),
        who=Who.of(caller),
        desk=rooms.courses,
        now=rooms.now(),
    )
    rooms.committed()
    response.status_code = 201 if new else 200
    return _room_view(filed)


@router.get("/rooms")
async def list_rooms(
    institution_id: InstitutionPath, caller: CallerDep, rooms: RoomsDep
) -> RoomList:
    """列出机构备案的教室。"""
    await _may_read(institution_id, caller, rooms)
    found = await rooms.courses.rooms.current_of(institution_id)
    return RoomList(rooms=[_room_view(one) for one in found])


async def _may_read(institution_id: str, caller: Caller, rooms: RoomsDep) -> None:
    may_see(caller, await rooms.courses.institutions.get(institution_id))


def _course_view(course: CourseFiling) -> CourseView:
    filed = course.filed
    return CourseView(
        code=filed.code,
        version=course.version,
        name=filed.name,
        kind=filed.kind,
        stage=filed.stage,
        mode=filed.mode,
        delivery=filed.delivery,
        class_size=filed.class_size,
        subject_matter=filed.subject_matter,
        syllabus=course.syllabus,
        materials=filed.materials,
    )


def _room_view(room: RoomFiling) -> RoomView:
    filed = room.filed
    return RoomView(site=filed.site, room=filed.room, area_m2=filed.area_m2, version=room.version)

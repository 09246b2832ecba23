"""What requests of schedule_monitor are made of."""

import re
from datetime import date, time
from typing import Annotated, Final

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)

from services.schedule_monitor.domain.receipt import FORM
from services.schedule_monitor.domain.session import Delivery, Setting, Stated
from shared.contracts.registry import InstitutionKind, Stage, TeachingMode
from shared.iso_date import IsoDate
from shared.plain_text import ONE_LINE, one_form

MOST_STUDENTS: Final = 500
_TIME_FORM = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?"


def _a_wall_time(written: object) -> object:
    if not isinstance(written, str) or not re.fullmatch(_TIME_FORM, written):
        raise ValueError("时间须写作HH:MM:SS（北京时间，00:00:00至23:59:59）")
    return written


# No time zone and no fraction: a clock on the wall in the city.
WallTime = Annotated[
    time,
    BeforeValidator(_a_wall_time),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": f"^{_TIME_FORM}$",
            "examples": ["20:30:00"],
            "description": "City wall time, HH:MM:SS.",
        }
    ),
]


def _in_one_form(written: object) -> object:
    return one_form(written) if isinstance(written, str) else written


# Compared with what others write of the same class, teacher or room: one form, however it is typed.
Label = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=64, pattern=ONE_LINE),
    BeforeValidator(_in_one_form),
]
# What a person may read or type for a digit: receipts have none of these letters.
_LOOK_ALIKE: Final = str.maketrans("OIL", "011")


def _as_issued(typed: object) -> object:
    if not isinstance(typed, str):
        return typed
    return one_form(typed).strip().upper().translate(_LOOK_ALIKE)


ReceiptNumber = Annotated[
    str,
    Field(pattern=FORM, description="预检回执号", examples=["KB20260302-7Q2M9X4TZC"]),
    BeforeValidator(_as_issued),
]
TimetableId = Annotated[
    str,
    Field(
        pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
        examples=["01890000-0000-7000-8000-000000000001"],
    ),
]
Reference = Label
Students = Annotated[int, Field(ge=0, le=MOST_STUDENTS)]
Version = Annotated[int, Field(ge=1, lt=2**53)]


class ClassIn(BaseModel):
    """A class as it is planned, whenever it is held: ``start`` and ``end`` are of one day."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    start: WallTime
    end: WallTime
    class_group: Label = Field(description="The class (班级) that is taught; gaps are its own.")
    stage: Stage
    kind: InstitutionKind | None = Field(
        default=None, description="By default the kind the named institution is registered as."
    )
    mode: TeachingMode | None = Field(
        default=None, description="By default the mode the named institution is registered with."
    )

    course: Reference | None = Field(default=None, description="Code of a filed course.")
    teacher: Reference | None = Field(
        default=None, description="The institution's own reference of the teacher."
    )
    room: Reference | None = Field(default=None, description="The room, within its site.")
    site: Reference | None = Field(default=None, description="A site of the register.")
    students: Students | None = Field(default=None, description="How many are expected.")
    roster: Annotated[tuple[Reference, ...], Field(max_length=MOST_STUDENTS)] = Field(
        default=(), description="The institution's own references of the students, no names."
    )
    delivery: Delivery = Field(default="live", description="live 直播或现场, recorded 录播")

    @field_validator("roster")
    @classmethod
    def _each_once(cls, roster: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(roster)) != len(roster):
            raise ValueError("名册中同一学员只能出现一次")
        return tuple(sorted(roster))

    @field_validator("end")
    @classmethod
    def _ends_later_the_same_day(cls, end: time, info: ValidationInfo) -> time:
        start = info.data.get("start")
        if start is not None and end <= start:
            raise ValueError("结束时间须晚于开始时间，且在同一天：课程不得跨越零点")
        return end

    def stated_on(self, day: date) -> Stated:
        """Return the class of one day as the domain knows it."""
        return Stated(
            on=day,
            start=self.start,
            end=self.end,
            class_group=self.class_group,
            stage=self.stage,
            kind=self.kind,
            mode=self.mode,
            setting=Setting(
                course=self.course,
                teacher=self.teacher,
                room=self.room,
                site=self.site,
                students=self.students,
                roster=self.roster,
                delivery=self.delivery,
            ),
        )


class SessionIn(ClassIn):
    """One planned class on one day."""

    date: IsoDate

    def stated(self) -> Stated:
        """Return the class as the domain knows it."""
        return self.stated_on(self.date)

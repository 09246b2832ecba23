"""Courses and rooms as an institution files them, in versions that the service counts."""

from dataclasses import dataclass
from typing import Final

from services.schedule_monitor.domain.timetables.surroundings import FiledCourse, FiledRoom
from shared.errors import Conflict, NotFound, Rejected

MOST_COURSES: Final = 500
MOST_ROOMS: Final = 500
"""Of one institution: bounds, not rules."""


class CourseNotFound(NotFound):
    """The institution has filed no such course."""

    code = "course-not-found"
    title = "没有这门备案课程"


class TooManyFiled(Rejected):
    """An institution files more courses or rooms than are judged at once."""

    code = "too-many-filed"
    title = "备案的课程或教室数量超过上限"


class SiteUnknown(Conflict):
    """The register has told of no such open site of the institution; it may yet."""

    code = "site-unknown"
    title = "登记信息中没有该教学点，请核对后重试"
    retry_after_seconds = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseFiling:
    """One version of a course: what is taught, to whom, with what (方案任务22).

    Filing is a notice, not an application: a course is noted as soon as it has come.
    """

    filed: FiledCourse
    syllabus: str = ""
    version: int = 1

    def says_the_same_as(self, other: "CourseFiling") -> bool:
        """Tell whether only the version differs."""
        return (self.filed, self.syllabus) == (other.filed, other.syllabus)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomFiling:
    """One version of a room."""

    filed: FiledRoom
    version: int = 1

"""Why an item of held sessions is not taken, and what is kept of one that is not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final, TypeAlias

from services.schedule_monitor.domain.held import HeldSession, Sender
from services.schedule_monitor.domain.session import Registered
from services.schedule_monitor.domain.timetable import InstitutionUnknown
from shared.audit.log import Who
from shared.errors import Conflict, Rejected
from shared.mongo import Row
from shared.problem import Problem, problem_of

MOST_AHEAD: Final = timedelta(minutes=5)
_CONFLICT: Final = 409
_OTHERWISE: Final = "{}第{}版已报送，内容与本次不同；更正须以更高的版本号报送。"


class SessionNotOver(Rejected):
    """A session that has not ended has not been held."""

    code: ClassVar[str] = "session-not-over"
    title: ClassVar[str] = "课尚未结束"


class NotYourInstitution(Rejected):
    """The sender may tell of other institutions only."""

    code: ClassVar[str] = "not-your-institution"
    title: ClassVar[str] = "不能报送该机构的课"


class AttendanceNotYours(Rejected):
    """A check on the spot counts heads; whose contracts were charged it does not tell."""

    code: ClassVar[str] = "attendance-not-yours"
    title: ClassVar[str] = "现场检查不报到课合同"


class ToldOtherwise(Conflict):
    """This version of the session was told before, and said something else."""

    code: ClassVar[str] = "held-session-told-otherwise"
    title: ClassVar[str] = "该版本已以不同内容报送"


@dataclass(frozen=True, slots=True, kw_only=True)
class Misread:
    """An item that could not be read: what is wrong, and no more of it than its reference."""

    digest: str
    problem: Problem
    reference: str | None = None
    unknown_fields: tuple[str, ...] = ()


Item: TypeAlias = HeldSession | Misread


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Items of one sender, who brought them, and when by the service's clock."""

    sender: Sender
    items: Sequence[Item]
    who: Who
    now: datetime
    # The institution or town that the sender may tell of, where it is kept to one.
    institution: str | None = None
    town: str | None = None


def refusal_of(
    held: HeldSession, batch: Batch, registered: Mapping[str, Registered]
) -> Problem | None:
    """Return why a session is not taken although it can be read."""
    at = "/institution_id"
    theirs = registered.get(held.institution_id)
    if batch.institution is not None and held.institution_id != batch.institution:
        # Before anything is said of another: whether it exists is no answer either.
        told = "培训机构只能报送本机构的课"
        return problem_of(NotYourInstitution(told, fields=[(at, told)]))
    if theirs is None:
        told = f"尚未收到编号为{held.institution_id}的机构的登记信息，收到后可重新报送"
        return problem_of(InstitutionUnknown(told, fields=[(at, told)]))
    if batch.town is not None and theirs.town != batch.town:
        told = "镇（街道）只能报送本辖区培训机构的课"
        return problem_of(NotYourInstitution(told, fields=[(at, told)]))
    if held.attended and not held.sender.keeps_attendance:
        told = "现场检查只报到课人数（head_count），到课合同由机构或平台报送"
        return problem_of(AttendanceNotYours(told, fields=[("/attended", told)]))
    if held.ended_at > batch.now + MOST_AHEAD:
        told = "结束时间最多可比服务时钟晚5分钟"
        return problem_of(SessionNotOver(told, fields=[("/ended_at", told)]))
    return None


def told_otherwise(held: HeldSession) -> Problem:
    """Return the problem of a version that said something else before."""
    return problem_of(ToldOtherwise(_OTHERWISE.format(held.reference, held.version)))


def misread_row(item: Misread, sender: Sender) -> Row:
    """Return what is kept of an item that could not be read."""
    return {
        "sender": sender.key,
        "status": "refused",
        "reference": item.reference,
        "digest": item.digest,
        "problem": item.problem.model_dump(exclude_none=True, exclude_defaults=True),
        "unknown_fields": list(item.unknown_fields),
    }


def refused_row(held: HeldSession, problem: Problem) -> Row:
    """Return what is kept of a session that is not taken."""
    return {
        "sender": held.sender.key,
        "status": "conflict" if problem.status == _CONFLICT else "refused",
        "reference": held.reference,
        "version": held.version,
        "institution_id": held.institution_id,
        "digest": held.digest,
        "problem": problem.model_dump(exclude_none=True, exclude_defaults=True),
        "unknown_fields": [],
    }

"""How filed timetables are shown: their judged classes, what a version changes, what it quotes."""

from datetime import datetime

from pydantic import BaseModel, Field

from services.schedule_monitor.api.views import ClassView, JudgedView, class_view, judged_view
from services.schedule_monitor.app.file_timetable import FiledTimetable
from services.schedule_monitor.domain.diff import Change, Diff
from services.schedule_monitor.domain.judge import Verdict
from services.schedule_monitor.domain.receipt import Quoted
from shared.mongo import Row


class ChangeView(BaseModel):
    """One class before and after, with the names of the fields that differ."""

    before: ClassView
    after: ClassView
    fields: list[str]


class DiffView(BaseModel):
    """What a version changes, in order of time."""

    against: str | None = Field(description="The timetable it is compared with; none, the first.")
    counts: dict[str, int]
    added: list[ClassView]
    removed: list[ClassView]
    moved: list[ChangeView] = Field(description="同一班级、同一课程换了时间")
    changed: list[ChangeView] = Field(description="时间未变，其他内容有变")


class QuotedView(BaseModel):
    """The check that a filing quotes, held against what was filed and what is loaded now."""

    receipt: str
    checked_at: datetime
    verdict: Verdict
    same_classes: bool
    changed_since: list[str] = Field(description="预检之后有变的日历、校历和政策开关")


class TimetableView(JudgedView):
    """A filed timetable with its classes as they are judged now."""

    timetable_id: str
    institution_id: str
    label: str
    version: int
    current: bool
    previous: str | None = Field(description="The timetable whose place it took.")
    diff: DiffView | None = Field(default=None, description="Only in the answer to a filing.")
    receipt: QuotedView | None = Field(default=None, description="Only in the answer to a filing.")


class TimetableLine(BaseModel):
    """A filed timetable without its classes; ``counts`` is absent until it has been judged."""

    timetable_id: str
    institution_id: str
    label: str
    version: int
    current: bool
    session_count: int
    counts: dict[Verdict, int] | None
    filed_at: datetime


class TimetablePage(BaseModel):
    """A page of timetables, newest first."""

    timetables: list[TimetableLine]
    next_cursor: str | None = None


def timetable_view(filed: FiledTimetable) -> TimetableView:
    """Show a filed timetable with its judged classes."""
    timetable, filing = filed.timetable, filed.timetable.filing
    judged = judged_view(filed.judged)
    found = filed.diff
    return TimetableView(
        verdict=judged.verdict,
        counts=judged.counts,
        sessions=judged.sessions,
        timetable_id=timetable.timetable_id,
        institution_id=filing.institution_id,
        label=filing.label,
        version=filing.version,
        current=timetable.current,
        previous=timetable.previous,
        diff=None if found is None else diff_view(timetable.previous, found),
        receipt=None if filed.quoted is None else _quoted_view(filed.quoted),
    )


def _quoted_view(quoted: Quoted) -> QuotedView:
    return QuotedView(
        receipt=quoted.receipt.receipt_id,
        checked_at=quoted.receipt.asked_at,
        verdict=quoted.receipt.verdict,
        same_classes=quoted.same_classes,
        changed_since=list(quoted.changed),
    )


def diff_view(against: str | None, found: Diff) -> DiffView:
    """Show what a version changes."""
    return DiffView(
        against=against,
        counts=found.counts,
        added=[class_view(one) for one in found.added],
        removed=[class_view(one) for one in found.removed],
        moved=[_change_view(one) for one in found.moved],
        changed=[_change_view(one) for one in found.changed],
    )


def _change_view(change: Change) -> ChangeView:
    return ChangeView(
        before=class_view(change.before),
        after=class_view(change.after),
        fields=list(change.fields),
    )


def line_view(row: Row) -> TimetableLine:
    """Show a timetable in a list."""
    return TimetableLine(
        timetable_id=row["_id"],
        institution_id=row["institution_id"],
        label=row["label"],
        version=row["version"],
        current=row["current"],
        session_count=row["session_count"],
        counts=row["counts"],
        filed_at=row["filed_at"],
    )

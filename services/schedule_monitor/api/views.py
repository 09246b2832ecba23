"""How days, rules and judged classes are shown."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, Field

from services.schedule_monitor.app.timetables.check_timetable import Checked
from services.schedule_monitor.domain.calendars.calendar import Kind as DayKind
from services.schedule_monitor.domain.calendars.calendar import named
from services.schedule_monitor.domain.explain import explain_session
from services.schedule_monitor.domain.judge import Found, Judged, Verdict, counts_of, verdict_of
from services.schedule_monitor.domain.session import Delivery, Stated
from services.schedule_monitor.domain.timetables.slots import MOST_DAYS_AWAY, Slot, minutes_between
from shared.contracts.registry import InstitutionKind, Stage, TeachingMode
from shared.rules import Article, Origin

ShownKind = DayKind | Literal["calendar_incomplete"]


class ArticleView(BaseModel):
    """Where something is written, how sure that is, and from when until before when it holds."""

    document: str
    clause: str
    origin: Origin = Field(
        description="Seed: the city's plan, L: law, S: public page; G and P are not law."
    )
    in_force_from: date
    in_force_until: date | None


class RuleFindingView(BaseModel):
    """One rule that a class breaks."""

    rule: str
    rule_version: int
    title: str
    level: Literal["yellow", "red"]
    message: str
    article: ArticleView


class SlotView(BaseModel):
    """Where a class would be lawful and meets no other of its group, teacher, room or roster."""

    date: date
    start: str
    end: str
    shortened: bool = Field(description="It may not last as long as wished.")
    words: str


class ClassView(BaseModel):
    """One class as it was stated; kind and mode are absent where the registration tells them."""

    date: date
    start: str
    end: str
    class_group: str
    stage: Stage
    kind: InstitutionKind | None
    mode: TeachingMode | None
    course: str | None
    teacher: str | None
    site: str | None
    room: str | None
    students: int | None
    delivery: Delivery


class SessionView(BaseModel):
    """One class as it was judged; ``index`` is its place in what was sent."""

    index: int
    date: date
    start: str
    end: str
    class_group: str
    stage: Stage
    kind: InstitutionKind
    mode: TeachingMode
    course: str | None = None
    teacher: str | None = None
    site: str | None = None
    room: str | None = None
    students: int | None = None
    delivery: Delivery = "live"
    day_kind: ShownKind
    verdict: Verdict
    explanation: str
    findings: list[RuleFindingView]
    missing: list[str] = Field(description="Calendars that the verdict would have needed.")
    notes: list[str]
    nearest_slot: SlotView | None = Field(
        default=None,
        description="Only in a check, where the class is unlawful and a slot is found.",
    )
    slot_note: str | None = Field(
        default=None, description="Only in a check: why an unlawful class has no nearest slot."
    )


class JudgedView(BaseModel):
    """Judged classes: one verdict on all, counts, and each class."""

    verdict: Verdict
    counts: dict[Verdict, int]
    sessions: list[SessionView]


class CheckView(JudgedView):
    """A check of classes, with the number under which it is kept and may be quoted."""

    receipt: str = Field(examples=["KB20260302-7Q2M9X4TZC"])
    checked_at: datetime
    digest: str = Field(description="Digest of the classes that were checked, in any order.")
    basis: dict[str, str] = Field(description="Versions of what the days were judged by.")


def article_view(article: Article) -> ArticleView:
    """Show where a rule is written."""
    return ArticleView(
        document=article.document,
        clause=article.clause,
        origin=article.origin,
        in_force_from=article.in_force_from,
        in_force_until=article.in_force_until,
    )


def finding_view(found: Found) -> RuleFindingView:
    """Show one finding with its article."""
    card = found.rule.card
    return RuleFindingView(
        rule=card.code,
        rule_version=card.version,
        title=card.title,
        level=found.rule.level,
        message=found.message,
        article=article_view(card.article),
    )


def judged_view(judged: list[Judged]) -> JudgedView:
    """Show judged classes in the order they were sent."""
    return JudgedView(
        verdict=verdict_of(judged),
        counts=counts_of(judged),
        sessions=[_session_view(index, one) for index, one in enumerate(judged)],
    )


def check_view(checked: Checked) -> CheckView:
    """Show a check with its slots and its receipt."""
    receipt = checked.receipt
    return CheckView(
        receipt=receipt.receipt_id,
        checked_at=receipt.asked_at,
        digest=receipt.digest,
        basis=dict(receipt.basis),
        verdict=receipt.verdict,
        counts=dict(receipt.counts),
        sessions=[
            _session_view(
                index, one, checked.slots.get(index), _slot_note(index, one, checked.slots)
            )
            for index, one in enumerate(checked.judged)
        ],
    )


def class_view(stated: Stated) -> ClassView:
    """Show one class as it was stated."""
    setting = stated.setting
    return ClassView(
        date=stated.on,
        start=stated.start.isoformat(),
        end=stated.end.isoformat(),
        class_group=stated.class_group,
        stage=stated.stage,
        kind=stated.kind,
        mode=stated.mode,
        course=setting.course,
        teacher=setting.teacher,
        site=setting.site,
        room=setting.room,
        students=setting.students,
        delivery=setting.delivery,
    )


def _slot_note(index: int, judged: Judged, slots: Mapping[int, Slot | None]) -> str | None:
    if judged.verdict != "unlawful" or slots.get(index) is not None:
        return None
    if index not in slots:
        return "改时间不能解决：还违反与上课时间无关的规定"
    return f"前后{MOST_DAYS_AWAY}天内没有找到合法的时段；课次很多时查找有限，可分开预检"


def _session_view(
    index: int, judged: Judged, slot: Slot | None = None, slot_note: str | None = None
) -> SessionView:
    session, setting = judged.session, judged.session.setting
    return SessionView(
        index=index,
        date=session.on,
        start=session.start.isoformat(),
        end=session.end.isoformat(),
        class_group=session.class_group,
        stage=session.stage,
        kind=session.kind,
        mode=session.mode,
        course=setting.course,
        teacher=setting.teacher,
        site=setting.site,
        room=setting.room,
        students=setting.students,
        delivery=setting.delivery,
        day_kind=judged.day.kind or "calendar_incomplete",
        verdict=judged.verdict,
        explanation=explain_session(judged),
        findings=[finding_view(found) for found in judged.findings],
        missing=list(judged.missing),
        notes=list(judged.notes),
        nearest_slot=None if slot is None else _slot_view(slot),
        slot_note=slot_note,
    )


def _slot_view(slot: Slot) -> SlotView:
    shorter = f"（缩短至{minutes_between(slot.start, slot.end)}分钟）" if slot.shortened else ""
    return SlotView(
        date=slot.on,
        start=slot.start.isoformat(),
        end=slot.end.isoformat(),
        shortened=slot.shortened,
        words=f"可改至{named(slot.on)}{slot.start}至{slot.end}{shorter}",
    )

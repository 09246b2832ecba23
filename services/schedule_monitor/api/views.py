"""How days, rules and judged classes are shown."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, Field

from services.schedule_monitor.domain.calendar import Kind as DayKind
from services.schedule_monitor.domain.explain import explain_session
from services.schedule_monitor.domain.judge import Found, Judged, Verdict, counts_of, verdict_of
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
    day_kind: ShownKind
    verdict: Verdict
    explanation: str
    findings: list[RuleFindingView]
    missing: list[str] = Field(description="Calendars that the verdict would have needed.")
    notes: list[str]


class CheckView(BaseModel):
    """A check of classes: one verdict on all, counts, and each class."""

    verdict: Verdict
    counts: dict[Verdict, int]
    sessions: list[SessionView]


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


def check_view(judged: list[Judged]) -> CheckView:
    """Show judged classes in the order they were sent."""
    return CheckView(
        verdict=verdict_of(judged),
        counts=counts_of(judged),
        sessions=[_session_view(index, one) for index, one in enumerate(judged)],
    )


def _session_view(index: int, judged: Judged) -> SessionView:
    session = judged.session
    return SessionView(
        index=index,
        date=session.on,
        start=session.start.isoformat(),
        end=session.end.isoformat(),
        class_group=session.class_group,
        stage=session.stage,
        kind=session.kind,
        mode=session.mode,
        day_kind=judged.day.kind or "calendar_incomplete",
        verdict=judged.verdict,
        explanation=explain_session(judged),
        findings=[finding_view(found) for found in judged.findings],
        missing=list(judged.missing),
        notes=list(judged.notes),
    )

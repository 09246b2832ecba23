"""How held sessions, their comparison and what was refused are shown."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, Field

from services.schedule_monitor.api.views import ArticleView, RuleFindingView, article_view
from services.schedule_monitor.api.views import finding_view as broken_view
from services.schedule_monitor.app.held.take_held import Answer, Status
from services.schedule_monitor.domain.explain import explain_session
from services.schedule_monitor.domain.held.comparison import FiledClass
from services.schedule_monitor.domain.held.held import HeldSession, Kept, SenderKind
from services.schedule_monitor.domain.held.held_month import HeldJudged
from services.schedule_monitor.domain.judge import Verdict
from services.schedule_monitor.domain.premises import DOUBT_NAMES, Doubt
from services.schedule_monitor.domain.session import Delivery
from shared.contracts.registry import InstitutionKind, Stage, TeachingMode
from shared.mongo import Row
from shared.problem import Problem


class HeldResult(BaseModel):
    """What became of one session of the batch; ``version`` is the one that stands now."""

    index: int
    status: Status
    reference: str | None = None
    session_id: str | None = None
    version: int | None = None
    problem: Problem | None = None


class HeldResults(BaseModel):
    """The answer to a batch: one result for each session, in the batch's order."""

    results: list[HeldResult]


class HeldLine(BaseModel):
    """A held session as it was told; a withdrawn one was not held after all."""

    session_id: str
    version: int
    sender: str = Field(examples=["platform:cloud"])
    source: SenderKind
    reference: str
    institution_id: str
    date: date
    start: str
    end: str
    class_group: str
    stage: Stage
    head_count: int
    contracts: int = Field(description="How many contracts were charged for it.")
    mode: TeachingMode | None
    delivery: Delivery
    site: str | None
    address: str | None
    withdrawn: bool


class FiledView(BaseModel):
    """The filed class that a session stands for; ``dropped_at`` since when it is filed no more."""

    date: date
    start: str
    end: str
    class_group: str
    verdict: Verdict
    dropped_at: datetime | None


class DifferenceView(BaseModel):
    """What a session differs in from what was filed."""

    rule: str
    title: str
    level: Literal["yellow", "red"]
    message: str
    article: ArticleView


class DoubtView(BaseModel):
    """Why a session should not have been held where it was."""

    reason: Doubt
    message: str


class HeldView(HeldLine):
    """A held session with what the rules say of it, and its filed class; judged from the record.

    A withdrawn one is not judged: ``verdict`` and ``kind`` are then absent.
    """

    verdict: Verdict | None
    kind: InstitutionKind | None
    explanation: str | None
    findings: list[RuleFindingView]
    filed: FiledView | None
    differences: list[DifferenceView]
    unapproved: DoubtView | None


class HeldPage(BaseModel):
    """A page of held sessions, those told of last first."""

    sessions: list[HeldLine]
    next_cursor: str | None = None


class RefusedLine(BaseModel):
    """An item that was refused: no more of it than its reference and the names of its fields."""

    id: str
    sender: str
    status: Literal["refused", "conflict"]
    reference: str | None
    version: int | None = None
    digest: str
    problem: Problem
    unknown_fields: list[str]
    received_at: datetime


class RefusedPage(BaseModel):
    """A page of what was refused, each body of a sender once."""

    refused: list[RefusedLine]
    next_cursor: str | None = None


def results_view(answers: list[Answer]) -> HeldResults:
    """Show what became of a batch."""
    return HeldResults(
        results=[
            HeldResult(
                index=one.index,
                status=one.status,
                reference=one.reference,
                session_id=one.session_id,
                version=one.version,
                problem=one.problem,
            )
            for one in answers
        ]
    )


def held_line(kept: Kept) -> HeldLine:
    """Show a session as it was told."""
    return HeldLine(**_told(kept.session_id, kept.held))


def held_view(kept: Kept, judged: HeldJudged | None) -> HeldView:
    """Show a session with what is said of it."""
    told = _told(kept.session_id, kept.held)
    if judged is None:
        return HeldView(
            **told,
            verdict=None,
            kind=None,
            explanation=None,
            findings=[],
            filed=None,
            differences=[],
            unapproved=None,
        )
    return HeldView(
        **{**told, "mode": judged.judged.session.mode},
        verdict=judged.judged.verdict,
        kind=judged.judged.session.kind,
        explanation=f"实际上课：{explain_session(judged.judged)}",
        findings=[broken_view(found) for found in judged.judged.findings],
        filed=None if judged.filed is None else _filed_view(judged.filed),
        differences=[
            DifferenceView(
                rule=found.rule.card.code,
                title=found.rule.card.title,
                level=found.rule.level,
                message=found.message,
                article=article_view(found.rule.card.article),
            )
            for found in judged.findings
        ],
        unapproved=None if judged.doubt is None else _doubt_view(judged.doubt),
    )


def refused_page(rows: list[Row], *, limit: int) -> RefusedPage:
    """Show what was refused."""
    lines = [
        RefusedLine(
            id=row["_id"],
            sender=row["sender"],
            status=row["status"],
            reference=row["reference"],
            version=row.get("version"),
            digest=row["digest"],
            problem=Problem(**row["problem"]),
            unknown_fields=row["unknown_fields"],
            received_at=row["received_at"],
        )
        for row in rows
    ]
    return RefusedPage(refused=lines, next_cursor=lines[-1].id if len(lines) == limit else None)


def _told(session_id: str, held: HeldSession) -> Row:
    return {
        "session_id": session_id,
        "version": held.version,
        "sender": held.sender.key,
        "source": held.sender.kind,
        "reference": held.reference,
        "institution_id": held.institution_id,
        "date": held.on,
        "start": held.start.isoformat(),
        "end": held.end.isoformat(),
        "class_group": held.class_group,
        "stage": held.stage,
        "head_count": held.head_count,
        "contracts": len(held.attended),
        "mode": held.mode,
        "delivery": held.delivery,
        "site": held.site,
        "address": held.address,
        "withdrawn": held.withdrawn,
    }


def _filed_view(filed: FiledClass) -> FiledView:
    session = filed.session
    return FiledView(
        date=session.on,
        start=session.start.isoformat(),
        end=session.end.isoformat(),
        class_group=session.class_group,
        verdict=filed.judged.verdict,
        dropped_at=filed.dropped_at,
    )


def _doubt_view(doubt: Doubt) -> DoubtView:
    return DoubtView(reason=doubt, message=DOUBT_NAMES[doubt])

"""How a report of practice is shown."""

from datetime import date, datetime
from typing import Final, Literal

from pydantic import BaseModel, Field

from services.schedule_monitor.app.practices.practice_clock import due
from services.schedule_monitor.domain.practices.practice import (
    PRACTICE_NAMES,
    Opinion,
    Outcome,
    Practice,
    Report,
    Says,
    Source,
    State,
    Told,
)
from services.schedule_monitor.domain.practices.practice_breaches import hits_of
from services.schedule_monitor.domain.session import Kind, Mode, Registered, Stage
from shared.rules import Origin
from shared.working_days import WorkingDays

_NO_RULE: Final = "所述日期尚无现行规定，或规定不适用于该类别、方式或学段：只作记录，不发预警。"


class EvidenceView(BaseModel):
    """A photograph, recording or paper, by its digest."""

    digest: str
    shows: str


class ToldView(BaseModel):
    """One version of what is told."""

    first_on: date
    last_on: date
    seen: str
    evidence: list[EvidenceView]
    source_reference: str | None
    course: str | None
    stage: Stage | None
    kind: Kind | None
    mode: Mode | None


class OpinionView(BaseModel):
    """What an expert was asked, and says."""

    number: int
    expert: str
    office: str
    question: str
    of_version: int
    asked_at: datetime
    says: Says | None
    reasons: str | None
    paper: str | None
    given_at: datetime | None


class ReportDecisionView(BaseModel):
    """What the department in charge has decided."""

    outcome: Outcome
    reasons: str
    by: str
    decided_at: datetime


class PracticeStepView(BaseModel):
    """One thing that was done to a report."""

    did: str
    at: datetime
    by_role: str
    by_office: str | None
    reason: str | None


class HitView(BaseModel):
    """One rule that the report is held against in one month."""

    rule: str
    title: str
    article: str
    origin: Origin
    month: str
    level: Literal["yellow", "red"]
    clue: bool = Field(description="true 为线索，须核查；false 为已认定")


class PracticeLine(BaseModel):
    """A report in a list."""

    report_id: str
    practice: Practice
    practice_name: str
    source: Source
    institution_id: str | None
    platform: str | None
    town: str | None
    first_on: date
    last_on: date
    version: int
    state: State = Field(
        description="received 待核查，opinion_asked 征询中，undecided 意见不一待决定，"
        "upheld 已认定，unfounded 不认定，withdrawn 已撤回"
    )
    responsible: list[str]
    reported_by: str | None = Field(description="报送的部门、镇（街道），或机构")
    reported_at: datetime
    anonymous: bool
    due_at: datetime | None = Field(description="下一步的办理期限")
    due_provisional: bool = Field(description="期限所在年份的放假通知未载入，期限可能变动")
    overdue_at: datetime | None


class PracticePage(BaseModel):
    """One page of reports, the newest first."""

    reports: list[PracticeLine]
    next_cursor: str | None


class PracticeReportView(PracticeLine):
    """A report with all that was told, said and done."""

    told: ToldView
    former: list[ToldView]
    contact: str | None = Field(default=None, description="举报人的联系方式，仅办理部门可见")
    opinions: list[OpinionView]
    decisions: list[ReportDecisionView]
    findings: list[HitView]
    note: str | None
    steps: list[PracticeStepView]


def report_line(report: Report, calendar: WorkingDays) -> PracticeLine:
    """Show a report in a list."""
    return PracticeLine(**_line(report, calendar))


def report_view(
    report: Report, registered: Registered | None, calendar: WorkingDays, *, contact: str | None
) -> PracticeReportView:
    """Show a report whole; ``contact`` to whoever may see it."""
    hits = hits_of(report, registered)
    without = not hits and report.state not in ("unfounded", "withdrawn")
    return PracticeReportView(
        **_line(report, calendar),
        told=_told(report.told),
        former=[_told(one) for one in report.former],
        contact=contact,
        opinions=[_opinion(one) for one in report.opinions],
        decisions=[
            ReportDecisionView(
                outcome=it.outcome, reasons=it.reasons, by=it.by, decided_at=it.decided_at
            )
            for it in report.decisions
        ],
        findings=[
            HitView(
                rule=hit.rule.card.code,
                title=hit.rule.card.title,
                article=hit.rule.card.article.reference,
                origin=hit.rule.card.article.origin,
                month=hit.month,
                level=hit.level,
                clue=hit.clue,
            )
            for hit in hits
        ],
        note=_NO_RULE if without else None,
        steps=[
            PracticeStepView(
                did=it.did, at=it.at, by_role=it.by_role, by_office=it.by_office, reason=it.reason
            )
            for it in report.steps
        ],
    )


def _line(report: Report, calendar: WorkingDays) -> dict[str, object]:
    deadline = due(report, calendar)
    told = report.told
    return {
        "report_id": report.report_id,
        "practice": told.practice,
        "practice_name": PRACTICE_NAMES[told.practice],
        "source": told.source,
        "institution_id": told.institution_id,
        "platform": told.platform,
        "town": report.town,
        "first_on": told.first_on,
        "last_on": told.last_on,
        "version": report.version,
        "state": report.state,
        "responsible": list(report.responsible),
        "reported_by": report.office or report.institution,
        "reported_at": report.reported_at,
        "anonymous": told.sealed_contact is None,
        "due_at": None if deadline is None else deadline.at,
        "due_provisional": deadline is not None and deadline.provisional,
        "overdue_at": report.overdue_at,
    }


def _told(told: Told) -> ToldView:
    return ToldView(
        first_on=told.first_on,
        last_on=told.last_on,
        seen=told.seen,
        evidence=[EvidenceView(digest=it.digest, shows=it.shows) for it in told.evidence],
        source_reference=told.source_reference,
        course=told.course,
        stage=told.stage,
        kind=told.kind,
        mode=told.mode,
    )


def _opinion(one: Opinion) -> OpinionView:
    return OpinionView(**{name: getattr(one, name) for name in OpinionView.model_fields})

"""Alerts and verdicts for tests, valid by default."""

from dataclasses import replace
from datetime import UTC, date, datetime

from shared.alerts.judgement import judge_change
from shared.alerts.model import About, Actor, Finding, RuleFacts, Verdict
from shared.duties.routing import route
from shared.rules import Article, RuleCard

NOW = datetime(2026, 3, 31, 10, tzinfo=UTC)
LATER = datetime(2026, 4, 1, 10, tzinfo=UTC)

CARD = RuleCard(
    code="fund.coverage",
    title="专户余额应覆盖未消课金额",
    article=Article("教监管函〔2021〕2号", "预收费全额存管", "S", date(2021, 10, 21)),
    applies_to="institution",
)
RULE = RuleFacts.of(CARD)
TO_CULTURE = route("fund.coverage", competent="culture_tourism_sports")
TO_SCIENCE = route("fund.coverage", competent="science_tech")
LEAD = Actor("li", "culture_tourism_sports")
PBOC = Actor("wang", "pboc")


def an_institution(id="inst-1", *, name="启明艺术培训"):  # noqa: A002 - the field's name
    return About("institution", id, name)


def a_finding(event="bank-a/acc-1/s-1", *events, level="yellow", message=None, **figures):
    message = message or f"{event}：余额低于未消课金额"
    return Finding(
        rule=RULE,
        level=level,
        message=message,
        figures={"balance_fen": 90_000, **figures},
        events=(event, *events),
    )


def a_verdict(*findings, about=None, window="2026-03", decision=TO_CULTURE, causes=("e-9",)):
    return Verdict(
        about=about or an_institution(),
        rule=RULE,
        window=window,
        findings=findings,
        route=decision if findings else None,
        causes=causes,
    )


def an_alert(*findings, **verdict):
    found = findings or (a_finding(),)
    change = judge_change(None, a_verdict(*found, **verdict), now=NOW, new_id="alert-1")
    return change.after


def content(alert):
    """What must not depend on the order in which verdicts came."""
    return replace(alert, version=0, raised_at=NOW, updated_at=NOW, causes=())

"""Alerts and verdicts for tests, valid by default."""

from dataclasses import replace
from datetime import UTC, date, datetime

from shared.alerts.clocks import Reckoning
from shared.alerts.escalation import pass_clocks
from shared.alerts.handling import Ending, Receipt, acknowledge, dispose, give_feedback, snooze
from shared.alerts.judgement import judge_change
from shared.alerts.model import About, Actor, Applicant, Finding, RuleFacts, Verdict
from shared.alerts.rectifying import Check, Order, recheck, rectify
from shared.alerts.statements import Plea, answer_statement, state_case
from shared.alerts.transferring import transfer
from shared.city_time import CITY_TIME
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
INSTITUTION = Applicant("zhang", "inst-1")
RECKONING = Reckoning()
# The same rule, of which the institution is told.
TELLING = RuleFacts.of(replace(CARD, tells_institution=True))


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


def a_verdict(
    *findings, about=None, window="2026-03", decision=TO_CULTURE, causes=("e-9",), rule=RULE
):
    return Verdict(
        about=about or an_institution(),
        rule=rule,
        window=window,
        findings=findings,
        route=decision if findings else None,
        causes=causes,
    )


def an_alert(*findings, now=NOW, **verdict):
    found = findings or (a_finding(),)
    change = judge_change(None, a_verdict(*found, **verdict), now=now, new_id="alert-1")
    return change.after


def judged(alert, *findings, now=LATER, **verdict):
    return judge_change(alert, a_verdict(*findings, **verdict), now=now, new_id="never-used")


def seen(alert, by=LEAD, *, now=NOW, **receipt):
    return acknowledge(alert, Receipt(**receipt), by=by, now=now).after


def ended(alert, *, outcome="upheld", reason="已责令补足", by=LEAD, now=NOW, **ending):
    said = Ending(outcome=outcome, reason=reason, **ending)
    change = dispose(alert, said, by=by, now=now, reckoning=RECKONING)
    return None if change is None else change.after


def ordered(alert, until=date(2026, 4, 10), *, requirement="补足差额", by=LEAD, now=NOW):
    order = Order(requirement=requirement, until=until)
    return rectify(alert, order, by=by, now=now, reckoning=RECKONING)


def checked(alert, *, passed=True, note="现场查看", until=None, by=LEAD, now=LATER):
    check = Check(passed=passed, note=note, until=until)
    return recheck(alert, check, by=by, now=now, reckoning=RECKONING)


def pleaded(alert, text="已与银行核对，差额系在途资金", *, by=INSTITUTION, now=LATER, **plea):
    said = Plea(id=plea.pop("id", "s-1"), text=text, **plea)
    return state_case(alert, said, by=by, now=now, reckoning=RECKONING)


def handed(alert, to="science_tech", *, reason="属科技类机构", by=LEAD, now=LATER):
    return transfer(alert, to, reason=reason, by=by, now=now)


def snoozed(alert, until=date(2026, 4, 3), *, reason="等待银行对账", by=LEAD, now=NOW):
    return snooze(alert, reason, until=until, by=by, now=now, reckoning=RECKONING)


def passed(alert, now, *, reckoning=RECKONING):
    return pass_clocks(alert, now=now, reckoning=reckoning)


def in_city(year, month, day, hour=0, minute=0, second=0):
    return datetime(year, month, day, hour, minute, second, tzinfo=CITY_TIME).astimezone(UTC)


def busy(alert):
    """Return an alert to which everything has been done that people and clocks do."""
    alert = passed(seen(alert, by=PBOC, assignee="wang", deputy="zhao"), in_city(2026, 4, 4)).after
    alert = checked(ordered(alert).after, passed=False, until=date(2026, 4, 20)).after
    alert = pleaded(checked(alert).after).after
    alert = answer_statement(alert, "s-1", "在途资金已计入", by=LEAD, now=LATER).after
    alert = give_feedback(alert, "账户已核对", by=PBOC, now=LATER).after
    until = date(2026, 4, 3)
    quiet = snooze(alert, "等待对账", until=until, by=PBOC, now=LATER, reckoning=RECKONING)
    return handed(quiet.after).after


def told(change):
    return {notice.delivery.department: notice.change for notice in change.notices}


def content(alert):
    """What must not depend on the order in which verdicts came."""
    moments = dict.fromkeys(("raised_at", "updated_at", "opened_at", "led_since"), NOW)
    return replace(alert, version=0, causes=(), **moments)

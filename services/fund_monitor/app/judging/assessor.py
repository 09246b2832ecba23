"""What the judge asks of the rules: look at some institutions or banks and say what is found.

An assessor fetches what its rules need, for all of them in a few round trips, and hands it to the
rules. The judge runs all assessors in one transaction and settles their alerts together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol, TypeVar

from services.fund_monitor.app.judging.windows import Windows
from services.fund_monitor.domain.rules.breach import Breach
from services.fund_monitor.domain.rules.unregistered_money import Registration
from shared.alerts.model import About, Finding, RuleFacts, Verdict
from shared.city_time import city_date
from shared.duties.routing import route
from shared.marks import Mark
from shared.mongo import Session
from shared.rules import RuleCard


@dataclass(frozen=True, slots=True)
class Subject:
    """An institution to judge, by its 统一社会信用代码: a bank knows no other name of it."""

    code: str
    registration: Registration | None
    accounts: Mapping[str, str]
    """The opened accounts by key, and the kind of each."""
    windows: Windows
    now: datetime
    mark: Mark

    @property
    def causes(self) -> tuple[str, ...]:
        return self.mark.causes

    @property
    def custody_accounts(self) -> list[str]:
        return sorted(key for key, kind in self.accounts.items() if kind == "custody")

    @property
    def competent(self) -> str | None:
        return None if self.registration is None else self.registration.competent_department

    @property
    def about(self) -> About | None:
        """The institution as alerts name it; none where the registry knows none."""
        if self.registration is None:
            return None
        return About("institution", self.registration.institution_id, self.registration.name)

    @property
    def abouts(self) -> list[About]:
        """Everything that an alert may be about: each account, and the institution."""
        accounts = [about_account(account) for account in self.accounts]
        return accounts if self.about is None else [*accounts, self.about]


@dataclass(frozen=True, slots=True)
class BankSubject:
    """A bank to judge."""

    code: str
    windows: Windows
    now: datetime
    causes: tuple[str, ...]

    @property
    def about(self) -> About:
        return About("bank", self.code, self.code)


@dataclass(frozen=True, slots=True)
class Assessment:
    """What an assessor found of one subject, and the day on which it wants to look again."""

    verdicts: Sequence[Verdict] = ()
    due_on: date | None = None


S_contra = TypeVar("S_contra", contravariant=True)


class Assessor(Protocol[S_contra]):
    """The rules of one matter. Its alerts in the judged windows are settled completely.

    What it gives no verdict for stands no longer, so it must look at every window it is given.
    """

    @property
    def rules(self) -> tuple[RuleCard, ...]:
        """The rules of which it tells everything."""
        ...

    async def assess(self, subjects: Sequence[S_contra], session: Session) -> Sequence[Assessment]:
        """Judge subjects in the judge's transaction; one assessment for each, in their order."""
        ...


def about_account(account: str) -> About:
    """Return an account as alerts name it."""
    bank, _, account_no = account.partition("|")
    return About("account", f"{bank}/{account_no}", f"{bank} {account_no}")


def in_force(rule: RuleCard, moment: datetime) -> bool:
    """A rule judges what happened while its article was in force."""
    return rule.article.applies_on(city_date(moment))


def verdict(
    rule: RuleCard,
    about: About,
    month: str,
    breaches: Sequence[Breach],
    *,
    competent: str | None,
    causes: tuple[str, ...],
) -> Verdict:
    """Return what a rule says of one thing in one month, routed when it has found something."""
    facts = RuleFacts.of(rule)
    findings = tuple(
        Finding(rule=facts, level=b.level, message=b.message, figures=b.figures, events=b.events)
        for b in breaches
    )
    return Verdict(
        about=about,
        rule=facts,
        window=month,
        findings=findings,
        route=route(rule.code, competent=competent) if findings else None,
        causes=causes,
    )


def verdicts_by_month(
    subject: Subject, rule: RuleCard, about: About, found: Mapping[str, Sequence[Breach]]
) -> list[Verdict]:
    """Return what a rule says of each month that is judged and from whose start it is in force."""
    return [
        verdict(rule, about, month, breaches, competent=subject.competent, causes=subject.causes)
        for month, breaches in found.items()
        if subject.windows.judged(month)
        and rule.article.applies_on(date.fromisoformat(f"{month}-01"))
    ]

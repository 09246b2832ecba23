"""Judge a bank by what it does not send, and by differences that nobody explains."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from services.fund_monitor.app.judging.assessor import Assessment, BankSubject, verdict
from services.fund_monitor.domain.banks.feed import USUAL_SILENCE, FeedDeclaration, declared_on
from services.fund_monitor.domain.rules.breach import Breach
from services.fund_monitor.domain.rules.feeds import (
    BANK_SILENT,
    DIFFERENCE_OVERDUE,
    Silence,
    Unexplained,
    Until,
    banks_keep_sending,
    differences_are_explained,
    look_again_on,
)
from services.fund_monitor.domain.rules.limits import EXPLAIN_WORKING_DAYS, SILENT_BY
from services.fund_monitor.store.banks.bank_activity import BankActivityStore
from services.fund_monitor.store.banks.feed_declarations import FeedDeclarationBook
from shared.alerts.model import Verdict
from shared.city_time import city_date
from shared.mongo import Row, Session
from shared.rules import RuleCard
from shared.working_days import WorkingDays, deadline_by, start_of


class BankFeedAssessor:
    """Looks at a bank's silence and at its open differences, those of statements among them."""

    rules = (BANK_SILENT, DIFFERENCE_OVERDUE)

    def __init__(
        self,
        activity: BankActivityStore,
        declarations: FeedDeclarationBook,
        calendar: WorkingDays,
    ) -> None:
        self._activity = activity
        self._declarations = declarations
        self._calendar = calendar

    async def assess(self, subjects: Sequence[BankSubject], session: Session) -> list[Assessment]:
        """Judge every bank for itself: they are few."""
        return [await self._bank(subject, session) for subject in subjects]

    async def _bank(self, subject: BankSubject, session: Session) -> Assessment:
        silent, watched = await self._silence(subject, session)
        rows = await self._activity.unexplained(subject.code, session=session)
        some = [self._unexplained(row) for row in rows]
        overdue = differences_are_explained(some, now=subject.now)
        watched += [deadline for one in some for deadline in (one.due, one.red)]
        verdicts = [
            *_verdicts(BANK_SILENT, subject, silent),
            *_verdicts(DIFFERENCE_OVERDUE, subject, overdue),
        ]
        return Assessment(verdicts, look_again_on(watched, now=subject.now))

    async def _silence(
        self, subject: BankSubject, session: Session
    ) -> tuple[dict[str, list[Breach]], list[Until]]:
        known = await self._activity.of(subject.code, session=session)
        if known is None or known.state != "live":
            return {}, []
        declared = declared_on(
            await self._declarations.of_bank(subject.code, session=session), subject.windows.today
        )
        silence = self._silence_since(known.since, declared)
        accounts = 0
        if silence.yellow.passed(subject.now) or silence.red.passed(subject.now):
            accounts = await self._activity.open_accounts(subject.code, session=session)
        found = banks_keep_sending(silence, open_accounts=accounts, now=subject.now)
        return found, [silence.yellow, silence.red]

    def _unexplained(self, row: Row) -> Unexplained:
        same = row["_id"]
        found_on = date.fromisoformat(same["on"])
        due, red = (self._until(found_on, times * EXPLAIN_WORKING_DAYS) for times in (1, 2))
        events = tuple(event for event in row["events"] if event is not None)
        return Unexplained(found_on, same["kind"], same["owner"], row["count"], events, due, red)

    def _silence_since(self, last_on: date, declared: FeedDeclaration | None) -> Silence:
        """Return what a bank's silence since a day would mean.

        Who tells balances daily is missed at noon of the second banking day, and badly after the
        declared banking days; anybody else after those, and badly after twice as many.
        """
        days = USUAL_SILENCE if declared is None else declared.silent_after_days
        first_on = _last_day(self._banks_until(last_on, 1))
        if declared is None or declared.balance_days is None:
            yellow, red = self._banks_until(last_on, days), self._banks_until(last_on, 2 * days)
        else:
            second = self._banks_until(last_on, 2)
            noon = start_of(_last_day(second)) + timedelta(hours=SILENT_BY.hour)
            yellow, red = replace(second, at=noon), self._banks_until(last_on, days)
        return Silence(last_on, first_on, yellow, red)

    def _banks_until(self, start: date, days: int) -> Until:
        deadline = deadline_by(self._calendar.banking_kind_of, start, days=days)
        return Until(deadline.at, deadline.provisional)

    def _until(self, start: date, days: int) -> Until:
        deadline = self._calendar.deadline(start, days=days)
        return Until(deadline.at, deadline.provisional)


def _last_day(until: Until) -> date:
    """Return the day at whose end a period has passed."""
    return city_date(until.at - timedelta(seconds=1))


def _verdicts(
    rule: RuleCard, subject: BankSubject, found: dict[str, list[Breach]]
) -> list[Verdict]:
    return [
        verdict(rule, subject.about, month, breaches, competent=None, causes=subject.causes)
        for month, breaches in found.items()
        if subject.windows.judged(month)
    ]

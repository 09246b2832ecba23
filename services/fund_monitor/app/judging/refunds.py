"""Judge refunds, after what the bank has paid of them is counted anew."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.fund_monitor.app.judging.assessor import Assessment, Subject, verdict
from services.fund_monitor.domain.refunds.refund import Refund
from services.fund_monitor.domain.refunds.refund_money import Movement, Payment, payments_of
from services.fund_monitor.domain.rules.breach import Breach
from services.fund_monitor.domain.rules.refunds import (
    REFUND_OVERDUE,
    REFUND_ROUTE,
    REFUND_RULES,
    REFUND_SURGE,
    LastDay,
    overdue_breach,
    refund_is_paid_in_time,
    refunds_do_not_surge,
    refunds_take_the_original_route,
    unconsumed_by_day,
)
from services.fund_monitor.store.lessons.consumption import ConsumptionStore
from services.fund_monitor.store.refunds.refund_money import RefundMoneyStore
from services.fund_monitor.store.refunds.refunds import RefundStore, Step
from shared.city_time import month_of
from shared.mongo import Session
from shared.rules import RuleCard
from shared.working_days import WorkingDays

_Money = dict[tuple[str, str], Movement]
_Days = Mapping[str, Sequence[tuple[date, int]]]


@dataclass(frozen=True, slots=True)
class _Known:
    """What one institution is judged by."""

    refunds: Sequence[Refund]
    movements: Mapping[str, Sequence[Movement]]
    """What stands of payments and refunds, by contract."""
    days: Sequence[tuple[date, int]]


class RefundsAssessor:
    """Looks at every refund of the institutions of which one was ever asked for."""

    rules = REFUND_RULES

    def __init__(
        self,
        refunds: RefundStore,
        money: RefundMoneyStore,
        consumption: ConsumptionStore,
        calendar: WorkingDays,
    ) -> None:
        self._refunds = refunds
        self._money = money
        self._consumption = consumption
        self._calendar = calendar

    async def assess(self, subjects: Sequence[Subject], session: Session) -> list[Assessment]:
        """Judge the institutions with refunds; the others cost one look-up together."""
        ids = [subject.about.id for subject in subjects if subject.about is not None]
        refunds = await self._refunds.of_institutions(ids, session=session)
        if not refunds:
            return [Assessment() for _ in subjects]
        known = {each.about.id: each for each in subjects if each.about is not None}
        contracts = {
            account: {one.contract_no for one in some}
            for institution_id, some in refunds.items()
            for account in known[institution_id].accounts
        }
        money = await self._money.movements(contracts, session=session)
        days = await self._money.unconsumed_changes(sorted(contracts), session=session)
        by_lessons = await self._consumption.changes(
            {one: known[one].custody_accounts for one in refunds}, session=session
        )
        return [
            await self._institution(
                each, refunds[each.about.id], money, _of(each, days, by_lessons), session
            )
            if each.about is not None and each.about.id in refunds
            else Assessment()
            for each in subjects
        ]

    async def _institution(
        self,
        subject: Subject,
        refunds: Sequence[Refund],
        money: _Money,
        days: Sequence[tuple[date, int]],
        session: Session,
    ) -> Assessment:
        movements: defaultdict[str, list[Movement]] = defaultdict(list)
        for (contract_no, _), one in money.items():
            if one.account in subject.accounts:
                movements[contract_no].append(one)
        paid = _paid(refunds, movements)
        changed = [
            (after, _step(after, subject))
            for before, after in zip(refunds, paid, strict=True)
            if before != after
        ]
        await self._refunds.change(changed, session=session)
        found = self._judged(subject, _Known(paid, movements, days))
        # A payment may change what is found of an earlier month than the judge was asked for.
        early = any(not subject.windows.judged(month_of(one.requested_on)) for one, _ in changed)
        due_on = subject.windows.today if early else found.due_on
        return Assessment(found.verdicts, due_on)

    def _judged(self, subject: Subject, known: _Known) -> Assessment:
        today = subject.windows.today
        surges = refunds_do_not_surge(known.refunds, unconsumed_by_day(known.days))
        overdue: dict[str, list[Breach]] = {}
        due: list[date] = []
        for refund in sorted(known.refunds, key=lambda one: (one.requested_on, one.id)):
            late = refund_is_paid_in_time(refund, today=today, last_day_after=self._last_day)
            if late is None:
                continue
            if late.look_on is not None:
                due.append(late.look_on)
            breach = overdue_breach(refund, late)
            if breach is not None:
                overdue.setdefault(month_of(refund.requested_on), []).append(breach)
        found: list[tuple[RuleCard, Mapping[str, Sequence[Breach]]]] = [
            (REFUND_SURGE, {month: [one] for month, one in surges.items()}),
            (REFUND_OVERDUE, overdue),
            (REFUND_ROUTE, _routes(known)),
        ]
        verdicts = [
            verdict(
                rule,
                subject.about,
                month,
                breaches,
                competent=subject.competent,
                causes=subject.causes,
            )
            for rule, by_month in found
            for month, breaches in by_month.items()
            if subject.about is not None and subject.windows.judged(month)
        ]
        return Assessment(verdicts, min(due, default=None))

    def _last_day(self, day: date, days: int) -> LastDay:
        deadline = self._calendar.deadline(day, days=days)
        return LastDay(deadline.at.date() - timedelta(days=1), deadline.provisional)


def _of(subject: Subject, ledger: _Days, by_lessons: _Days) -> list[tuple[date, int]]:
    """Return what changed an institution's unconsumed value: by the ledger, and by lessons."""
    found = [change for one in subject.custody_accounts for change in ledger.get(one, ())]
    return [*found, *by_lessons.get("" if subject.about is None else subject.about.id, ())]


def _paid(refunds: Sequence[Refund], movements: Mapping[str, Sequence[Movement]]) -> list[Refund]:
    """Return the refunds as far as they are paid."""
    owed = defaultdict(list)
    for refund in refunds:
        if refund.owed is not None:
            owed[refund.contract_no].append(refund.owed)
    payments: dict[str, Payment] = {}
    for contract_no, some in owed.items():
        payments.update(payments_of(some, movements.get(contract_no, ())))
    return [one.paid_as(payments[one.id]) if one.id in payments else one for one in refunds]


def _routes(known: _Known) -> dict[str, list[Breach]]:
    asked_on: dict[str, date] = {}
    for refund in known.refunds:
        day = asked_on.get(refund.contract_no, refund.requested_on)
        asked_on[refund.contract_no] = min(day, refund.requested_on)
    of_refunds = {number: known.movements.get(number, ()) for number in asked_on}
    return refunds_take_the_original_route(of_refunds, asked_on)


def _step(refund: Refund, subject: Subject) -> Step:
    return Step(state=refund.state, at=subject.now, by_role="service", amount_fen=refund.paid_fen)

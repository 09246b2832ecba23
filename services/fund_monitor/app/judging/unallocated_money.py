"""Judge money that waits for a contract, at institutions that file their contracts."""

from collections.abc import Mapping, Sequence

from services.fund_monitor.app.judging.assessor import Assessment, Subject, in_force, verdict
from services.fund_monitor.domain.rules.limits import ALLOCATION_WORKING_DAYS
from services.fund_monitor.domain.rules.unallocated_money import (
    UNALLOCATED_MONEY,
    Due,
    Waiting,
    look_again_on,
    money_is_allocated_in_time,
)
from services.fund_monitor.store.contracts.contracts import ContractStore
from services.fund_monitor.store.ledger.unallocated import UnallocatedStore
from shared.city_time import city_date
from shared.mongo import Session
from shared.working_days import WorkingDays


class UnallocatedMoneyAssessor:
    """Looks at what waits; who has filed no contract yet has none to put money under."""

    rules = (UNALLOCATED_MONEY,)

    def __init__(
        self, unallocated: UnallocatedStore, contracts: ContractStore, calendar: WorkingDays
    ) -> None:
        self._unallocated = unallocated
        self._contracts = contracts
        self._calendar = calendar

    async def assess(self, subjects: Sequence[Subject], session: Session) -> list[Assessment]:
        """Judge registered institutions, each over all its accounts together."""
        accounts = [account for subject in subjects for account in subject.accounts]
        waiting = await self._unallocated.waiting(accounts, session=session)
        concerned = {
            subject.about.id
            for subject in subjects
            if subject.about is not None and not waiting.keys().isdisjoint(subject.accounts)
        }
        filing = await self._contracts.filing(concerned, session=session)
        return [
            self._institution(subject, waiting)
            if subject.about is not None and subject.about.id in filing
            else Assessment()
            for subject in subjects
        ]

    def _institution(
        self, subject: Subject, waiting: Mapping[str, Sequence[Waiting]]
    ) -> Assessment:
        about = subject.about
        if about is None:
            return Assessment()
        mine = [
            one
            for account in subject.accounts
            for one in waiting.get(account, ())
            if in_force(UNALLOCATED_MONEY, one.occurred_at)
        ]
        due = [due_of(one, self._calendar) for one in mine]
        found = money_is_allocated_in_time(due, now=subject.now)
        verdicts = [
            verdict(
                UNALLOCATED_MONEY,
                about,
                month,
                breaches,
                competent=subject.competent,
                causes=subject.causes,
            )
            for month, breaches in found.items()
            if subject.windows.judged(month)
        ]
        return Assessment(verdicts, look_again_on(due, now=subject.now))


def due_of(deposit: Waiting, calendar: WorkingDays) -> Due:
    """Return until when a deposit should stand under a contract, from the day it was paid."""
    deadline = calendar.deadline(city_date(deposit.occurred_at), days=ALLOCATION_WORKING_DAYS)
    return Due(deposit, deadline.at, deadline.provisional)

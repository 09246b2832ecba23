"""Judge institutions by the mode of supervision that they have filed and that is confirmed."""

from collections.abc import Sequence

from services.fund_monitor.app.judging.assessor import Assessment, Subject, verdicts_by_month
from services.fund_monitor.domain.contracts.contract import TrainingContract
from services.fund_monitor.domain.custody.custody import Filing
from services.fund_monitor.domain.custody.supervision import ModeHistory, deposit_accounts
from services.fund_monitor.domain.rules.fee_collections import planned
from services.fund_monitor.domain.rules.post_paid import (
    POST_PAID_PREPAYMENT,
    post_paid_institution_takes_nothing_in_advance,
)
from services.fund_monitor.domain.rules.risk_deposit import (
    DEPOSIT_MODES,
    RISK_DEPOSIT,
    deposit_covers_a_cycle,
    deposit_positions,
    look_again_on,
)
from services.fund_monitor.store.contracts.contracts import ContractStore
from services.fund_monitor.store.custody.filings import FilingStore
from services.fund_monitor.store.ledger.positions import PositionStore
from shared.alerts.model import About, Verdict
from shared.mongo import Session


class SupervisionAssessor:
    """Looks at who is paid after the lessons or keeps a deposit; of others, at what they filed."""

    rules = (POST_PAID_PREPAYMENT, RISK_DEPOSIT)

    def __init__(
        self, positions: PositionStore, filings: FilingStore, contracts: ContractStore
    ) -> None:
        self._positions = positions
        self._filings = filings
        self._contracts = contracts

    async def assess(self, subjects: Sequence[Subject], session: Session) -> list[Assessment]:
        """Judge registered institutions; few have filed another mode than custody."""
        owners = [each.about.id for each in subjects if each.about is not None]
        filings = await self._filings.of_institutions(owners, session=session)
        return [
            Assessment()
            if each.about is None
            else await self._one(each, each.about, filings[each.about.id], session)
            for each in subjects
        ]

    async def _one(
        self, subject: Subject, about: About, filings: Sequence[Filing], session: Session
    ) -> Assessment:
        modes = ModeHistory.of(filings)
        if modes.first_day_of("post_paid", *DEPOSIT_MODES) is None:
            return Assessment()
        contracts = await self._contracts.of_institution(about.id, session=session)
        found = await self._paid_after(subject, about, modes, contracts, session)
        # An account that no bank has told of is not an empty one.
        accounts = sorted(deposit_accounts(filings) & subject.accounts.keys())
        if not accounts:
            return Assessment(found)
        totals = await self._positions.day_totals(accounts, session=session)
        changes = [total for some in totals.values() for total in some]
        payments, today = planned(contracts), subject.windows.today
        short = deposit_covers_a_cycle(deposit_positions(modes, changes, payments, today=today))
        found += verdicts_by_month(subject, RISK_DEPOSIT, about, short)
        goes_on = modes.on(today) in DEPOSIT_MODES
        return Assessment(found, look_again_on(payments, today=today) if goes_on else None)

    async def _paid_after(
        self,
        subject: Subject,
        about: About,
        modes: ModeHistory,
        contracts: Sequence[TrainingContract],
        session: Session,
    ) -> list[Verdict]:
        exempt_from = modes.first_day_of("post_paid")
        if exempt_from is None:
            return []
        since = max(subject.windows.since, exempt_from)
        paid = await self._positions.paid(subject.custody_accounts, since, session=session)
        by_number = {one.contract_no: one for one in contracts}
        found = post_paid_institution_takes_nothing_in_advance(modes, paid, by_number)
        return verdicts_by_month(subject, POST_PAID_PREPAYMENT, about, found)

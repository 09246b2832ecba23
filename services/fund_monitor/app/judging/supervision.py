"""Judge institutions by the mode of supervision that they have filed and that is confirmed."""

from collections.abc import Sequence

from services.fund_monitor.app.judging.assessor import Assessment, Subject, verdicts_by_month
from services.fund_monitor.domain.rules.post_paid import (
    POST_PAID_PREPAYMENT,
    post_paid_institution_takes_nothing_in_advance,
)
from services.fund_monitor.domain.supervision import ModeHistory
from services.fund_monitor.store.contracts import ContractStore
from services.fund_monitor.store.filings import FilingStore
from services.fund_monitor.store.positions import PositionStore
from shared.alerts.model import About, Verdict
from shared.mongo import Session


class SupervisionAssessor:
    """Looks at those that are paid after the lessons; of all others, at what they have filed."""

    rules = (POST_PAID_PREPAYMENT,)

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
            else await self._one(each, each.about, ModeHistory.of(filings[each.about.id]), session)
            for each in subjects
        ]

    async def _one(
        self, subject: Subject, about: About, modes: ModeHistory, session: Session
    ) -> Assessment:
        return Assessment(await self._paid_after(subject, about, modes, session))

    async def _paid_after(
        self, subject: Subject, about: About, modes: ModeHistory, session: Session
    ) -> list[Verdict]:
        exempt_from = modes.first_day_of("post_paid")
        if exempt_from is None:
            return []
        since = max(subject.windows.since, exempt_from)
        paid = await self._positions.paid(subject.custody_accounts, since, session=session)
        contracts = {
            one.contract_no: one
            for one in await self._contracts.of_institution(about.id, session=session)
        }
        found = post_paid_institution_takes_nothing_in_advance(modes, paid, contracts)
        return verdicts_by_month(subject, POST_PAID_PREPAYMENT, about, found)

"""Judge money that comes in for an institution which may not take any."""

from collections.abc import Sequence

from services.fund_monitor.app.judging.assessor import (
    Assessment,
    Subject,
    about_account,
    in_force,
    verdict,
)
from services.fund_monitor.domain.rules.unregistered_money import (
    UNREGISTERED_MONEY,
    money_is_for_a_registered_institution,
)
from services.fund_monitor.store.ledger.positions import PositionStore
from shared.alerts.model import Verdict
from shared.mongo import Session


class UnregisteredMoneyAssessor:
    """Looks at the inflows of each account while nobody, or nobody any more, is registered."""

    rules = (UNREGISTERED_MONEY,)

    def __init__(self, positions: PositionStore) -> None:
        self._positions = positions

    async def assess(self, subjects: Sequence[Subject], session: Session) -> list[Assessment]:
        """Judge every account for itself; few institutions are unknown, so one after another."""
        return [await self._institution(subject, session) for subject in subjects]

    async def _institution(self, subject: Subject, session: Session) -> Assessment:
        registration = subject.registration
        if registration is not None and registration.revoked_on is None:
            return Assessment()
        verdicts = []
        for account in sorted(subject.accounts):
            verdicts += await self._account(subject, account, session)
        return Assessment(verdicts)

    async def _account(self, subject: Subject, account: str, session: Session) -> list[Verdict]:
        inflows = [
            inflow
            for inflow in await self._positions.inflows(
                account, subject.windows.since, session=session
            )
            if in_force(UNREGISTERED_MONEY, inflow.occurred_at)
        ]
        found = {
            month: money_is_for_a_registered_institution(subject.registration, inflows, month=month)
            for month in subject.windows.of(inflow.occurred_at for inflow in inflows)
        }
        return [
            verdict(
                UNREGISTERED_MONEY,
                about_account(account),
                month,
                breaches,
                competent=subject.competent,
                causes=subject.causes,
            )
            for month, breaches in found.items()
            if breaches
        ]

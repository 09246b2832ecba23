"""Judge what was collected at once, by what the bank's events tell of lessons and periods."""

from services.fund_monitor.app.judging.assessor import Assessment, Subject, in_force, verdict
from services.fund_monitor.domain.rules.over_collection import OVER_COLLECTION, over_collection
from services.fund_monitor.store.positions import PositionStore
from shared.mongo import Session


class OverCollectionAssessor:
    """Looks at the payments, releases and refunds of every pupil of an institution."""

    rules = (OVER_COLLECTION,)

    def __init__(self, positions: PositionStore) -> None:
        self._positions = positions

    async def assess(self, subject: Subject, session: Session) -> Assessment:
        """Judge a registered institution over all its accounts together."""
        about = subject.about
        if about is None:
            return Assessment()
        orders = [
            order
            for order in await self._positions.orders(sorted(subject.accounts), session=session)
            if in_force(OVER_COLLECTION, order.occurred_at)
        ]
        found = {
            month: over_collection(orders, month=month)
            for month in subject.windows.of(order.occurred_at for order in orders)
        }
        return Assessment(
            [
                verdict(
                    OVER_COLLECTION,
                    about,
                    month,
                    breaches,
                    competent=subject.competent,
                    causes=subject.causes,
                )
                for month, breaches in found.items()
                if breaches
            ]
        )

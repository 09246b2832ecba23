"""Judge a bank that sends other bodies under identities it has used."""

from collections.abc import Sequence

from services.fund_monitor.app.judging.assessor import Assessment, BankSubject, verdict
from services.fund_monitor.domain.rules.breach import Breach
from services.fund_monitor.domain.rules.unregistered_money import IDENTITY_CONFLICT
from services.fund_monitor.store.positions import PositionStore
from shared.mongo import Session


class IdentityConflictAssessor:
    """Looks at the recorded conflicts of a bank."""

    rules = (IDENTITY_CONFLICT,)

    def __init__(self, positions: PositionStore) -> None:
        self._positions = positions

    async def assess(self, subjects: Sequence[BankSubject], session: Session) -> list[Assessment]:
        """Judge every month that has conflicts."""
        return [await self._bank(subject, session) for subject in subjects]

    async def _bank(self, subject: BankSubject, session: Session) -> Assessment:
        conflicts = await self._positions.conflicts(subject.code, session=session)
        return Assessment(
            [
                verdict(
                    IDENTITY_CONFLICT,
                    subject.about,
                    month,
                    [_conflict(identities)],
                    competent=None,
                    causes=subject.causes,
                )
                for month, identities in conflicts.items()
                if subject.windows.judged(month)
            ]
        )


def _conflict(identities: list[str]) -> Breach:
    message = f"本月有{len(identities)}个事件以已用过的交易标识报送了不同内容，均未入账"
    return Breach("yellow", message, tuple(sorted(identities)), {"conflicts": len(identities)})

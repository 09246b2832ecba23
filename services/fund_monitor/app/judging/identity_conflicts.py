"""Judge a bank that sends other bodies, or other files, under identities it has used."""

from collections.abc import Sequence
from typing import Final

from services.fund_monitor.app.judging.assessor import Assessment, BankSubject, verdict
from services.fund_monitor.domain.rules.breach import Breach
from services.fund_monitor.domain.rules.unregistered_money import IDENTITY_CONFLICT
from services.fund_monitor.store.ledger.positions import PositionStore
from shared.mongo import Session

_MOST_NAMED: Final = 5


class IdentityConflictAssessor:
    """Looks at the recorded conflicts of a bank: of events, and of dropped files."""

    rules = (IDENTITY_CONFLICT,)

    def __init__(self, positions: PositionStore) -> None:
        self._positions = positions

    async def assess(self, subjects: Sequence[BankSubject], session: Session) -> list[Assessment]:
        """Judge every month that has conflicts."""
        return [await self._bank(subject, session) for subject in subjects]

    async def _bank(self, subject: BankSubject, session: Session) -> Assessment:
        events = await self._positions.conflicts(subject.code, session=session)
        files = await self._positions.file_conflicts(subject.code, session=session)
        found = {
            month: [
                *([_events(events[month])] if month in events else []),
                *([_files(files[month])] if month in files else []),
            ]
            for month in sorted({*events, *files})
            if subject.windows.judged(month)
        }
        return Assessment(
            [
                verdict(
                    IDENTITY_CONFLICT,
                    subject.about,
                    month,
                    breaches,
                    competent=None,
                    causes=subject.causes,
                )
                for month, breaches in found.items()
            ]
        )


def _events(identities: list[str]) -> Breach:
    message = f"本月有{len(identities)}个事件以已用过的交易标识报送了不同内容，均未入账"
    return Breach("yellow", message, tuple(sorted(identities)), {"conflicts": len(identities)})


def _files(names: list[str]) -> Breach:
    some = "、".join(names[:_MOST_NAMED]) + ("等" if len(names) > _MOST_NAMED else "")
    message = f"本月有{len(names)}个文件以已用过的顺序号投递了不同内容，均未接收：{some}"
    return Breach("yellow", message, (), {"file_conflicts": len(names)})

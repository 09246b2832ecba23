"""Money that came without a contract, and its allocation to one: whole, by hand, in the journal."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from services.fund_monitor.domain.ledger.booking import TOLD
from services.fund_monitor.domain.ledger.chart import BookCode
from services.fund_monitor.domain.ledger.journal import JournalEntry, Move
from services.fund_monitor.domain.ledger.posting import Event, moves_of
from shared.errors import Conflict

PREPAID: Final[dict[BookCode, BookCode]] = {
    "unallocated.lessons": "prepaid.lessons",
    "unallocated.other": "prepaid.other",
}


_EVENT: Final = "allocation:"


def deposit_of(event: str) -> str:
    """Return the deposit that an allocation's journal entry is about."""
    return event.removeprefix(_EVENT)


class AlreadyAllocated(Conflict):
    """The deposit was allocated to another contract before."""

    code: ClassVar[str] = "already-allocated"
    title: ClassVar[str] = "该笔收款已认领到其他合同"


class NothingToAllocate(Conflict):
    """The deposit waits for no contract: it names one itself, was reversed, or was not posted."""

    code: ClassVar[str] = "nothing-to-allocate"
    title: ClassVar[str] = "该笔收款不在待认领之列"


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """One deposit given to one contract.

    ``turns`` counts its journal entries: a reversal of the deposit takes the allocation back, and
    it stands again when that reversal falls.
    """

    deposit: str
    account: str
    book: BookCode
    amount_fen: int
    contract_no: str
    pupil: str
    told: Mapping[str, object]
    reason: str
    allocated_at: datetime
    turns: int = 0

    @property
    def stands(self) -> bool:
        return self.turns % 2 == 1

    def entry(self) -> JournalEntry:
        """Return the journal entry of its next turn."""
        return JournalEntry(
            event=f"{_EVENT}{self.deposit}",
            account=self.account,
            type="allocation",
            occurred_at=self.allocated_at,
            moves=(Move(self.book, PREPAID[self.book], self.amount_fen),),
            turn=self.turns,
            contract_no=self.contract_no,
            pupil=self.pupil,
            told=self.told,
        )


def waits_for_a_contract(event: Event) -> bool:
    """Tell whether a posted event brings money that no contract is known of."""
    return event.type == "deposit" and event.contract_no is None


def allocated(
    deposit: Event, body: Mapping[str, object], *, to: str, why: str, now: datetime
) -> Allocation:
    """Return the allocation of a deposit; its lessons and its period go with the money."""
    return Allocation(
        deposit=deposit.identity,
        account=deposit.account,
        book=moves_of(deposit)[0].credit,
        amount_fen=deposit.amount_fen,
        contract_no=to,
        pupil=str(body.get("student_ref") or to),
        told={name: body[name] for name in TOLD if name in body},
        reason=why,
        allocated_at=now,
    )

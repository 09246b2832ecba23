"""Which journal entry a bank's event makes."""

from collections.abc import Mapping
from typing import Final

from services.fund_monitor.domain.ledger.journal import JournalEntry
from services.fund_monitor.domain.ledger.posting import Event, moves_of

TOLD: Final = ("lessons", "period_from", "period_until")


def entry_of(
    event: Event,
    body: Mapping[str, object],
    *,
    turn: int,
    original: tuple[Event, Mapping[str, object]] | None = None,
) -> JournalEntry | None:
    """Return the entry an event makes in its turn; ``None`` when it moves no money.

    A reversal speaks of its original's contract, pupil and lessons, whatever it says itself.
    """
    moves = moves_of(event, None if original is None else original[0])
    if not moves:
        return None
    source = body if original is None else original[1]
    contract_no, student_ref = source.get("contract_no"), source.get("student_ref")
    pupil = student_ref or contract_no
    return JournalEntry(
        event=event.identity,
        account=event.account,
        type=event.type,
        occurred_at=event.occurred_at,
        moves=moves,
        turn=turn,
        contract_no=None if contract_no is None else str(contract_no),
        pupil=None if pupil is None else str(pupil),
        reverses=event.reverses,
        reversed_type=None if original is None else original[0].type,
        told={name: source[name] for name in TOLD if name in source},
    )

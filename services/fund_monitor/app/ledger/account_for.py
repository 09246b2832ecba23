"""Account for messages of the intake: which of their events have left no trace in the store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from services.fund_monitor.domain.banks.identity import identity_of
from services.fund_monitor.domain.ledger.trace import Trace
from services.fund_monitor.store.ledger.traces import TraceStore
from shared.contracts.bank import BankBatch, batches_in


@dataclass(frozen=True, slots=True)
class Account:
    """What one message tells, and what of it the store does not have; all, if unreadable."""

    told: tuple[Trace, ...]
    missing: tuple[Trace, ...]
    readable: bool = True

    @property
    def complete(self) -> bool:
        return self.readable and not self.missing


async def account_for(messages: Mapping[int, bytes], *, traces: TraceStore) -> dict[int, Account]:
    """Account for messages by their sequence; one set aside whole is complete as it is."""
    told = {sequence: told_by(body) for sequence, body in messages.items()}
    kept = await traces.kept([trace for each in told.values() for trace in each or ()])
    accounts = {sequence: _account(each, kept) for sequence, each in told.items()}
    open_ones = [sequence for sequence, account in accounts.items() if not account.complete]
    for sequence in await traces.dead(open_ones):
        accounts[sequence] = Account(accounts[sequence].told, ())
    return accounts


def told_by(body: bytes) -> tuple[Trace, ...] | None:
    """Return the events that a message tells of; ``None`` when it cannot be read."""
    try:
        return tuple(trace for batch in batches_in(body) for trace in _told_by(batch))
    except (ValidationError, KeyError):
        return None


def _told_by(batch: BankBatch) -> list[Trace]:
    events = [Trace("event", _identity(batch, one.event), one.digest) for one in batch.events]
    return events + [Trace("refused", batch.bank, one.digest) for one in batch.refused]


def _identity(batch: BankBatch, event: Mapping[str, object]) -> str:
    return identity_of(batch.bank, event, declared=batch.identity_fields)


def _account(told: Sequence[Trace] | None, kept: set[Trace]) -> Account:
    if told is None:
        return Account((), (), readable=False)
    return Account(tuple(told), tuple(trace for trace in told if trace not in kept))

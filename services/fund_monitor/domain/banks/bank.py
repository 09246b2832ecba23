"""A bank that sends fund events."""

from dataclasses import dataclass, field
from datetime import date

from services.fund_monitor.domain.banks.admission import BankState
from services.fund_monitor.domain.banks.bank_access import BankAccess
from shared.senders.model import Secret


@dataclass(frozen=True, slots=True)
class Bank:
    """A bank as the door knows it, with its secrets, the newest first."""

    code: str
    name: str
    identity_fields: tuple[str, ...]
    secrets: tuple[Secret, ...] = ()
    has_sent: bool = False
    state: BankState = "live"
    last_sent_on: date | None = None
    access: BankAccess = field(default_factory=BankAccess)

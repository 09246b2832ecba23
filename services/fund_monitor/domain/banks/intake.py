"""A bank's accepted event on its way from the door to the ledger."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from services.fund_monitor.domain.ledger.posting import SLOTS, Event


@dataclass(frozen=True, slots=True)
class Received:
    """One accepted event: what posting needs of it, its body and its digest."""

    event: Event
    bank: str
    serial_no: str
    digest: str
    body: Mapping[str, object]
    webhook_id: str
    received_at: datetime
    trace: str | None = None

    @property
    def slot(self) -> str | None:
        return self.event.type if self.event.type in SLOTS else None


@dataclass(frozen=True, slots=True)
class Refused:
    """One event that the door refused, as staff see it."""

    bank: str
    digest: str
    problems: tuple[Mapping[str, str], ...]
    known: Mapping[str, object]
    unknown_fields: tuple[str, ...]
    received_at: datetime

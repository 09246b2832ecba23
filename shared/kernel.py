"""What every service's application stands on, handed to it whole: one value instead of many."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from shared.access.revocation import REVOCATION_INDEXES
from shared.access.throttle import Rates
from shared.access.tokens import Verifier
from shared.alerts.indexes import ALERT_INDEXES
from shared.audit.log import AUDIT_INDEXES, AuditLog
from shared.clock import Clock
from shared.dead_letters import DEAD_LETTER_INDEXES
from shared.health import Check
from shared.idempotency import IDEMPOTENCY_INDEXES
from shared.in_hand import Bounds
from shared.mongo import Database
from shared.notify.carriers import Ways
from shared.notify.deliveries import DELIVERY_INDEXES
from shared.notify.jobs import NOTIFICATION_INDEXES
from shared.origin import Network
from shared.outbox import OUTBOX_INDEXES
from shared.sealing import Sealer
from shared.telemetry.sight import Sight
from shared.timers import TIMER_INDEXES
from shared.working_days import WorkingDays

KERNEL_INDEXES: Final = {
    **ALERT_INDEXES,
    **AUDIT_INDEXES,
    **DEAD_LETTER_INDEXES,
    **DELIVERY_INDEXES,
    **IDEMPOTENCY_INDEXES,
    **NOTIFICATION_INDEXES,
    **OUTBOX_INDEXES,
    **REVOCATION_INDEXES,
    **TIMER_INDEXES,
}
"""Indexes of the collections that every service has; a service adds its own."""


def _nobody_waits() -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kernel:
    """One service's own database, its clock, who vouches for callers, and what must answer."""

    service: str
    db: Database
    verifier: Verifier
    clock: Clock
    audit: AuditLog
    calendar: WorkingDays = field(default_factory=WorkingDays)
    sealer: Sealer = field(default_factory=Sealer.unkept)
    """Keeps secrets of receivers; the one of a running service has its key from a file."""
    ways: Ways = field(default_factory=Ways)
    """How far notifications go."""
    trusted_proxies: tuple[Network, ...] = ()
    """Whose word is taken for where a request came from."""
    committed: Callable[[], None] = _nobody_waits
    """Called after a commit that left something in the outbox."""
    checks: dict[str, Check] = field(default_factory=dict)
    rates: Rates = field(default_factory=Rates)
    bounds: Bounds = field(default_factory=Bounds)
    sight: Sight = field(default_factory=Sight)

"""What the use cases of ads_watch stand on."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from services.ads_watch.store.leads import LeadStore
from services.ads_watch.store.sightings import SightingStore
from shared.alerts.store import AlertStore
from shared.audit.log import AuditLog
from shared.mongo import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The stores of one service, its clock, and whom to wake after a commit."""

    db: Database
    sightings: SightingStore
    leads: LeadStore
    alerts: AlertStore
    audit: AuditLog
    now: Callable[[], datetime]
    committed: Callable[[], None]

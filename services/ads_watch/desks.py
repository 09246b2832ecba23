"""What the routes and use cases of ads_watch work on: one desk for all of them."""

from services.ads_watch.app.desk import Desk
from services.ads_watch.store.leads import LeadStore
from services.ads_watch.store.sightings import SightingStore
from shared.alerts.loops import alert_store
from shared.kernel import Kernel


def desk_of(kernel: Kernel) -> Desk:
    """Return what the use cases stand on."""
    return Desk(
        db=kernel.db,
        sightings=SightingStore(kernel.db),
        leads=LeadStore(kernel.db),
        alerts=alert_store(kernel),
        audit=kernel.audit,
        now=kernel.clock.now,
        committed=kernel.committed,
    )

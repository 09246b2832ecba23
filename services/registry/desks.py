"""What the routes and use cases of registry work on, each desk put together once."""

from collections.abc import Sequence

from services.registry.api.deps import Rooms
from services.registry.app.take_unapproved_sites import SiteDesk
from services.registry.domain.stops import Stop
from services.registry.store.institutions import InstitutionStore
from services.registry.store.unapproved_sites import UnapprovedSiteStore
from shared.alerts.loops import alert_store
from shared.kernel import Kernel


def rooms_of(kernel: Kernel, *, stops: Sequence[Stop]) -> Rooms:
    """Return what the routes may ask for."""
    return Rooms(
        institutions=InstitutionStore(kernel.db, kernel.audit),
        stops=tuple(stops),
        now=kernel.clock.now,
        committed=kernel.committed,
    )


def site_desk(kernel: Kernel) -> SiteDesk:
    """Return what sessions at unapproved places are taken with."""
    return SiteDesk(
        db=kernel.db,
        institutions=InstitutionStore(kernel.db, kernel.audit),
        told=UnapprovedSiteStore(kernel.db),
        alerts=alert_store(kernel),
    )

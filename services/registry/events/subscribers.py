"""What registry listens to: sessions that were held where the register supports none."""

from collections.abc import Callable
from datetime import datetime

from faststream.nats import NatsRouter

from services.registry.app.take_unapproved_sites import SiteDesk, take_unapproved_sites
from services.registry.domain.unapproved_site import Place, UnapprovedSites
from shared.contracts.base import CloudEvent
from shared.contracts.schedule import UNAPPROVED_SITE, UnapprovedSite
from shared.dead_letters import DeadLetters
from shared.messaging.subscribe import subscribe
from shared.messaging.topology import UNAPPROVED_SITE_READER


def unapproved_site_router(
    desk: SiteDesk | None, now: Callable[[], datetime] | None, dead_letters: DeadLetters | None
) -> NatsRouter:
    """Return the subscriber of doubted places; without its desk it only shows in documents."""
    router = NatsRouter()

    async def on_unapproved_site(event: CloudEvent[UnapprovedSite]) -> None:
        """schedule_monitor says where an institution held sessions that it may not hold there."""
        assert desk is not None  # noqa: S101 - a router that runs has its desk
        assert now is not None  # noqa: S101 - as above
        told = event.data
        sites = UnapprovedSites(
            institution_id=told.institution_id,
            month=told.month,
            version=told.version,
            places=[Place(**place.model_dump()) for place in told.places],
        )
        cause = f"unapproved-site:{told.institution_id}/{told.month}:v{told.version}"
        await take_unapproved_sites(sites, cause=cause, desk=desk, now=now())

    subscribe(
        router,
        UNAPPROVED_SITE,
        durable=UNAPPROVED_SITE_READER,
        user="registry",
        handle=on_unapproved_site,
        dead_letters=dead_letters,
    )
    return router

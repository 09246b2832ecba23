"""Add a teaching platform, with a signing secret that is shown once."""

from dataclasses import replace

from services.schedule_monitor.domain.platform import Platform
from services.schedule_monitor.store.platforms import PlatformStore
from shared.audit.log import Who
from shared.mongo import Session
from shared.sealing import Sealer
from shared.senders.signing import new_signing_secret, sealed_secret


async def add_platform(
    platform: Platform, *, platforms: PlatformStore, sealer: Sealer, who: Who, session: Session
) -> str:
    """Add a platform in the caller's transaction and return its signing secret."""
    secret = new_signing_secret()
    made = replace(platform, secrets=(sealed_secret(secret, sealer),))
    await platforms.add(made, who=who, session=session)
    return secret

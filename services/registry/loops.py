"""What registry does in the background, each loop put together once."""

from services.registry.desks import site_desk
from services.registry.events.subscribers import unapproved_site_router
from services.registry.settings import RegistrySettings
from shared.messaging.subscribe import hear
from shared.process import Loop
from shared.wiring import Wires


def worker_loops(wires: Wires, settings: RegistrySettings) -> list[Loop]:
    """Return what works beside the relay: hearing where sessions were held."""
    kernel = wires.kernel

    async def hearing() -> None:
        await hear(
            [unapproved_site_router(site_desk(kernel), kernel.clock.now, wires.dead_letters)],
            url=settings.nats_url,
            user=kernel.service,
            seed_file=settings.nats_seed_file,
            tracer=kernel.sight.tracer,
        )

    return [hearing]

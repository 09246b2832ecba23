"""How ads_watch starts: what is wired and run, in this order."""

from services.ads_watch.application import SERVICE, application
from services.ads_watch.loops import worker_loops
from services.ads_watch.settings import AdsWatchSettings
from services.ads_watch.store.indexes import INDEXES
from shared.starting import Role, run_wired, start
from shared.wiring import wired


async def main(settings: AdsWatchSettings, role: Role) -> None:
    """Run the service: its HTTP side, its relay, or both."""
    async with wired(settings, service=SERVICE, indexes=INDEXES) as wires:
        loops = [] if role == "serve" else worker_loops(wires)
        app = application(wires.kernel)
        await run_wired(wires, settings, role, app=app, loops=loops)


if __name__ == "__main__":
    start(SERVICE, AdsWatchSettings, main)

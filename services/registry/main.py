"""How registry starts: what is wired, brought up to date and run, in this order."""

from services.registry.application import SERVICE, application
from services.registry.domain.stops import switched
from services.registry.loops import worker_loops
from services.registry.settings import RegistrySettings
from services.registry.store.indexes import INDEXES
from services.registry.store.migrations.m0001_history_begins import begin_history
from shared.starting import Role, run_wired, start
from shared.wiring import wired


async def main(settings: RegistrySettings, role: Role) -> None:
    """Run the service: its HTTP side, its relay, or both."""
    async with wired(settings, service=SERVICE, indexes=INDEXES) as wires:
        await begin_history(wires.kernel.db)
        app = application(wires.kernel, stops=switched(settings.stop_periods))
        loops = [] if role == "serve" else worker_loops(wires, settings)
        await run_wired(wires, settings, role, app=app, loops=loops)


if __name__ == "__main__":
    start(SERVICE, RegistrySettings, main)

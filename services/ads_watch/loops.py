"""What ads_watch does in the background, each loop put together once."""

from services.ads_watch.desks import desk_of
from services.ads_watch.events.answers import answers_loop
from shared.process import Loop
from shared.wiring import Wires


def worker_loops(wires: Wires) -> list[Loop]:
    """Return what reads the departments' answers; the service is not ready while it cannot."""
    loop = answers_loop(
        wires.js,
        desk=desk_of(wires.kernel),
        dead_letters=wires.dead_letters,
        tracer=wires.kernel.sight.tracer,
    )

    async def answers_reach_the_store() -> None:
        if loop.out_of_reach is not None:
            raise TimeoutError(loop.out_of_reach)

    wires.kernel.checks["answers"] = answers_reach_the_store
    return [loop.run]

"""What every service does in the background, whatever its own loops do."""

from collections.abc import Sequence

from fastapi import FastAPI

from shared.alerts.loops import AlertTimers
from shared.audit.loops import AnchorTimers, audit_loops
from shared.calendar_years import calendar_router
from shared.health import Check, report_ready
from shared.kernel import Kernel
from shared.messaging.subscribe import hear
from shared.messaging.topology import calendar_consumer, consumers_of
from shared.notify.carriers import carriers_of
from shared.notify.deliveries import Deliveries
from shared.notify.notifier import Notifier
from shared.process import Loop
from shared.replay.replayer import Replayer
from shared.settings import ServiceSettings
from shared.telemetry.page import report_figures
from shared.timers import Timed, Timers
from shared.wiring import Wires


def kernel_loops(
    wires: Wires, settings: ServiceSettings, *, timed: Sequence[Timed] = ()
) -> list[Loop]:
    """Return what works in every service: relay, audit chain, timers, notifications, replays.

    ``timed`` are the service's own jobs that fall due.
    """
    kernel = wires.kernel
    auditing = audit_loops(
        kernel,
        dead_letters=wires.dead_letters,
        nats_url=settings.nats_url,
        seed_file=settings.nats_seed_file,
    )
    carriers = carriers_of(kernel.ways, service=kernel.service, sealer=kernel.sealer)
    return [
        wires.relay.run,
        *auditing,
        timer_loop(kernel, timed),
        Notifier(Deliveries(kernel.db), carriers).run,
        Replayer(kernel.db, wires.dead_letters).run,
        *_calendar_loop(wires, settings),
    ]


def _calendar_loop(wires: Wires, settings: ServiceSettings) -> list[Loop]:
    """Return what hears of calendar years, where the service is not the one that tells them."""
    kernel = wires.kernel
    if calendar_consumer(kernel.service) not in {it.name for it in consumers_of(kernel.service)}:
        return []

    async def hearing() -> None:
        await hear(
            [calendar_router(kernel.service, kernel.db, wires.dead_letters)],
            url=settings.nats_url,
            user=kernel.service,
            seed_file=settings.nats_seed_file,
            tracer=kernel.sight.tracer,
        )

    return [hearing]


def timer_loop(kernel: Kernel, timed: Sequence[Timed] = ()) -> Loop:
    """Return the one loop that does what falls due: clocks of alerts, anchors, a service's own."""
    parts: tuple[Timed, ...] = (AlertTimers(kernel), AnchorTimers(kernel), *timed)
    handlers = {kind: handler for part in parts for kind, handler in part.handlers.items()}
    timers = Timers(kernel.db, clock=kernel.clock, calendar=kernel.calendar, handlers=handlers)

    async def timing() -> None:
        for part in parts:
            await part.begin()
        await timers.run()

    return timing


def ready_loop(settings: ServiceSettings, checks: dict[str, Check]) -> list[Loop]:
    """Return the loop that shows readiness in a file, where one is asked for."""
    path = settings.ready_file
    return [] if path is None else [lambda: report_ready(path, checks)]


def figures_loop(settings: ServiceSettings, app: FastAPI) -> list[Loop]:
    """Return the loop that leaves the figures in a file, where one is asked for."""
    path, page = settings.metrics_file, app.state.figures
    return [] if path is None else [lambda: report_figures(path, page.text)]

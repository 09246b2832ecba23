"""How fund_monitor starts: what is wired, brought up to date and run, in this order."""

from services.fund_monitor.app.sight import FundSight
from services.fund_monitor.application import SERVICE, application
from services.fund_monitor.events.intake import intake_waiting
from services.fund_monitor.loops import timers_of, worker_loops
from services.fund_monitor.settings import FundMonitorSettings
from services.fund_monitor.store.figures import fund_looks
from services.fund_monitor.store.indexes import INDEXES
from services.fund_monitor.store.migrations.m0001_immutable_journal import write_journal_anew
from services.fund_monitor.store.migrations.m0002_counted_accounts import count_accounts
from services.fund_monitor.store.migrations.m0003_days_by_month import put_days_together
from services.fund_monitor.store.migrations.m0004_counted_lessons import count_lessons
from services.fund_monitor.store.migrations.m0005_told_differences import tell_differences
from shared.contracts.bank import several
from shared.messaging.bundling import Bundling
from shared.messaging.publish import Publisher
from shared.messaging.topology import BANK_INTAKE
from shared.starting import Role, run_wired, start
from shared.wiring import wired


async def main(settings: FundMonitorSettings, role: Role) -> None:
    """Run the door and the inbox, the workers, or both."""
    async with wired(settings, service=SERVICE, indexes=INDEXES) as wires:
        kernel = wires.kernel
        await write_journal_anew(kernel.db)
        await count_accounts(kernel.db)
        await put_days_together(kernel.db)
        await count_lessons(kernel.db)
        await tell_differences(kernel.db)
        seen = FundSight(kernel.sight)
        kernel.sight.looks.update(fund_looks(kernel.sight.registry, kernel.db))
        loops = [] if role == "serve" else worker_loops(wires, settings, seen)
        publisher = Publisher(wires.js, stream=BANK_INTAKE.name, tracer=seen.tracer)
        app = application(
            kernel,
            bus=Bundling(publisher, join=several),
            waiting=lambda: intake_waiting(wires.js),
            seen=seen,
            sandbox=settings.sandbox,
        )
        await run_wired(wires, settings, role, app=app, loops=loops, timed=timers_of(kernel))


if __name__ == "__main__":
    start(SERVICE, FundMonitorSettings, main)

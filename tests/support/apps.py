"""The four services' HTTP sides over one real MongoDB, without the bus and without processes."""

from typing import cast

from fastapi import FastAPI

from services.ads_watch import application as ads_watch
from services.ads_watch.store.indexes import INDEXES as ADS_INDEXES
from services.fund_monitor import application as fund_monitor
from services.fund_monitor.store.indexes import INDEXES as FUND_INDEXES
from services.registry import application as registry
from services.registry.store.indexes import INDEXES as REGISTRY_INDEXES
from services.schedule_monitor import application as schedule_monitor
from shared.access.throttle import Rates
from shared.access.tokens import Verifier
from shared.clock import Clock
from shared.kernel import KERNEL_INDEXES, Kernel
from shared.messaging.publish import Publisher
from shared.mongo import Database, ensure_indexes
from tests.support.audit import audit_log
from tests.support.rates import UNLIMITED


async def applications(
    db: Database, access: Verifier, *, rates: Rates = UNLIMITED
) -> dict[str, FastAPI]:
    """Return every service's application; their collections lie in one database."""
    await ensure_indexes(db, {**KERNEL_INDEXES, **ADS_INDEXES, **FUND_INDEXES, **REGISTRY_INDEXES})

    def kernel(service: str) -> Kernel:
        return Kernel(
            service=service,
            db=db,
            verifier=access,
            clock=Clock(),
            audit=audit_log(db),
            rates=rates,
        )

    async def nothing_waits() -> int:
        return 0

    return {
        "registry": registry.application(kernel("registry")),
        "schedule_monitor": schedule_monitor.application(kernel("schedule_monitor")),
        "fund_monitor": fund_monitor.application(
            kernel("fund_monitor"),
            # What the door publishes is tested with a real bus, in the door's own tests.
            bus=cast("Publisher", None),
            waiting=nothing_waits,
        ),
        "ads_watch": ads_watch.application(kernel("ads_watch")),
    }

"""Notifications over a real store, with a receiver and the kernel they stand on."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from shared.access.tokens import Verifier
from shared.clock import Clock
from shared.kernel import KERNEL_INDEXES, Kernel
from shared.mongo import Database, ensure_indexes, transact
from shared.notify.carriers import Ways
from shared.notify.jobs import Notification, enqueue
from tests.support.audit import audit_log
from tests.support.rates import UNLIMITED
from tests.support.receiver import LOOPBACK, Receiver, receiver


@pytest.fixture
async def hook() -> AsyncIterator[Receiver]:
    async with receiver() as taking:
        yield taking


@pytest.fixture
async def kernel(database: Database, access: Verifier) -> Kernel:
    await ensure_indexes(database, KERNEL_INDEXES)
    return Kernel(
        service="registry",
        db=database,
        verifier=access,
        clock=Clock(),
        audit=audit_log(database),
        rates=UNLIMITED,
        ways=Ways(addresses=LOOPBACK),
    )


@pytest.fixture
def tell(kernel: Kernel) -> Callable[..., Awaitable[None]]:
    """Leave notifications to the notifier."""

    async def tell(*departments: str, title: str = "红色预警") -> None:
        made = [
            Notification(
                department=department,
                kind="red_alert",
                title=title,
                text="某机构的资金低于下限，请尽快处理。",
                data={"alert": "a1", "version": 3},
            )
            for department in departments
        ]
        await transact(kernel.db, lambda session: enqueue(kernel.db, made, session=session))

    return tell

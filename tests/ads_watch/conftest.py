"""The HTTP side of ads_watch over a real MongoDB."""

from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from services.ads_watch.application import application
from services.ads_watch.desks import desk_of
from services.ads_watch.store.indexes import INDEXES
from shared.access.tokens import Verifier
from shared.clock import Clock
from shared.kernel import KERNEL_INDEXES, Kernel
from shared.mongo import Database, ensure_indexes
from tests.support.audit import audit_log
from tests.support.rates import UNLIMITED


@pytest.fixture
async def db(database: Database) -> Database:
    """Return a fresh database as ads_watch finds it after its start."""
    await ensure_indexes(database, {**KERNEL_INDEXES, **INDEXES})
    return database


@pytest.fixture
def kernel(db: Database, access: Verifier) -> Kernel:
    return Kernel(
        service="ads_watch",
        db=db,
        verifier=access,
        clock=Clock(),
        audit=audit_log(db),
        rates=UNLIMITED,
    )


@pytest.fixture
def desk(kernel: Kernel):
    return desk_of(kernel)


@pytest.fixture
def bearer(token) -> Callable[..., dict[str, str]]:
    """Return the headers of a caller: ``bearer(department="publicity")``."""

    def of(role: str = "staff", **claims: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {token(role=role, **claims)}"}

    return of


@pytest.fixture
async def client(kernel: Kernel) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(application(kernel))
    async with httpx.AsyncClient(transport=transport, base_url="http://ads") as client:
        yield client

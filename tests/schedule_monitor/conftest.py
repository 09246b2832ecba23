"""schedule_monitor over a real MongoDB: its HTTP side, its replica and its judge."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, date, datetime

import httpx
import pytest

from services.schedule_monitor.app.judge_marked import Judge
from services.schedule_monitor.application import application
from services.schedule_monitor.loops import judge_of
from services.schedule_monitor.store.indexes import INDEXES
from services.schedule_monitor.store.institutions import InstitutionReplica
from shared.access.tokens import Verifier
from shared.clock import Clock
from shared.kernel import KERNEL_INDEXES, Kernel
from shared.mongo import Database, ensure_indexes
from tests.schedule_monitor.builders import INSTITUTION, a_calendar_body, a_licensed_state, a_state
from tests.support.audit import audit_log
from tests.support.rates import UNLIMITED

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
Bearer = Callable[..., dict[str, str]]


@pytest.fixture
def bearer(token: Callable[..., str]) -> Bearer:
    """Return the headers of a caller: ``bearer(role="staff", department="education")``."""
    return lambda **who: {"Authorization": f"Bearer {token(**who)}"}


@pytest.fixture
def education(bearer: Bearer) -> dict[str, str]:
    return bearer(role="staff", department="education")


@pytest.fixture
def own(bearer: Bearer) -> dict[str, str]:
    """Return the headers of the institution itself."""
    return bearer(role="institution", institution=INSTITUTION)


@pytest.fixture
async def kernel(database: Database, access: Verifier) -> Kernel:
    await ensure_indexes(database, {**KERNEL_INDEXES, **INDEXES})
    return Kernel(
        service="schedule_monitor",
        db=database,
        verifier=access,
        clock=Clock(NOW - datetime.now(UTC)),
        audit=audit_log(database),
        rates=UNLIMITED,
    )


@pytest.fixture
async def licensed_city(
    client: httpx.AsyncClient, education: dict[str, str], institutions: InstitutionReplica
) -> None:
    """A licensed institution with its sites, and the school year of the classes."""
    await institutions.take(a_licensed_state(), told_on=date(2026, 1, 1))
    year = "/v1/school-calendars/2025-2026"
    answer = await client.put(year, json=a_calendar_body(), headers=education)
    assert answer.status_code == 201


@pytest.fixture
def db(kernel: Kernel) -> Database:
    return kernel.db


@pytest.fixture
async def client(kernel: Kernel) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(application(kernel))
    async with httpx.AsyncClient(transport=transport, base_url="http://schedule") as client:
        yield client


@pytest.fixture
def institutions(db: Database) -> InstitutionReplica:
    return InstitutionReplica(db)


@pytest.fixture
async def registered(institutions: InstitutionReplica) -> str:
    """Return the institution that the register has told of."""
    await institutions.take(a_state())
    return INSTITUTION


@pytest.fixture
def judge(kernel: Kernel) -> Judge:
    return judge_of(kernel)


@pytest.fixture
def judged(judge: Judge) -> Callable[[], Awaitable[int]]:
    """Judge whatever is marked, and tell how many institutions that were."""

    async def work() -> int:
        times = 0
        while await judge.judge_one(now=NOW):
            times += 1
        return times

    return work

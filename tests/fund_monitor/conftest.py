from collections.abc import AsyncIterator, Callable

import pytest

from shared.access.tokens import Verifier
from shared.mongo import Database
from tests.support.fund import FundMonitor, fund_monitor
from tests.support.servers import NatsServer


@pytest.fixture
async def fund(
    database: Database, bus: NatsServer, access: Verifier, token: Callable[..., str]
) -> AsyncIterator[FundMonitor]:
    async with fund_monitor(database, bus, access, token) as running:
        await running.add_bank("alpha")
        yield running

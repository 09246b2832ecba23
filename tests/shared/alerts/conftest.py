"""The alerts of one service over a real MongoDB, with a clock that stands where a test puts it."""

import json
from dataclasses import dataclass
from datetime import datetime

import pytest

from shared.alerts.desk import AlertDesk
from shared.alerts.digest import Digests
from shared.alerts.passing import ClockWatch
from shared.alerts.store import AlertStore
from shared.contracts.alerts import ALERT_CHANNELS
from shared.kernel import KERNEL_INDEXES
from shared.mongo import ensure_indexes, transact
from shared.timers import Timers
from shared.working_days import WorkingDays
from tests.shared.alerts.builders import NOW
from tests.support.audit import audit_log


@dataclass
class StandingClock:
    """A service clock that a test moves, in place of one that runs on."""

    moment: datetime = NOW

    def now(self):
        return self.moment


@pytest.fixture
def clock():
    return StandingClock()


@pytest.fixture
async def store(database):
    await ensure_indexes(database, KERNEL_INDEXES)
    return AlertStore(database, ALERT_CHANNELS["fund_monitor"])


@pytest.fixture
def desk(database, store):
    return AlertDesk(store, audit_log(database))


@pytest.fixture
def settle(database, store):
    async def run(*verdicts, now=NOW, **scope):
        return await transact(
            database, lambda session: store.settle_many(session, verdicts, now=now, **scope)
        )

    return run


@pytest.fixture
def notices(database):
    """Return what waits in the outbox: subject, version and what is told."""

    async def read():
        rows = await database["outbox"].find().sort([("version", 1), ("_id", 1)]).to_list()
        return [
            (row["subject"], row["version"], json.loads(row["body"])["data"]["change"])
            for row in rows
        ]

    return read


@pytest.fixture
def watch(database, store, clock):
    return ClockWatch(store, audit_log(database), clock=clock)


@pytest.fixture
def digests(store, clock):
    return Digests(store, service="fund_monitor", clock=clock)


@pytest.fixture
def timers(database, clock, watch, digests):
    handlers = {"alert": watch.on_timer, "digest": digests.on_timer}
    return Timers(database, clock=clock, calendar=WorkingDays(), handlers=handlers)

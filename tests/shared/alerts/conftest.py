"""The alerts of one service over a real MongoDB, with a clock that stands where a test puts it."""

import json
from dataclasses import dataclass
from datetime import datetime

import httpx
import pytest
from fastapi import FastAPI

from shared import problem
from shared.alerts.api import alerts_router
from shared.alerts.desk import AlertDesk
from shared.alerts.digest import Digests
from shared.alerts.passing import ClockWatch
from shared.alerts.store import AlertStore
from shared.contracts.alerts import ALERT_CHANNELS
from shared.kernel import KERNEL_INDEXES
from shared.mongo import ensure_indexes, transact
from shared.timers import Timers
from shared.working_days import WorkingDays
from tests.shared.alerts.builders import NOW, a_finding, a_verdict
from tests.support.audit import audit_log

ALERTS = "/v1/alerts"


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


@pytest.fixture
def app(access, clock, store, desk):
    app = FastAPI()
    problem.install(app)
    app.state.verifier = access
    app.state.clock = clock
    app.state.alerts = store
    app.state.alert_desk = desk
    app.include_router(alerts_router("fund_monitor"))
    return app


@pytest.fixture
async def client(app):
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


@pytest.fixture
def staff(token):
    """Return the headers of a department's staff."""
    return lambda department: bearer(token(role="staff", department=department))


@pytest.fixture
def institution(token):
    """Return the headers of an institution."""
    return lambda code="inst-1": bearer(token(role="institution", institution=code))


@pytest.fixture
def raised(settle):
    """Settle verdicts and return the ids of their alerts."""

    async def run(*verdicts):
        return [change.after.id for change in await settle(*verdicts)]

    return run


@pytest.fixture
async def alert_id(raised):
    [alert_id] = await raised(a_verdict(a_finding("e-1", "e-2")))
    return alert_id


@pytest.fixture
def post(client, staff):
    """Return a department's act on an alert."""

    async def act(alert_id, name, department="culture_tourism_sports", /, **said):
        url = f"{ALERTS}/{alert_id}/{name}"
        return await client.post(url, headers=staff(department), json=said)

    return act


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def refusal(response):
    assert response.headers["content-type"] == "application/problem+json"
    return response.status_code, response.json()["type"].removeprefix("urn:haining:problem:")

"""The sample consumer of the department's guide, as a process, against a real bus."""

import asyncio
import json
import signal
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from deploy.local.layout import CHECKOUT
from shared.clock import machine_now
from shared.contracts.alerts import ALERT_CHANNELS, AlertAbout, AlertNotice
from shared.ids import new_id
from tests.support.servers import NatsServer

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]

SAMPLE = CHECKOUT / "docs" / "guides" / "department_consumer.py"
CHANNEL = ALERT_CHANNELS["fund_monitor"]
SUBJECT = "alerts.v1.pboc.red.fund_monitor"


@pytest.fixture
def store(tmp_path) -> Path:
    return tmp_path / "alerts.db"


@pytest.fixture
async def js(bus):
    client = await bus.connect("operator")
    yield client.jetstream()
    await client.close()


@asynccontextmanager
async def consuming(bus: NatsServer, store: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(SAMPLE), bus.url, "pboc", str(bus.seed_file("pboc")), str(store)),
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def a_notice(alert_id: str, version: int) -> AlertNotice:
    now = machine_now()
    return AlertNotice(
        alert_id=alert_id,
        version=version,
        change="raised" if version == 1 else "level_changed",
        level="red",
        state="raised",
        service="fund_monitor",
        rule="fund.coverage",
        rule_version=1,
        title="托管余额不足",
        message="覆盖率80%",
        article="F01",
        origin="P",
        window="2026-06",
        about=AlertAbout(kind="institution", id="i-1", name="某培训中心"),
        department="pboc",
        role="inform",
        reason="附件4",
        lead="education",
        raised_at=now,
        changed_at=now,
    )


async def send(js, *notices: tuple[str, int]) -> None:
    """Publish as the relay does; each call makes ids of its own, as a row sent again later does."""
    for alert_id, version in notices:
        event = CHANNEL.envelope(
            a_notice(alert_id, version), id=new_id(), subject=alert_id, time=machine_now()
        )
        headers = {"Nats-Msg-Id": event.id}
        await js.publish(SUBJECT, event.model_dump_json().encode(), headers=headers)


def kept(store: Path, table: str = "alerts", columns: str = "alert_id, version") -> list[tuple]:
    """Return what the consumer has committed."""
    if not store.exists():
        return []
    with closing(sqlite3.connect(store)) as reading:
        try:
            return sorted(reading.execute(f"SELECT {columns} FROM {table}"))  # noqa: S608
        except sqlite3.OperationalError:
            return []


async def until(condition: Callable[[], bool], *, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


async def acknowledged(js) -> None:
    """Wait until the durable has nothing left, delivered or not."""
    deadline = time.monotonic() + 45
    while True:
        info = await js.consumer_info("ALERTS", "alerts-pboc")
        if (info.num_pending, info.num_ack_pending) == (0, 0):
            return
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


class TestConsumer:
    async def test_keeps_each_version_once_though_it_is_sent_again(self, bus, js, store):
        await send(js, ("a", 1), ("a", 2), ("b", 1))
        await send(js, ("a", 1), ("b", 1))

        async with consuming(bus, store):
            await until(lambda: len(kept(store)) == 3)
            await acknowledged(js)

        assert kept(store) == [("a", 1), ("a", 2), ("b", 1)]
        [(body,)] = [row for row in kept(store, columns="body") if '"version": 2' in row[0]]
        assert json.loads(body)["about"]["name"] == "某培训中心"

    async def test_goes_on_after_it_was_killed(self, bus, js, store):
        await send(js, ("a", 1))
        async with consuming(bus, store) as process:
            await until(lambda: kept(store) == [("a", 1)])
            process.kill()
        await send(js, ("a", 2))

        async with consuming(bus, store):
            await until(lambda: kept(store) == [("a", 1), ("a", 2)])
            await acknowledged(js)

    async def test_goes_on_after_the_bus_was_away(self, bus, js, store):
        await send(js, ("a", 1))
        async with consuming(bus, store) as process:
            await until(lambda: kept(store) == [("a", 1)])
            bus.kill()
            bus.start()
            client = await bus.connect("operator")
            await send(client.jetstream(), ("a", 2))

            await until(lambda: kept(store) == [("a", 1), ("a", 2)])
            await client.close()

            assert process.returncode is None

    async def test_sets_aside_what_it_cannot_read_and_goes_on(self, bus, js, store):
        await js.publish(SUBJECT, b"\xff not json")
        await send(js, ("a", 1))

        async with consuming(bus, store):
            await until(lambda: kept(store) == [("a", 1)])
            await acknowledged(js)

        assert kept(store, "unread", "body") == [(b"\xff not json",)]

    async def test_stops_when_it_is_told_to(self, bus, js, store):
        await send(js, ("a", 1))
        async with consuming(bus, store) as process:
            await until(lambda: kept(store) == [("a", 1)])

            process.send_signal(signal.SIGTERM)

            _, said = await process.communicate()
        assert process.returncode == 0
        assert "已停止" in said.decode()

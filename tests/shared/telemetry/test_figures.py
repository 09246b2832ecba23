"""The figures of the store and of the bus, asked of real servers."""

from datetime import timedelta
from uuid import UUID

import pytest
from prometheus_client import CollectorRegistry

from services.fund_monitor.store.figures import fund_looks
from services.fund_monitor.store.indexes import INDEXES
from shared.clock import machine_now
from shared.ids import new_id
from shared.kernel import KERNEL_INDEXES
from shared.messaging.permissions import inbox_prefix
from shared.messaging.topology import intake_consumer
from shared.mongo import ensure_indexes
from shared.telemetry import figures
from shared.telemetry.figures import kernel_looks, made_at
from tests.support.waiting import until

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]


@pytest.fixture
async def store(database):
    await ensure_indexes(database, {**KERNEL_INDEXES, **INDEXES})
    return database


@pytest.fixture
async def js(bus):
    connection = await bus.connect("fund_monitor")
    yield connection.jetstream()
    await connection.close()


@pytest.fixture
def looked(store):
    """Ask a figure of fund_monitor, without a bus where it needs none, and read one sample."""

    async def looked(what: str, sample: str, js=None, **labels) -> float | None:
        registry = CollectorRegistry()
        looks = kernel_looks(registry, store, js, service="fund_monitor")
        await {**looks, **fund_looks(registry, store)}[what]()
        return registry.get_sample_value(sample, labels)

    return looked


def id_of(age: timedelta) -> str:
    """Return an id as it would have been made so long ago: its first 48 bits are milliseconds."""
    then = int((machine_now() - age).timestamp() * 1000)
    return str(UUID(int=(UUID(new_id()).int & ((1 << 80) - 1)) | (then << 80)))


def an_alert(number: int, state: str, level: str) -> dict[str, object]:
    return {"_id": f"a{number}", "key": f"k{number}", "state": state, "level": level}


class TestOutbox:
    async def test_tells_how_many_wait_and_how_long_the_oldest(self, store, looked):
        ages = [timedelta(minutes=5), timedelta(minutes=1)]
        await store["outbox"].insert_many(
            {"_id": id_of(age), "key": str(age), "version": 1, "sent_at": None} for age in ages
        )
        sent = {"_id": id_of(timedelta(hours=9)), "key": "sent", "version": 1}
        await store["outbox"].insert_one({**sent, "sent_at": machine_now()})

        assert await looked("outbox", "haining_outbox_waiting") == 2
        assert 299 < await looked("outbox", "haining_outbox_oldest_seconds") < 600

    async def test_is_nothing_when_nothing_waits(self, looked):
        assert await looked("outbox", "haining_outbox_waiting") == 0
        assert await looked("outbox", "haining_outbox_oldest_seconds") == 0

    async def test_counts_no_further_than_helps(self, store, looked, monkeypatch):
        monkeypatch.setattr(figures, "MOST_COUNTED", 3)
        await store["outbox"].insert_many(
            {"_id": new_id(), "key": str(n), "version": 1, "sent_at": None} for n in range(5)
        )

        assert await looked("outbox", "haining_outbox_waiting") == 3


class TestAlerts:
    async def test_are_counted_by_state_and_level(self, store, looked):
        stand = [("raised", "red"), ("raised", "red"), ("raised", "yellow"), ("disposed", "red")]
        await store["alerts"].insert_many(an_alert(n, *one) for n, one in enumerate(stand))

        reds = await looked("alerts", "haining_alerts", state="raised", level="red")
        disposed = await looked("alerts", "haining_alerts", state="disposed", level="red")

        assert (reds, disposed) == (2, 1)

    async def test_are_counted_by_each_clock_that_has_passed_while_they_are_open(
        self, store, looked
    ):
        running, stopped = {"stopped_at": None}, {"stopped_at": machine_now()}
        late = [
            {"clock": "acknowledge", **stopped},
            {"clock": "dispose", **running},
        ]
        await store["alerts"].insert_many(
            [
                {**an_alert(1, "acknowledged", "red"), "lateness": late},
                {**an_alert(2, "raised", "red"), "lateness": [{"clock": "dispose", **running}]},
                {**an_alert(3, "disposed", "red"), "lateness": late},
                an_alert(4, "raised", "red"),
            ]
        )

        found = [
            await looked("alerts", "haining_alerts_overdue", clock=clock, level="red")
            for clock in ("dispose", "acknowledge")
        ]

        assert found == [2, None]

    async def test_that_are_gone_are_shown_no_longer(self, store):
        registry = CollectorRegistry()
        look = kernel_looks(registry, store, None, service="fund_monitor")["alerts"]
        await store["alerts"].insert_one(an_alert(1, "raised", "red"))
        await look()
        await store["alerts"].update_one({}, {"$set": {"state": "acknowledged"}})

        await look()

        states = {"raised": None, "acknowledged": 1}
        for state, n in states.items():
            labels = {"state": state, "level": "red"}
            assert registry.get_sample_value("haining_alerts", labels) == n

    async def test_are_counted_without_reading_one(self, store):
        await store["alerts"].insert_many(an_alert(n, "raised", "red") for n in range(50))

        plan = await store.command(
            "explain",
            {
                "aggregate": "alerts",
                "pipeline": figures.ALERTS_AS_THEY_STAND,
                "hint": "by_state_and_level",
                "cursor": {},
            },
            verbosity="executionStats",
        )

        assert plan["executionStats"]["totalKeysExamined"] >= 50
        assert plan["executionStats"]["totalDocsExamined"] == 0


@pytest.mark.parametrize(
    ("what", "sample", "collection", "counts", "ignored"),
    [
        ("dead_letters", "haining_dead_letters", "dead_letters", {}, None),
        ("audit", "haining_audit_unsealed", "audit", {"sealed": False}, {"sealed": True}),
        (
            "notifications",
            "haining_notifications_waiting",
            "notifications",
            {"state": "waiting"},
            {"state": "sent"},
        ),
        ("marks", "haining_fund_marks_waiting", "to_judge", {}, None),
    ],
)
async def test_what_waits_is_counted(  # noqa: PLR0917 - a row of the table
    store, looked, what, sample, collection, counts, ignored
):
    await store[collection].insert_many({"_id": new_id(), **counts} for _ in range(2))
    if ignored is not None:
        await store[collection].insert_one({"_id": new_id(), **ignored})

    assert await looked(what, sample) == 2


async def test_events_that_are_not_posted_are_counted_by_where_they_stand(store, looked):
    stand = ["posted", "parked", "parked", "set_aside"]
    await store["events"].insert_many(
        {"_id": str(n), "account": f"a{n}", "state": state} for n, state in enumerate(stand)
    )

    found = [
        await looked("unposted", "haining_fund_unposted_events", state=state)
        for state in ("parked", "set_aside", "posted")
    ]

    assert found == [2, 1, None]


async def test_the_lag_of_each_durable_is_shown(looked, js):
    await js.publish("bank.intake.v1.3", b"{}", stream="BANK_INTAKE")
    durable = intake_consumer(3)

    async def waits() -> bool:
        # What is stored is counted a moment later.
        return await looked("consumers", "haining_consumer_pending", js, consumer=durable) == 1

    await until(waits)
    reader = await js.pull_subscribe_bind(
        durable=durable,
        stream="BANK_INTAKE",
        inbox_prefix=f"{inbox_prefix('fund_monitor')}.".encode(),
    )
    await reader.fetch(1, timeout=30)
    given = await looked("consumers", "haining_consumer_unacknowledged", js, consumer=durable)
    left = await looked("consumers", "haining_consumer_pending", js, consumer=durable)

    assert (given, left) == (1, 0)


def test_an_id_tells_when_it_was_made():
    assert abs(made_at(new_id()) - machine_now()) < timedelta(minutes=1)

"""The notifier over a real store and a real receiver: at least once, each on its own."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from shared.cancelling import ended
from shared.clock import machine_now
from shared.mongo import transact
from shared.notify import webhook
from shared.notify.carriers import carriers_of
from shared.notify.deliveries import Deliveries
from shared.notify.model import DELAYS
from shared.notify.notifier import AT_ONCE_PER_ENDPOINT, Notifier
from shared.notify.subscriptions import SubscriptionStore
from tests.support.waiting import until

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]


@pytest.fixture
def notifier(kernel):
    """Return one process's notifier."""

    def notifier(**carriers) -> Notifier:
        made = carriers_of(kernel.ways, service="registry", sealer=kernel.sealer)
        return Notifier(Deliveries(kernel.db), {**made, **carriers}, poll_seconds=0.02)

    return notifier


@pytest.fixture
def subscribe(kernel, hook):
    """Set a department's webhook and return its secret."""

    async def subscribe(department: str, path: str = "hook", *, host: str = "127.0.0.1") -> str:
        store = SubscriptionStore(kernel.db)
        return await transact(
            kernel.db,
            lambda session: store.put_webhook(
                department, hook.url(path, host=host), sealer=kernel.sealer, session=session
            ),
        )

    return subscribe


@pytest.fixture
def rows(kernel):
    """Return how the deliveries of a channel stand: states, or whole rows."""

    async def rows(channel: str = "webhook", **wanted):
        found = kernel.db["notification_deliveries"].find({"channel": channel, **wanted})
        return await found.sort("_id").to_list()

    return rows


@asynccontextmanager
async def running(*notifiers: Notifier):
    tasks = [asyncio.create_task(one.run()) for one in notifiers]
    try:
        yield
        assert not any(task.done() for task in tasks)
    finally:
        await ended(*tasks)


async def due_now(kernel, **more) -> None:
    """Let everything that waits be due: time passes, and leases of the dead run out."""
    past = machine_now() - timedelta(seconds=1)
    await kernel.db["notification_deliveries"].update_many(
        {"state": "waiting"}, {"$set": {"due_at": past, **more}}
    )


class TestSending:
    async def test_posts_to_the_department_and_signs_what_it_posts(
        self, notifier, subscribe, tell, hook, rows
    ):
        secret = await subscribe("pboc")
        await tell("pboc", "health")

        async with running(notifier()):
            await until(lambda: _all_in(rows, "sent", 1))
            await until(lambda: _all_in(rows, "sent", 2, channel="log"))

        [body] = hook.read(secret)
        assert body["type"] == "cn.haining.registry.red_alert.v1"
        assert body["data"] == {
            "department": "pboc",
            "title": "红色预警",
            "text": "某机构的资金低于下限，请尽快处理。",
            "details": {"alert": "a1", "version": 3},
        }
        [row] = await rows()
        assert hook.ids() == [row["_id"]]
        assert row["attempts"] == 1

    async def test_signs_with_the_former_secret_too_for_a_while(
        self, notifier, subscribe, tell, hook, rows
    ):
        former = await subscribe("pboc")
        secret = await subscribe("pboc")
        await tell("pboc")

        async with running(notifier()):
            await until(lambda: _all_in(rows, "sent", 1))

        assert hook.read(secret) == hook.read(former)

    async def test_sends_each_once_with_two_processes_beside_each_other(
        self, notifier, subscribe, tell, hook, rows
    ):
        await subscribe("pboc")
        await tell(*["pboc"] * 40)

        async with running(notifier(), notifier()):
            await until(lambda: _all_in(rows, "sent", 40))

        assert len(hook.ids()) == len(set(hook.ids())) == 40

    async def test_sends_again_under_the_same_id_after_a_crash_before_the_mark(
        self, kernel, notifier, subscribe, tell, hook, rows
    ):
        await subscribe("pboc")
        await tell("pboc")
        real = carriers_of(kernel.ways, service="registry", sealer=kernel.sealer)["webhook"]

        class DiesAfterSending:
            async def carry(self, job):
                await real.carry(job)
                await asyncio.Event().wait()

        async with running(notifier(webhook=DiesAfterSending())):
            await asyncio.wait_for(hook.came.wait(), 20)
        assert [row["state"] for row in await rows()] == ["waiting"]

        await due_now(kernel)
        async with running(notifier()):
            await until(lambda: _all_in(rows, "sent", 1))

        first, again = hook.ids()
        assert first == again

    async def test_never_lets_a_channel_that_hangs_delay_another(
        self, notifier, subscribe, tell, hook, rows
    ):
        await subscribe("health", "hangs")
        await subscribe("pboc")
        hook.hanging.add("hangs")
        await tell(*["health"] * 20, *["pboc"] * 20)

        async with running(notifier()):
            await until(lambda: _all_in(rows, "sent", 20, department="pboc"))
            await until(lambda: _reached(hook, "hangs", AT_ONCE_PER_ENDPOINT))

            assert len(hook.ids("hangs")) == AT_ONCE_PER_ENDPOINT
            assert {row["state"] for row in await rows(department="health")} == {"waiting"}


class TestFailing:
    @pytest.mark.parametrize("status", [500, 302, 404])
    async def test_is_tried_again_later_whatever_is_answered_but_success(  # noqa: PLR0917 - fixtures
        self, kernel, notifier, subscribe, tell, hook, rows, status
    ):
        await subscribe("pboc")
        hook.answers["hook"] = [status]
        await tell("pboc")
        before = machine_now()

        async with running(notifier()):
            await until(lambda: _all_in(rows, "waiting", 1, attempts=1))
            [row] = await rows()
            assert f"HTTP {status}" in row["last_failure"]
            assert row["due_at"] > before + DELAYS[1] / 2
            await due_now(kernel)
            await until(lambda: _all_in(rows, "sent", 1))

        assert hook.ids() == [row["_id"]] * 2
        assert hook.ids("elsewhere") == []

    async def test_does_not_wait_longer_than_its_time(
        self, notifier, subscribe, tell, hook, rows, monkeypatch
    ):
        monkeypatch.setattr(webhook, "TIMEOUT", timedelta(seconds=0.2))
        await subscribe("pboc")
        hook.hanging.add("hook")
        await tell("pboc")

        async with running(notifier()):
            await until(lambda: _all_in(rows, "waiting", 1, attempts=1))

        [row] = await rows()
        assert "没有应答" in row["last_failure"]

    async def test_of_a_receiver_that_is_not_there_is_said_in_words(
        self, kernel, notifier, tell, rows
    ):
        store = SubscriptionStore(kernel.db)
        await transact(
            kernel.db,
            lambda session: store.put_webhook(
                "pboc", "http://127.0.0.1:1/", sealer=kernel.sealer, session=session
            ),
        )
        await tell("pboc")

        async with running(notifier()):
            await until(lambda: _all_in(rows, "waiting", 1, attempts=1))

        [row] = await rows()
        assert row["last_failure"] == "连接失败（ConnectError）"

    async def test_for_the_last_time_is_told_to_the_department_and_the_operator(
        self, kernel, notifier, subscribe, tell, hook, rows
    ):
        await subscribe("pboc")
        await subscribe("data_bureau", "operator")
        hook.answers["hook"] = [500, 500]
        await tell("pboc")
        sending = notifier()
        async with running(sending):
            await until(lambda: _all_in(rows, "waiting", 1, attempts=1))
            await due_now(kernel, attempts=len(DELAYS) - 1)

            await until(lambda: _all_in(rows, "failed", 1, department="pboc"))
            await until(lambda: _reached(hook, "operator", 1))
            told = {"kind": "delivery_failed"}
            await until(lambda: _all_in(rows, "sent", 2, channel="log", **told))

        # The department is told by its other channels, never by the one that is dead.
        assert len(await rows(department="pboc", kind="delivery_failed")) == 0
        assert len(hook.ids()) == 2

    async def test_of_a_notice_of_failure_makes_no_further_notice(
        self, kernel, notifier, subscribe, tell, hook, rows
    ):
        await subscribe("pboc")
        await subscribe("data_bureau", "operator")
        hook.answers = {"hook": [410], "operator": [410]}
        await tell("pboc")

        async with running(notifier()):
            await until(lambda: _all_in(rows, "failed", 1, department="data_bureau"))
            await until(lambda: _all_in(rows, "sent", 3, channel="log"))

        assert await kernel.db["notifications"].count_documents({}) == 3

    async def test_with_410_disables_the_channel_and_holds_what_waits(
        self, kernel, notifier, subscribe, tell, hook, rows
    ):
        await subscribe("pboc")
        hook.answers["hook"] = [500, 500, 500]
        await tell(*["pboc"] * 3)
        async with running(notifier()):
            await until(lambda: _all_in(rows, "waiting", 3, attempts=1))
            hook.answers["hook"] = [410]
            [first, *_] = await rows()
            await kernel.db["notification_deliveries"].update_one(
                {"_id": first["_id"]}, {"$set": {"due_at": machine_now()}}
            )

            await until(lambda: _all_in(rows, "held", 2))
            await tell("pboc")
            await until(lambda: _all_in(rows, "held", 3))

        subscription = await SubscriptionStore(kernel.db).get("pboc", "webhook")
        assert subscription.disabled_because == "接收方答复 410，不再接收"
        assert [row["_id"] for row in await rows(state="failed")] == [first["_id"]]
        notices = kernel.db["notifications"].find({"kind": "delivery_failed"})
        assert {row["department"] async for row in notices} == {"pboc", "data_bureau"}

    async def test_with_410_of_an_address_that_was_replaced_meanwhile_disables_nothing(
        self, kernel, notifier, subscribe, tell, hook, rows
    ):
        await subscribe("pboc", "old")
        hook.answers["old"] = [410]
        await tell("pboc")
        real = carriers_of(kernel.ways, service="registry", sealer=kernel.sealer)["webhook"]

        class ReplacedWhileSending:
            async def carry(self, job):
                await subscribe("pboc", "new")
                await real.carry(job)

        async with running(notifier(webhook=ReplacedWhileSending())):
            await until(lambda: _all_in(rows, "waiting", 1, attempts=1))

        subscription = await SubscriptionStore(kernel.db).get("pboc", "webhook")
        assert (subscription.target, subscription.disabled_because) == (hook.url("new"), None)

    async def test_of_the_carrier_itself_is_that_jobs_failure_alone(
        self, notifier, subscribe, tell, rows
    ):
        await subscribe("pboc")
        await tell("pboc", "health")

        class Broken:
            async def carry(self, job):
                raise LookupError(job.id)

        async with running(notifier(webhook=Broken())):
            await until(lambda: _all_in(rows, "waiting", 1, attempts=1))
            await until(lambda: _all_in(rows, "sent", 2, channel="log"))

        [row] = await rows()
        assert row["last_failure"] == "内部错误（LookupError）"

    async def test_through_a_name_that_leads_inside_never_reaches_the_receiver(
        self, kernel, subscribe, tell, hook, rows
    ):
        await subscribe("pboc", host="localhost")
        await tell("pboc")
        outside_only = carriers_of(type(kernel.ways)(), service="registry", sealer=kernel.sealer)

        async with running(Notifier(Deliveries(kernel.db), outside_only, poll_seconds=0.02)):
            await until(lambda: _all_in(rows, "waiting", 1, attempts=1))

        [row] = await rows()
        assert "属于内部或保留网段" in row["last_failure"]
        assert hook.posts == []


async def _all_in(rows, state: str, count: int, **wanted) -> bool:
    """Tell whether so many deliveries stand in a state, none of them leased."""
    found = [row for row in await rows(**wanted) if row["state"] == state]
    return len(found) == count and not any(row["lease"] for row in found)


async def _reached(hook, path: str, count: int) -> bool:
    return len(hook.ids(path)) >= count

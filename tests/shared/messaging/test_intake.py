"""The intake loop on a real bus and a real store: acked when committed, never lost."""

import asyncio
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import pytest
from nats.errors import Error as NatsError
from pymongo import AsyncMongoClient
from pymongo.errors import ExecutionTimeout

from shared.cancelling import ended
from shared.dead_letters import CONTENT_FAILURES_ALLOWED, DeadLetters
from shared.messaging import intake
from shared.messaging.connect import connect
from shared.messaging.intake import IntakeLoop
from shared.messaging.permissions import inbox_prefix
from shared.messaging.topology import BANK_INTAKE, intake_consumer, intake_subject
from tests.support.servers import mongo_for_tests
from tests.support.waiting import until

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]

USER = "fund_monitor"
DURABLE = intake_consumer(0)


class Store:
    """A handler that keeps each body, a repeat once, and cannot read what is bad."""

    def __init__(self, db) -> None:
        self.db = db
        self.batches: list[list[bytes]] = []

    async def handle(self, deliveries) -> None:
        bodies = [each.body for each in deliveries]
        self.batches.append(bodies)
        if b"bad" in bodies:
            raise ValueError("这一笔无法读取")
        for body in bodies:
            await self.db["seen"].update_one({"_id": body}, {"$set": {}}, upsert=True)

    def tried_alone(self, body: bytes) -> int:
        return self.batches.count([body])

    async def seen(self) -> set[bytes]:
        return {row["_id"] async for row in self.db["seen"].find()}

    async def failures(self) -> list[int]:
        return [row["failures"] async for row in self.db["delivery_failures"].find()]

    async def letters(self) -> list[tuple[bytes, str]]:
        return [(row["body"], row["reason"]) async for row in self.db["dead_letters"].find()]


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(intake, "FETCH_SECONDS", 1.0)
    monkeypatch.setattr(intake, "LONGEST_PAUSE_SECONDS", 0.3)


@pytest.fixture
def few_failures(monkeypatch) -> int:
    monkeypatch.setattr(intake, "CONTENT_FAILURES_ALLOWED", 3)
    return 3


@pytest.fixture
async def connection(bus):
    connection = await connect(bus.url, user=USER, seed_file=bus.seed_file(USER))
    yield connection
    await connection.close()


@pytest.fixture
def js(connection):
    return connection.jetstream()


INBOX = f"{inbox_prefix(USER)}.".encode()


def loop_of(js, store, **more) -> IntakeLoop:
    return IntakeLoop(
        js,
        stream=BANK_INTAKE.name,
        durable=DURABLE,
        inbox_prefix=INBOX,
        handle=store.handle,
        dead_letters=DeadLetters(store.db),
        **more,
    )


@asynccontextmanager
async def reading(js, store):
    loop = loop_of(js, store)
    task = asyncio.create_task(loop.run())
    try:
        yield loop
        assert not task.done()
    finally:
        await ended(task)


async def publish(js, *bodies: bytes) -> None:
    for body in bodies:
        await js.publish(intake_subject(0), body, stream=BANK_INTAKE.name)


async def drained(js, *, seconds: float = 40) -> None:
    """Wait until the durable has nothing left: neither to deliver nor to be acknowledged."""
    async with asyncio.timeout(seconds):
        while True:
            info = await js.consumer_info(BANK_INTAKE.name, DURABLE)
            if not info.num_pending and not info.num_ack_pending:
                return
            await asyncio.sleep(0.05)


async def test_a_batch_is_handled_as_one_and_acknowledged(js, database):
    store = Store(database)
    bodies = [f"{n}".encode() for n in range(intake.FETCH_MESSAGES + 8)]
    await publish(js, *bodies)

    async with reading(js, store):
        await drained(js)

    assert len(store.batches[0]) == intake.FETCH_MESSAGES
    assert [body for batch in store.batches for body in batch] == bodies
    assert await store.seen() == set(bodies)


async def test_a_loop_is_behind_while_what_it_reads_has_waited(js, database, monkeypatch):
    monkeypatch.setattr(intake, "_BACKLOG_AGE", timedelta(0))
    store = Store(database)
    entered, go_on = asyncio.Event(), asyncio.Event()

    async def pause(_deliveries) -> None:
        entered.set()
        await go_on.wait()

    store.handle = pause
    await publish(js, *(f"{n}".encode() for n in range(intake.FETCH_MESSAGES + 1)))
    async with reading(js, store) as loop:
        await asyncio.wait_for(entered.wait(), 10)
        assert loop.behind
        monkeypatch.setattr(intake, "_BACKLOG_ENDS_SECONDS", 0.0)
        go_on.set()
        await drained(js)
        assert not loop.behind


async def test_what_is_not_committed_is_not_acknowledged(js, database):
    store = Store(database)
    entered = asyncio.Event()

    async def hang(_deliveries) -> None:
        entered.set()
        await asyncio.Event().wait()

    store.handle = hang
    await publish(js, b"1", b"2")
    async with reading(js, store):
        await asyncio.wait_for(entered.wait(), 10)

    info = await js.consumer_info(BANK_INTAKE.name, DURABLE)
    assert info.num_ack_pending == 2
    assert info.ack_floor.stream_seq == 0


async def test_a_bad_message_does_not_hold_up_the_rest_of_its_batch(js, database, few_failures):
    store = Store(database)
    await publish(js, b"1", b"2", b"bad", b"3", b"4")

    async with reading(js, store):
        await drained(js)

    assert await store.seen() == {b"1", b"2", b"3", b"4"}
    # Once in the batch, which counts for nobody, then alone as often as a failure is allowed.
    assert store.tried_alone(b"bad") == few_failures
    assert await store.failures() == [few_failures]
    assert await store.letters() == [(b"bad", "ValueError: 这一笔无法读取")]


async def test_a_store_that_is_away_loses_nothing_and_counts_as_nobodys_failure(js, few_failures):
    with mongo_for_tests() as server:
        client = AsyncMongoClient(
            server.url, w="majority", serverSelectionTimeoutMS=300, connectTimeoutMS=300
        )
        store = Store(client["away"])
        async with reading(js, store) as loop:
            await publish(js, b"before")
            await drained(js)
            server.kill()
            # The bad one fails before it reaches the store; its failure cannot be counted either.
            await publish(js, b"1", b"bad", b"2")
            async with asyncio.timeout(40):
                retried = (b"1", b"bad")
                while min(map(store.tried_alone, retried)) <= CONTENT_FAILURES_ALLOWED:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            assert loop.out_of_reach is not None
            attempts = store.tried_alone(b"bad")

            server.start()
            await drained(js)

            assert loop.out_of_reach is None
        assert await store.seen() == {b"before", b"1", b"2"}
        assert await store.failures() == [few_failures]
        assert [body for body, _ in await store.letters()] == [b"bad"]
        assert store.tried_alone(b"bad") - attempts <= few_failures + 2
        await client.close()


async def test_a_store_too_slow_for_a_whole_batch_is_given_less_and_gets_all(js, database):
    store = Store(database)
    handle = store.handle
    bodies = {f"{n}".encode() for n in range(40)}

    async def slow(deliveries) -> None:
        if len(deliveries) > 2:
            raise ExecutionTimeout("not in time", 50)
        await handle(deliveries)

    store.handle = slow
    await publish(js, *sorted(bodies))

    async with reading(js, store):
        await drained(js)

    assert await store.seen() == bodies
    assert await store.failures() == []


async def test_a_bus_that_was_away_is_read_on(js, bus, database):
    store = Store(database)
    async with reading(js, store):
        await publish(js, b"1")
        await drained(js)
        bus.restart()
        # What is sent into a connection that is already dead is lost; the sender repeats it.
        async with asyncio.timeout(30):
            while True:
                with suppress(TimeoutError, NatsError):
                    await publish(js, b"2")
                    break
            # Not until it is drained: an acknowledgement that a killed server had not written yet
            # is missing after its start, and its message comes again after ack_wait.
            while await store.seen() != {b"1", b"2"}:  # noqa: ASYNC110 - polled
                await asyncio.sleep(0.05)


class TestWhoDoesNotOwnTheDurable:
    @pytest.fixture
    async def reader(self, js):
        reader = await js.pull_subscribe_bind(
            durable=DURABLE, stream=BANK_INTAKE.name, inbox_prefix=INBOX
        )
        yield reader
        await reader.unsubscribe()

    async def test_leaves_it_to_others(self, js, database, reader):
        store = Store(database)
        await publish(js, b"theirs")

        await loop_of(js, store, owns=lambda: False).turn(reader)

        assert await store.seen() == set()

    async def test_reads_what_has_come_already(self, connection, js, database, reader):
        store = Store(database)
        await publish(js, b"late")
        # As a request that the client gave up waiting for: its messages come all the same.
        pull = f"$JS.API.CONSUMER.MSG.NEXT.{BANK_INTAKE.name}.{DURABLE}"
        await connection.publish(pull, b"1", reader._deliver)  # noqa: SLF001 - its inbox

        async def has_come() -> bool:
            return bool(reader.pending_msgs)

        await until(has_come)

        await loop_of(js, store, owns=lambda: False).turn(reader)

        assert await store.seen() == {b"late"}
        await drained(js)

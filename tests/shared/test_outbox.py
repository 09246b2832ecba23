"""The outbox on a real bus and a real store: in order, once, whatever is away."""

import asyncio
import json
from contextlib import asynccontextmanager
from datetime import date, timedelta

import pytest

from shared import outbox
from shared.cancelling import ended
from shared.clock import machine_now
from shared.contracts.registry import INSTITUTION_REVOKED, InstitutionRevoked
from shared.messaging.connect import connect
from shared.mongo import ensure_indexes, transact
from shared.outbox import OUTBOX_INDEXES, Outgoing, Relay, enqueue
from shared.telemetry.carried import UNTRACED, continued, header_of
from tests.support.spans import Spans, parent_of, trace_of

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]

STREAM = INSTITUTION_REVOKED.stream


def event(institution: str, version: int) -> Outgoing:
    return Outgoing(
        channel=INSTITUTION_REVOKED,
        key=institution,
        version=version,
        tokens={"institution": institution},
        subject=institution,
        data=InstitutionRevoked(
            institution_id=institution,
            version=version,
            uscc="52330481MJ000001XJ",
            competent_department="education",
            revoked_on=date(2026, 6, 1),
        ),
    )


@pytest.fixture
async def rows(database):
    await ensure_indexes(database, OUTBOX_INDEXES)
    return database["outbox"]


@pytest.fixture
def put(database, rows):  # noqa: ARG001 - the indexes are made before the first row
    async def put(*events: Outgoing) -> None:
        async def work(session) -> None:
            await enqueue(database, events, session=session, now=machine_now())

        await transact(database, work)

    return put


@pytest.fixture
async def js(bus):
    connection = await connect(bus.url, user="registry", seed_file=bus.seed_file("registry"))
    yield connection.jetstream()
    await connection.close()


@pytest.fixture
def published(bus):
    async def published() -> list[tuple[str, int]]:
        """Return what the stream holds, in its order: institution and version."""
        operator = await bus.connect("operator")
        try:
            js = operator.jetstream()
            last = (await js.stream_info(STREAM)).state.last_seq
            bodies = [json.loads((await js.get_msg(STREAM, n + 1)).data) for n in range(last)]
        finally:
            await operator.close()
        return [(body["data"]["institution_id"], body["data"]["version"]) for body in bodies]

    return published


@asynccontextmanager
async def running(*relays: Relay):
    tasks = [asyncio.create_task(relay.run()) for relay in relays]
    try:
        yield
        assert not any(task.done() for task in tasks)
    finally:
        await ended(*tasks)


async def all_sent(rows, *, seconds: float = 40) -> None:
    async with asyncio.timeout(seconds):
        while await rows.count_documents({"sent_at": None}):  # noqa: ASYNC110 - polled
            await asyncio.sleep(0.05)


class TestTwoRelays:
    async def test_keep_the_order_of_each_key_and_publish_nothing_twice(
        self, database, rows, put, js, published
    ):
        keys, versions = [f"i{n}" for n in range(5)], range(1, 81)

        async with running(*(Relay(database, js, poll_seconds=0.02) for _ in range(2))):
            # In small transactions, so that leases of both begin and end in the middle of a key.
            for version in versions:
                await put(*(event(key, version) for key in keys))
            await all_sent(rows)

        sent = await published()
        assert {key: [v for k, v in sent if k == key] for key in keys} == {
            key: list(versions) for key in keys
        }

    async def test_share_a_backlog_without_breaking_the_order(
        self, database, rows, put, js, published
    ):
        await put(*(event(f"i{n % 3}", n // 3 + 1) for n in range(900)))

        async with running(*(Relay(database, js, poll_seconds=0.02) for _ in range(2))):
            await all_sent(rows)

        sent = await published()
        assert len(sent) == 900
        for n in range(3):
            assert [v for key, v in sent if key == f"i{n}"] == list(range(1, 301))

    async def test_never_overtake_a_row_that_the_other_has_leased(
        self, database, rows, put, js, published
    ):
        await put(*(event("i1", version) for version in (1, 2, 3)), event("i2", 1))
        soon = machine_now() + timedelta(seconds=60)
        lease = {"leased_by": "the other", "leased_until": soon}
        await rows.update_one({"key": "i1", "version": 2}, {"$set": lease})
        relay = Relay(database, js, poll_seconds=0.01)

        await relay.relay_once()
        await relay.relay_once()
        assert sorted(await published()) == [("i1", 1), ("i2", 1)]

        # The other died: its lease runs out, and both rows leave in their order.
        await rows.update_one({"leased_by": "the other"}, {"$set": {"leased_until": machine_now()}})
        while await relay.relay_once():
            pass
        assert [v for key, v in await published() if key == "i1"] == [1, 2, 3]


class TestRelay:
    async def test_sends_everything_once_the_bus_is_back(  # noqa: PLR0917 - fixtures
        self, database, rows, put, js, bus, published, monkeypatch
    ):
        monkeypatch.setattr(outbox, "PUBLISH_TIMEOUT_SECONDS", 0.3)
        await put(event("i1", 1))

        async with running(Relay(database, js, poll_seconds=0.05)):
            await all_sent(rows)
            bus.kill()
            await put(*(event("i1", version) for version in range(2, 11)), event("i2", 1))
            await asyncio.sleep(2)
            assert await rows.count_documents({"sent_at": None}) == 10
            bus.start()
            await all_sent(rows)

        sent = await published()
        assert [v for key, v in sent if key == "i1"] == list(range(1, 11))
        assert len(sent) == 11

    async def test_sends_a_row_again_that_it_could_not_mark_and_the_stream_drops_it(
        self, database, rows, put, js, published
    ):
        relay = Relay(database, js)
        await put(event("i1", 1), event("i1", 2))
        assert await relay.relay_once() == 2
        # As after a kill -9 between the acknowledgement and the mark: leased by nobody who lives.
        died = {"sent_at": None, "leased_by": "dead", "leased_until": machine_now()}
        await rows.update_many({}, {"$set": died})

        assert await relay.relay_once() == 2

        assert await published() == [("i1", 1), ("i1", 2)]
        assert await rows.count_documents({"sent_at": None}) == 0
        # Where the first one stands: the second was never stored.
        places = {row["version"]: row["stream_sequence"] async for row in rows.find()}
        assert places == {1: 1, 2: 2}

    async def test_sends_nothing_of_a_transaction_that_was_undone(self, database, js, published):
        async def work(session) -> None:
            await enqueue(database, [event("i1", 1)], session=session, now=machine_now())
            raise LookupError

        with pytest.raises(LookupError):
            await transact(database, work)

        assert await Relay(database, js).relay_once() == 0
        assert await published() == []

    async def test_wakes_at_once_when_told(self, database, rows, put, js):
        relay = Relay(database, js, poll_seconds=60)
        async with running(relay):
            await asyncio.sleep(0.3)
            await put(event("i1", 1))
            relay.wake()
            await all_sent(rows, seconds=30)


class TestTraces:
    """What is enqueued in a span is published as a step of its trace."""

    TRACE = f"00-{'a' * 32}-{'1' * 16}-01"

    @pytest.fixture
    def spans(self):
        made = Spans()
        yield made
        made.close()

    @pytest.fixture
    def header(self, bus):
        async def header() -> str | None:
            operator = await bus.connect("operator")
            try:
                message = await operator.jetstream().get_msg(STREAM, 1)
            finally:
                await operator.close()
            return header_of(message.headers)

        return header

    async def test_a_row_keeps_the_trace_and_its_publish_continues_it(
        self, database, put, js, spans, header
    ):
        tracer = spans.provider("registry").get_tracer("tests")
        with continued(UNTRACED, "a request", [self.TRACE]):
            await put(event("i1", 1))

        await Relay(database, js, tracer=tracer).relay_once()

        [publish] = spans.finished()
        assert publish.name == f"{STREAM} publish"
        assert (trace_of(publish), parent_of(publish)) == ("a" * 32, int("1" * 16, 16))
        assert await header() == f"00-{'a' * 32}-{publish.context.span_id:016x}-01"

    async def test_a_relay_that_traces_nothing_hands_the_trace_on(self, database, put, js, header):
        with continued(UNTRACED, "a request", [self.TRACE]):
            await put(event("i1", 1))

        await Relay(database, js).relay_once()

        assert await header() == self.TRACE

    async def test_a_row_of_no_trace_begins_none(self, database, rows, put, js, spans, header):
        await put(event("i1", 1))

        tracer = spans.provider("registry").get_tracer("tests")
        await Relay(database, js, tracer=tracer).relay_once()

        assert "traceparent" not in await rows.find_one({})
        assert spans.finished() == []
        assert await header() is None

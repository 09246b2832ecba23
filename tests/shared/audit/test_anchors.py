"""Heads told and kept, on a real bus and a real store."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import pytest
from pydantic import ValidationError

from shared.audit.anchors import ANCHOR_TIMER, INTERVAL, HeadKeeper, HeadTeller
from shared.audit.log import AUDIT_INDEXES
from shared.audit.loops import audit_loops
from shared.audit.verify import kept_anchors
from shared.cancelling import ended
from shared.clock import Clock, machine_now
from shared.contracts.audit import AUDIT_CHANNELS, AuditHeadSealed
from shared.dead_letters import DeadLetters
from shared.kernel import KERNEL_INDEXES, Kernel
from shared.loops import timer_loop
from shared.messaging.connect import connect as connect_bus
from shared.messaging.permissions import SERVICES
from shared.messaging.topology import chains_kept_by
from shared.mongo import Database, ensure_indexes
from shared.outbox import OUTBOX_INDEXES, Relay
from shared.timers import TIMER_INDEXES, Timers
from shared.working_days import WorkingDays
from tests.shared.audit.builders import a_chain, an_entry, seal, write
from tests.support.audit import audit_log
from tests.support.servers import NatsServer

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]

CLOCK = Clock(timedelta(days=-100))


@pytest.fixture
async def db(database):
    await ensure_indexes(database, {**AUDIT_INDEXES, **OUTBOX_INDEXES, **TIMER_INDEXES})
    return database


@pytest.fixture
async def teller(db):
    teller = HeadTeller(db, service="registry", clock=CLOCK)
    await teller.begin()
    return teller


@pytest.fixture
def timers(db, teller):
    return Timers(db, clock=CLOCK, calendar=WorkingDays(), handlers={ANCHOR_TIMER: teller.tell})


async def due_in(db) -> timedelta:
    timer = await db["timers"].find_one({"_id": ANCHOR_TIMER})
    return timer["due_at"] - CLOCK.now()


async def make_due(db) -> None:
    await db["timers"].update_one({}, {"$set": {"due_at": CLOCK.now()}})


def an_event(*, id: str = "event-1", service: str = "registry", sequence: int = 3):  # noqa: A002
    head = AuditHeadSealed(
        service=service, sequence=sequence, hash="sha-256:00", read_at=machine_now()
    )
    channel = AUDIT_CHANNELS["registry"]
    return channel.envelope(head, id=id, subject=service, time=machine_now())


class TestHeadTeller:
    async def test_tells_the_head_and_comes_back_in_an_hour(self, db, timers):
        await a_chain(db, 3)
        head = await db["audit_head"].find_one({})

        assert await timers.run_one()

        [row] = await db["outbox"].find().to_list()
        told = AUDIT_CHANNELS["registry"].contract
        event = type(an_event()).model_validate_json(row["body"])
        assert row["subject"] == "registry.audit-head-sealed.v1.registry"
        assert told is AuditHeadSealed
        assert (event.data.sequence, event.data.hash) == (3, head["hash"])
        assert INTERVAL - timedelta(minutes=1) < await due_in(db) <= INTERVAL
        assert not await timers.run_one()

    async def test_carries_the_time_of_the_machine(self, db, timers):
        await a_chain(db, 1)

        await timers.run_one()

        [row] = await db["outbox"].find().to_list()
        event = type(an_event()).model_validate_json(row["body"])
        assert abs(event.data.read_at - machine_now()) < timedelta(minutes=1)

    async def test_comes_back_in_a_minute_while_there_is_no_chain(self, db, timers):
        await timers.run_one()

        assert await db["outbox"].count_documents({}) == 0
        assert timedelta(0) < await due_in(db) <= timedelta(minutes=1)

    async def test_does_not_tell_the_same_head_twice(self, db, timers):
        await a_chain(db, 1)
        await timers.run_one()
        await make_due(db)

        await timers.run_one()

        assert await db["outbox"].count_documents({}) == 1

    async def test_tells_at_its_start_what_fell_due_meanwhile(self, db, timers, teller):
        await a_chain(db, 1)
        await db["timers"].update_one({}, {"$set": {"due_at": CLOCK.now() - timedelta(hours=9)}})

        await teller.begin()
        await timers.run_one()

        assert await db["outbox"].count_documents({}) == 1

    async def test_leaves_a_timer_that_is_set_as_it_is(self, db, timers, teller):
        await a_chain(db, 1)
        await timers.run_one()

        await teller.begin()

        assert await due_in(db) > timedelta(minutes=50)


class TestHeadKeeper:
    async def test_writes_a_head_into_its_own_chain_once(self, db):
        keeper = HeadKeeper(db, audit_log(db))

        for _ in range(3):
            await keeper.keep(an_event(), chain="registry")
        await keeper.keep(an_event(id="event-2", sequence=4), chain="registry")

        anchors, unreadable = await kept_anchors(db, keeper="fund_monitor")
        assert [(one.service, one.sequence, one.held_by) for one in anchors] == [
            ("registry", 3, "fund_monitor"),
            ("registry", 4, "fund_monitor"),
        ]
        assert unreadable == []

    async def test_keeps_it_once_when_it_comes_twice_at_once(self, db):
        keeper = HeadKeeper(db, audit_log(db))

        await asyncio.gather(
            *(keeper.keep(an_event(), chain="registry") for _ in range(6)),
            return_exceptions=True,
        )

        assert await db["audit"].count_documents({}) == 1

    async def test_refuses_what_a_service_tells_of_another_s_chain(self, db):
        keeper = HeadKeeper(db, audit_log(db))

        with pytest.raises(ValueError, match="another's chain"):
            await keeper.keep(an_event(service="fund_monitor"), chain="registry")

        assert await db["audit"].count_documents({}) == 0

    @pytest.mark.parametrize("details", [{}, {"sequence": "3", "hash": "x"}, {"sequence": 3}, None])
    async def test_an_anchor_made_unreadable_is_named(self, db, details):
        await HeadKeeper(db, audit_log(db)).keep(an_event(), chain="registry")
        await db["audit"].update_one({}, {"$set": {"details": details}})

        anchors, [unreadable] = await kept_anchors(db, keeper="fund_monitor")

        assert anchors == []
        assert (unreadable.service, unreadable.what) == ("fund_monitor", "所存锚点无法读取")


class TestContract:
    @pytest.mark.parametrize("change", [{"sequence": 0}, {"sequence": 2**53}, {"hash": "x"}])
    def test_takes_no_head_that_cannot_be(self, change):
        given = {"service": "registry", "sequence": 1, "hash": "sha-256:00"}

        with pytest.raises(ValidationError):
            AuditHeadSealed(**{**given, **change}, read_at=machine_now())


@asynccontextmanager
async def _service(database: Database, bus: NatsServer, service: str) -> AsyncIterator[Database]:
    """Run what works on the audit chain of one service, in a database of its own."""
    db = database.client[f"{database.name}_{service}"]
    await ensure_indexes(db, KERNEL_INDEXES)
    await write(db, an_entry())
    await seal(db, service=service)
    connection = await connect_bus(bus.url, user=service, seed_file=bus.seed_file(service))
    relay = Relay(db, connection.jetstream())
    kernel = Kernel(
        service=service,
        db=db,
        verifier=None,  # type: ignore[arg-type]  # nobody asks over HTTP here
        clock=CLOCK,
        audit=audit_log(db),
        committed=relay.wake,
    )
    loops = audit_loops(
        kernel,
        dead_letters=DeadLetters(db),
        nats_url=bus.url,
        seed_file=bus.seed_file(service),
    )
    tasks = [asyncio.create_task(loop()) for loop in (relay.run, timer_loop(kernel), *loops)]
    try:
        yield db
    finally:
        await ended(*tasks)
        await connection.close()
        await database.client.drop_database(db.name)


async def test_every_chain_is_anchored_in_the_chains_of_two_others(database, bus):
    """Four services with the permissions of their own users."""
    async with AsyncExitStack() as running:
        dbs = {
            service: await running.enter_async_context(_service(database, bus, service))
            for service in SERVICES
        }
        kept: set[tuple[str, str]] = set()
        async with asyncio.timeout(60):
            while len(kept) < 2 * len(SERVICES):
                await asyncio.sleep(0.05)
                kept = {
                    (keeper, anchor.service)
                    for keeper, db in dbs.items()
                    for anchor in (await kept_anchors(db, keeper=keeper))[0]
                }

    assert kept == {(keeper, chain) for keeper in SERVICES for chain in chains_kept_by(keeper)}


def test_every_chain_is_kept_by_two_others():
    kept = [chain for keeper in SERVICES for chain in chains_kept_by(keeper)]

    assert sorted(kept) == sorted([*SERVICES, *SERVICES])
    assert all(keeper not in chains_kept_by(keeper) for keeper in SERVICES)

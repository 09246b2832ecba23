"""A message set aside, its cause mended, and handled again: on a real bus and a real store."""

import asyncio
import json
from contextlib import asynccontextmanager

import httpx
import pytest
from faststream.nats import NatsRouter

from shared.cancelling import ended
from shared.clock import Clock, machine_now
from shared.contracts.registry import INSTITUTION_STATE
from shared.dead_letters import DeadLetters, Letter
from shared.ids import new_id
from shared.kernel import KERNEL_INDEXES, Kernel
from shared.messaging import intake, subscribe
from shared.messaging.connect import connect
from shared.messaging.intake import IntakeLoop
from shared.messaging.permissions import inbox_prefix
from shared.messaging.subscribe import asyncapi_of, broker_of
from shared.messaging.topology import (
    BANK_INTAKE,
    INSTITUTION_STATE_READER,
    intake_consumer,
    intake_subject,
)
from shared.mongo import ensure_indexes, transact
from shared.replay import replayer
from shared.replay.letters import MOST_AT_ONCE
from shared.replay.replayer import Replayer
from shared.web import create_app
from tests.support.audit import audit_log
from tests.support.rates import UNLIMITED
from tests.support.waiting import until

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]

USER = "fund_monitor"
STREAM = BANK_INTAKE.name
DURABLE = intake_consumer(0)
LETTERS = "/v1/dead-letters"
OPERATOR = {"role": "staff", "department": "data_bureau"}


class Ledger:
    """Adds each body once, by its identity; cannot read poison until it is mended."""

    def __init__(self, db) -> None:
        self.db = db
        self.mended = False
        self.handled: list[bytes] = []

    async def handle(self, deliveries) -> None:
        for delivery in deliveries:
            self.handled.append(delivery.body)
            if delivery.body.startswith(b"poison") and not self.mended:
                raise ValueError("卡号 6222020000000000001 无法读取")
            await transact(self.db, lambda session, body=delivery.body: self._add(body, session))

    async def _add(self, body: bytes, session) -> None:
        if await self.db["identities"].find_one({"_id": body}, session=session) is None:
            await self.db["identities"].insert_one({"_id": body}, session=session)
            await self.db["sums"].update_one(
                {"_id": "all"}, {"$inc": {"handled": 1}}, upsert=True, session=session
            )

    async def sum(self) -> int:
        row = await self.db["sums"].find_one({"_id": "all"})
        return 0 if row is None else row["handled"]


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(intake, "CONTENT_FAILURES_ALLOWED", 1)
    monkeypatch.setattr(subscribe, "CONTENT_FAILURES_ALLOWED", 1)
    monkeypatch.setattr(replayer, "_POLL_SECONDS", 0.02)


@pytest.fixture
async def kernel(database, access) -> Kernel:
    await ensure_indexes(database, KERNEL_INDEXES)
    return Kernel(
        service=USER,
        db=database,
        verifier=access,
        clock=Clock(),
        audit=audit_log(database),
        rates=UNLIMITED,
    )


@pytest.fixture
def http(kernel, token):
    """Ask the service's HTTP side, as the suite's operator where nobody else is named."""
    transport = httpx.ASGITransport(
        create_app(kernel, title="t", asyncapi=asyncapi_of([], title="t", user=USER))
    )

    async def ask(method: str, path: str, by=None, **more) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token(**(by or OPERATOR))}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://t") as client:
            return await client.request(method, path, headers=headers, **more)

    return ask


@pytest.fixture
async def js(bus):
    connection = await connect(bus.url, user=USER, seed_file=bus.seed_file(USER))
    yield connection.jetstream()
    await connection.close()


@pytest.fixture
def letters(database) -> DeadLetters:
    return DeadLetters(database)


@pytest.fixture
def ledger(database) -> Ledger:
    return Ledger(database)


@pytest.fixture
def put(letters, ledger):
    """Put letters aside as the intake does, and know who is to handle them again."""

    async def handle(letter: Letter) -> None:
        await ledger.handle([letter])

    async def put(*sequences: int, body: bytes = b"poison", error=None) -> None:
        letters.handlers[DURABLE] = handle
        for sequence in sequences:
            letter = Letter(
                durable=DURABLE,
                stream=STREAM,
                sequence=sequence,
                subject=intake_subject(0),
                body=body + b" %d" % sequence,
            )
            await letters.add(letter, error or ValueError("无法读取"))

    return put


@pytest.fixture
def states(database):
    async def states() -> dict[int, str]:
        return {row["sequence"]: row["state"] async for row in database["dead_letters"].find()}

    return states


@asynccontextmanager
async def running(*loops):
    tasks = [asyncio.create_task(loop()) for loop in loops]
    try:
        yield
        assert not any(task.done() for task in tasks)
    finally:
        await ended(*tasks)


class TestFromTheBus:
    async def test_poison_is_set_aside_mended_and_applied_once(
        self, js, database, letters, ledger, http, states
    ):
        for body in (b"1", b"poison a", b"2", b"poison b", b"poison c"):
            await js.publish(intake_subject(0), body, stream=STREAM)
        reading = IntakeLoop(
            js,
            stream=STREAM,
            durable=DURABLE,
            inbox_prefix=f"{inbox_prefix(USER)}.".encode(),
            handle=ledger.handle,
            dead_letters=letters,
        )

        async with running(reading.run, Replayer(database, letters).run):
            await until(lambda: _equal(states(), dict.fromkeys((2, 4, 5), "set_aside")))
            assert await ledger.sum() == 2

            await http("POST", f"{LETTERS}/{STREAM}:2/replay")
            await until(lambda: _equal(states(), {2: "failed", 4: "set_aside", 5: "set_aside"}))
            ledger.mended = True
            assert (await http("POST", f"{LETTERS}/{STREAM}:2/replay")).status_code == 200
            await until(lambda: _equal(states(), {2: "replayed", 4: "set_aside", 5: "set_aside"}))
            assert await ledger.sum() == 3

            rest = {"stream": STREAM, "from_sequence": 1, "until_sequence": 5}
            answer = await http("POST", f"{LETTERS}/replay", json=rest)
            assert answer.json() == {"asked": 2}
            await until(lambda: _equal(states(), dict.fromkeys((2, 4, 5), "replayed")))
            again = await http("POST", f"{LETTERS}/replay", json=rest)
            assert again.json() == {"asked": 0}

        assert await ledger.sum() == 5
        shown = (await http("GET", f"{LETTERS}/{STREAM}:2")).json()
        assert [one["state"] for one in shown["outcomes"]] == ["failed", "replayed"]
        assert shown["reason"] == shown["outcomes"][0]["reason"] == "ValueError: 卡号 *** 无法读取"

    async def test_a_fact_goes_to_its_own_handler_again(self, bus, database, letters, states):
        taken, mended = [], False

        async def handle(event) -> None:
            if not mended:
                raise LookupError
            taken.append((event.id, event.data.name))

        router = NatsRouter()
        subscribe.subscribe(
            router,
            INSTITUTION_STATE,
            durable=INSTITUTION_STATE_READER,
            user=USER,
            handle=handle,
            dead_letters=letters,
        )
        broker = broker_of([router], url=bus.url, user=USER, seed_file=bus.seed_file(USER))
        event = an_institution_state()
        async with broker:
            await broker.start()
            registry = await bus.connect("registry")
            await registry.jetstream().publish(
                INSTITUTION_STATE.subject_for(institution="inst-1"),
                event.model_dump_json().encode(),
                stream=INSTITUTION_STATE.stream,
            )
            await registry.close()
            await until(lambda: _equal(states(), {1: "set_aside"}))
        mended = True

        await database["dead_letters"].update_one(
            {}, {"$set": {"state": "asked", "due_at": machine_now()}}
        )
        assert await Replayer(database, letters).run_one()

        assert await states() == {1: "replayed"}
        assert taken == [(event.id, "甲培训机构")]


class TestReplayer:
    async def test_does_nothing_that_nobody_asked_for(self, database, letters, put, states):
        await put(1)

        assert not await Replayer(database, letters).run_one()
        assert await states() == {1: "set_aside"}

    async def test_leaves_what_another_process_handles(self, database, put, http, states):
        await put(1)
        await http("POST", f"{LETTERS}/{STREAM}:1/replay")

        assert not await Replayer(database, DeadLetters(database)).run_one()
        assert await states() == {1: "asked"}

    async def test_handles_in_the_order_of_the_stream(self, database, letters, ledger, put, http):
        ledger.mended = True
        await put(30, 4, 100)
        whole = {"stream": STREAM, "from_sequence": 1, "until_sequence": 100}
        await http("POST", f"{LETTERS}/replay", json=whole)
        working = Replayer(database, letters)

        assert [await working.run_one() for _ in range(4)] == [True, True, True, False]
        assert ledger.handled == [b"poison 4", b"poison 30", b"poison 100"]

    async def test_shares_the_work_with_another_and_does_each_once(
        self, database, letters, ledger, put, http
    ):
        ledger.mended = True
        await put(*range(1, 41))
        whole = {"stream": STREAM, "from_sequence": 1, "until_sequence": 40}
        await http("POST", f"{LETTERS}/replay", json=whole)

        async with running(*(Replayer(database, letters).run for _ in range(2))):
            waiting = {"state": {"$ne": "replayed"}}
            await until(lambda: _equal(database["dead_letters"].count_documents(waiting), 0))

        assert len(ledger.handled) == await ledger.sum() == 40

    async def test_after_a_crash_before_the_mark_changes_nothing_more(
        self, database, letters, ledger, put, http, states
    ):
        ledger.mended = True
        await put(1)
        await http("POST", f"{LETTERS}/{STREAM}:1/replay")
        handled = asyncio.Event()
        handle = letters.handlers[DURABLE]

        async def dies(letter) -> None:
            await handle(letter)
            handled.set()
            await asyncio.Event().wait()

        letters.handlers[DURABLE] = dies
        dying = asyncio.create_task(Replayer(database, letters).run_one())
        await handled.wait()
        await ended(dying)
        letters.handlers[DURABLE] = handle
        assert not await Replayer(database, letters).run_one()

        # The lease runs out.
        await database["dead_letters"].update_one({}, {"$set": {"due_at": machine_now()}})
        assert await Replayer(database, letters).run_one()

        assert len(ledger.handled) == 2
        assert await ledger.sum() == 1
        assert await states() == {1: "replayed"}

    async def test_ends_what_would_outlive_its_lease(
        self, database, letters, put, http, states, monkeypatch
    ):
        monkeypatch.setattr(replayer, "HANDLING_SECONDS", 0.05)
        await put(1)

        async def hangs(_letter) -> None:
            await asyncio.Event().wait()

        letters.handlers[DURABLE] = hangs
        await http("POST", f"{LETTERS}/{STREAM}:1/replay")

        assert await Replayer(database, letters).run_one()
        assert await states() == {1: "failed"}


class TestHttp:
    async def test_lists_in_the_order_of_the_stream_page_by_page_without_bodies(self, http, put):
        await put(9, 10, 2, 100)
        found, cursor = [], ""

        while cursor is not None:
            page = (await http("GET", f"{LETTERS}?stream={STREAM}&limit=3{cursor}")).json()
            found += page["letters"]
            cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"

        assert [one["sequence"] for one in found] == [2, 9, 10, 100]
        assert found[0]["size"] == len(b"poison 2")
        assert found[0]["digest"].startswith("sha256:")
        assert not any("body" in one for one in found)
        assert (await http("GET", f"{LETTERS}?stream=REGISTRY")).json()["letters"] == []
        assert (await http("GET", f"{LETTERS}?state=asked")).json()["letters"] == []

    async def test_shows_the_body_to_administrators_alone(self, http, put):
        await put(1)

        staff = await http("GET", f"{LETTERS}/{STREAM}:1")
        admin = await http("GET", f"{LETTERS}/{STREAM}:1", {"role": "admin"})

        assert staff.json()["body"] is None
        assert admin.json()["body"] == "poison 1"

    async def test_gives_a_reason_without_the_values_of_what_was_refused(self, http, put):
        with pytest.raises(ValueError, match="validation") as refused:
            INSTITUTION_STATE.contract.model_validate_json(json.dumps({"version": "stu_geheim"}))
        await put(1, error=refused.value)

        reason = (await http("GET", f"{LETTERS}/{STREAM}:1")).json()["reason"]

        assert "/version：" in reason
        assert "geheim" not in reason

    @pytest.mark.parametrize(
        ("by", "reading", "replaying"),
        [
            (OPERATOR, 200, 200),
            ({"role": "admin"}, 200, 200),
            ({"role": "staff", "department": "pboc"}, 200, 403),
            ({"role": "bank", "department": "data_bureau"}, 403, 403),
            ({"role": "institution"}, 403, 403),
        ],
    )
    async def test_lets_staff_read_and_the_operator_replay(self, http, put, by, reading, replaying):
        await put(1)
        whole = {"stream": STREAM, "from_sequence": 1, "until_sequence": 1}

        read = [await http("GET", path, by) for path in (LETTERS, f"{LETTERS}/{STREAM}:1")]
        replayed = [
            await http("POST", f"{LETTERS}/{STREAM}:1/replay", by),
            await http("POST", f"{LETTERS}/replay", by, json=whole),
        ]

        assert {answer.status_code for answer in read} == {reading}
        assert {answer.status_code for answer in replayed} == {replaying}

    async def test_writes_into_the_audit_what_it_changed(self, database, http, put):
        await put(1, 2)
        await http("POST", f"{LETTERS}/{STREAM}:1/replay")
        await http("POST", f"{LETTERS}/{STREAM}:1/replay")
        whole = {"stream": STREAM, "from_sequence": 1, "until_sequence": 9}
        await http("POST", f"{LETTERS}/replay", json=whole)

        rows = await database["audit"].find().sort("_id").to_list()

        assert [(row["action"], row["about"]["id"], row["details"]) for row in rows] == [
            ("dead_letter.replayed", f"{STREAM}:1", {}),
            ("dead_letter.replayed_range", f"{STREAM}:1-9", {"asked": 1}),
        ]

    async def test_does_not_know_a_letter_that_is_none(self, http):
        assert (await http("GET", f"{LETTERS}/{STREAM}:1")).status_code == 404
        assert (await http("POST", f"{LETTERS}/{STREAM}:1/replay")).status_code == 404
        assert (await http("GET", f"{LETTERS}/nothing")).status_code == 422

    async def test_refuses_a_range_of_too_many(self, database, http, put, states):
        await put(1)
        row = await database["dead_letters"].find_one({})
        await database["dead_letters"].insert_many(
            [{**row, "_id": f"{STREAM}:{n}", "sequence": n} for n in range(2, MOST_AT_ONCE + 2)]
        )
        whole = {"stream": STREAM, "from_sequence": 1, "until_sequence": MOST_AT_ONCE + 1}

        answer = await http("POST", f"{LETTERS}/replay", json=whole)

        assert answer.json()["type"] == "urn:haining:problem:dead-letter-replay-too-wide"
        assert set((await states()).values()) == {"set_aside"}


def an_institution_state():
    state = INSTITUTION_STATE.contract(
        institution_id="inst-1",
        version=1,
        name="甲培训机构",
        uscc="52330481MJ000001XJ",
        kind="sports",
        stages=["compulsory"],
        mode="offline",
        town="changan",
        competent_department="culture_tourism_sports",
        status="active",
    )
    return INSTITUTION_STATE.envelope(state, id=new_id(), subject="inst-1", time=machine_now())


async def _equal(found, expected) -> bool:
    return await found == expected

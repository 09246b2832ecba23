"""A creating request under a key: one effect, one answer, whatever breaks in between."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI
from joserfc.jwk import OctKey
from pydantic import BaseModel

from shared import problem
from shared.clock import machine_now
from shared.idempotency import (
    IDEMPOTENCY_INDEXES,
    KEPT,
    Asked,
    KeyedRequestRunning,
    KeyReused,
    Once,
    OnceDep,
)
from shared.mongo import ensure_indexes
from shared.sealing import Sealer

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]


class Thing(BaseModel):
    name: str


class Broken(Exception):
    """What a process that dies in the middle looks like from inside."""


@pytest.fixture
async def db(database):
    await ensure_indexes(database, IDEMPOTENCY_INDEXES)
    return database


@pytest.fixture
def made(db):
    """Return the work, and how often it took effect."""

    async def work(session):
        await db["things"].insert_one({}, session=session)
        return Thing(name=f"number {await db['things'].count_documents({}, session=session)}")

    return work


def asked(digest="body"):
    return Asked(id="key", digest=digest)


async def effects(db):
    return await db["things"].count_documents({})


class TestWithin:
    async def test_without_a_key_does_the_work_each_time(self, db, made):
        for _ in range(2):
            await Once(db, None).within(Thing, made)

        assert await effects(db) == 2
        assert await db["idempotency"].count_documents({}) == 0

    async def test_under_a_key_does_it_once_and_answers_the_same(self, db, made):
        answers = [await Once(db, asked()).within(Thing, made) for _ in range(3)]

        assert answers == [Thing(name="number 1")] * 3
        assert await effects(db) == 1

    async def test_keeps_a_secret_under_a_seal(self, db, made):
        sealer = Sealer(OctKey.generate_key(256, {"kid": "tests"}))
        for _ in range(2):
            answer = await Once(db, asked()).within(Thing, made, sealer=sealer)

        assert answer == Thing(name="number 1")
        assert "number 1" not in str(await db["idempotency"].find_one())

    async def test_refuses_another_body_under_the_key(self, db, made):
        await Once(db, asked()).within(Thing, made)

        with pytest.raises(KeyReused):
            await Once(db, asked("other")).within(Thing, made)
        assert await effects(db) == 1

    async def test_says_that_the_first_still_runs(self, db, made):
        entered, may_end = asyncio.Event(), asyncio.Event()

        async def slow(session):
            entered.set()
            await may_end.wait()
            return await made(session)

        first = asyncio.create_task(Once(db, asked()).within(Thing, slow))
        await entered.wait()
        with pytest.raises(KeyedRequestRunning):
            await Once(db, asked()).within(Thing, made)
        with pytest.raises(KeyReused):
            await Once(db, asked("other")).within(Thing, made)
        may_end.set()

        assert await first == Thing(name="number 1")
        assert await Once(db, asked()).within(Thing, made) == Thing(name="number 1")

    async def test_lets_many_at_once_have_one_effect(self, db, made):
        answers = await asyncio.gather(
            *(Once(db, asked()).within(Thing, made) for _ in range(8)), return_exceptions=True
        )

        things = [answer for answer in answers if isinstance(answer, Thing)]
        assert things
        assert set(map(str, things)) == {"name='number 1'"}
        assert all(isinstance(a, Thing | KeyedRequestRunning) for a in answers)
        assert await effects(db) == 1

    async def test_frees_the_key_when_the_work_is_refused(self, db, made):
        async def refused(session):
            await made(session)
            raise Broken

        with pytest.raises(Broken):
            await Once(db, asked()).within(Thing, refused)

        assert await Once(db, asked()).within(Thing, made) == Thing(name="number 1")

    async def test_takes_over_from_a_process_that_died_before_the_effect(self, db, made):
        moment = machine_now() - timedelta(seconds=1)
        await db["idempotency"].insert_one(
            {
                "_id": "key",
                "digest": "body",
                "answer": None,
                "claim": "of the dead",
                "leased_until": moment,
                "forget_at": moment + KEPT,
            }
        )

        assert await Once(db, asked()).within(Thing, made) == Thing(name="number 1")
        assert await effects(db) == 1

    async def test_undoes_what_a_process_does_after_another_took_over(self, db, made):
        async def overtaken(session):
            await Once(db, asked()).within(Thing, made)
            return await made(session)

        with pytest.raises(KeyedRequestRunning):
            await Once(db, asked(), lease=timedelta(0)).within(Thing, overtaken)

        assert await effects(db) == 1
        assert await Once(db, asked()).within(Thing, made) == Thing(name="number 1")

    async def test_answers_though_the_first_process_died_before_it_could(self, db, made):
        """Whatever is after the commit is lost; the answer was in the commit."""

        async def died(session):
            answer = await made(session)
            first.cancel()
            return answer

        first = asyncio.create_task(Once(db, asked()).within(Thing, died))
        await asyncio.gather(first, return_exceptions=True)

        # Either nothing happened, or all of it: never an effect without its answer.
        answer = await Once(db, asked()).within(Thing, made)
        assert await effects(db) == 1
        assert answer == Thing(name="number 1")


class TestAfter:
    async def test_keeps_the_answer_of_work_that_bears_a_repeat(self, db):
        done = []

        async def work():
            done.append(1)
            return Thing(name=f"number {len(done)}")

        answers = [await Once(db, asked()).after(Thing, work) for _ in range(2)]
        with pytest.raises(KeyReused):
            await Once(db, asked("other")).after(Thing, work)

        assert answers == [Thing(name="number 1")] * 2
        assert len(done) == 1


class TestForgetting:
    async def test_a_key_is_kept_for_a_day_and_no_longer(self, db, made):
        await Once(db, asked()).within(Thing, made)

        row = await db["idempotency"].find_one()
        indexes = await db["idempotency"].index_information()
        assert timedelta(hours=24) == KEPT
        assert indexes["forgotten_after"]["expireAfterSeconds"] == 0
        assert row["forget_at"] > row["leased_until"]


class TestTheHeader:
    @pytest.fixture
    async def client(self, db, access):
        app = FastAPI()
        problem.install(app)
        app.state.db = db
        app.state.verifier = access

        @app.post("/things/{name}")
        async def create(name: str, once: OnceDep) -> Thing:
            async def work(session):
                await db["things"].insert_one({}, session=session)
                return Thing(name=name)

            return await once.within(Thing, work)

        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            yield client

    @pytest.fixture
    def post(self, client, token):
        async def send(key, *, path="/things/a", body=b"{}", **claims):
            bearer = token(**{"role": "admin", **claims})
            headers = {"Authorization": f"Bearer {bearer}", "Idempotency-Key": key}
            return await client.post(path, content=body, headers=headers)

        return send

    @pytest.mark.parametrize("key", ["", "a b", "k" * 129, "k\x7f", b"\xe9"])
    async def test_is_1_to_128_visible_characters(self, post, key):
        answer = await post(key)

        assert answer.status_code == 422
        assert answer.json()["type"] == "urn:haining:problem:invalid-request"

    async def test_belongs_to_one_caller(self, post, db):
        for claims in ({}, {"sub": "another"}, {"role": "bank_admin"}, {}):
            assert (await post("k" * 128, **claims)).status_code == 200

        assert await effects(db) == 3

    @pytest.mark.parametrize("other", [{"body": b"[]"}, {"path": "/things/b"}])
    async def test_stands_for_one_path_and_body(self, post, other):
        assert (await post("k")).status_code == 200

        answer = await post("k", **other)

        assert answer.status_code == 422
        assert answer.json()["type"] == "urn:haining:problem:idempotency-key-reused"

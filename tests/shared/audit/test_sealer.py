"""The sealer on a real store: every row once, in one chain, whoever works beside it."""

import asyncio
from datetime import timedelta

import pytest
from pymongo.errors import BulkWriteError, DuplicateKeyError

from shared.audit import sealer as sealing
from shared.audit.chain import HEAD, beginning
from shared.audit.log import AUDIT_INDEXES
from shared.audit.sealer import ChainSealer
from shared.cancelling import ended
from shared.mongo import ensure_indexes, transact
from tests.shared.audit.builders import SERVICE, a_chain, an_entry, check, found, seal, write
from tests.support.audit import audit_log

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]


@pytest.fixture
async def db(database):
    await ensure_indexes(database, AUDIT_INDEXES)
    return database


async def chain(db):
    return await db["audit"].find({"sequence": {"$gt": 0}}).sort("sequence").to_list()


class TestSealOnce:
    async def test_gives_rows_their_places_one_after_the_other(self, db):
        await a_chain(db, 3)

        rows = await chain(db)
        head = await db["audit_head"].find_one({})
        assert [row["sequence"] for row in rows] == [1, 2, 3]
        assert [row["previous"] for row in rows] == [
            beginning(SERVICE),
            rows[0]["hash"],
            rows[1]["hash"],
        ]
        assert head == {"_id": HEAD, "sequence": 3, "hash": rows[2]["hash"]}
        assert await found(db) == []

    async def test_does_nothing_when_nothing_waits(self, db):
        assert await ChainSealer(db, service=SERVICE).seal_once() == 0
        assert (await check(db)).sealed == 0

    async def test_takes_one_batch_at_a_time(self, db, monkeypatch):
        monkeypatch.setattr(sealing, "BATCH", 2)
        await write(db, *(an_entry(number) for number in range(5)))
        sealer = ChainSealer(db, service=SERVICE)

        assert [await sealer.seal_once() for _ in range(4)] == [2, 2, 1, 0]
        assert (await check(db)).sealed == 5

    async def test_seals_a_row_whose_transaction_ends_after_later_ones_are_sealed(self, db):
        async with db.client.start_session() as session:
            await session.start_transaction()
            await audit_log(db).record(an_entry(1), session=session)
            await write(db, an_entry(2))
            await seal(db)
            await session.commit_transaction()

        await seal(db)

        assert [row["about"]["id"] for row in await chain(db)] == ["inst-2", "inst-1"]
        assert await found(db) == []
        assert (await check(db)).waiting == 0

    async def test_forms_one_chain_when_several_seal_at_once(self, db, monkeypatch):
        monkeypatch.setattr(sealing, "BATCH", 5)

        async def work(number: int) -> None:
            for row in range(10):
                await write(db, an_entry(10 * number + row))
                await ChainSealer(db, service=SERVICE).seal_once()

        await asyncio.gather(*(work(number) for number in range(4)))
        await seal(db)

        verdict = await check(db)
        assert (verdict.sealed, verdict.waiting, verdict.differences) == (40, 0, ())

    async def test_does_not_begin_again_when_the_head_was_removed(self, db):
        await a_chain(db, 2)
        await db["audit_head"].delete_many({})
        await write(db, an_entry(3))

        with pytest.raises(BulkWriteError, match="one_row_per_place"):
            await seal(db)

        assert (await check(db)).waiting == 1

    async def test_leaves_a_sealed_row_alone_that_is_made_to_look_unsealed(self, db):
        await a_chain(db, 2)
        await db["audit"].update_one({"sequence": 1}, {"$set": {"sealed": False}})

        await seal(db)

        assert [row["sequence"] for row in await chain(db)] == [1, 2]
        assert await found(db) == [(1, "内容与其摘要不符")]

    async def test_holds_up_no_writer(self, db):
        """A transaction that sealed and did not end yet touches nothing that writers touch."""
        await write(db, an_entry(1))
        await seal(db)
        await write(db, an_entry(2))
        sealer = ChainSealer(db, service=SERVICE)
        async with db.client.start_session() as session:
            await session.start_transaction()
            await sealer._seal(session)  # noqa: SLF001 - in a transaction that stays open

            # Held up, it would wait until the commit below: for ever.
            await asyncio.wait_for(write(db, an_entry(3)), timeout=20)

            await session.commit_transaction()
        await seal(db)
        assert (await check(db)).sealed == 3
        assert await found(db) == []


class TestRun:
    async def test_seals_what_comes_until_it_is_cancelled(self, db):
        task = asyncio.create_task(ChainSealer(db, service=SERVICE).run())
        try:
            await write(db, an_entry(1), an_entry(2))
            async with asyncio.timeout(20), await db["audit_head"].watch() as changes:
                while (await check(db)).sealed < 2:
                    await changes.next()
        finally:
            await ended(task)

        assert await found(db) == []


class TestIndexes:
    async def test_let_no_place_be_taken_twice(self, db):
        await a_chain(db, 2)

        with pytest.raises(DuplicateKeyError):
            await db["audit"].update_one({"sequence": 2}, {"$set": {"sequence": 1}})

    async def test_find_what_waits_without_a_walk_along_the_chain(self, db):
        await a_chain(db, 50)
        await write(db, an_entry(51))

        plan = await db.command(
            "explain",
            {"find": "audit", "filter": sealing.WAITING, "sort": {"_id": 1}, "limit": 500},
            verbosity="executionStats",
        )

        assert plan["executionStats"]["totalDocsExamined"] == 1


class TestRecord:
    @pytest.mark.parametrize(
        "details",
        [{"x": 2**53}, {"x": "字" * 513}, {str(number): 1 for number in range(33)}],
    )
    def test_refuses_details_that_are_too_large(self, details):
        with pytest.raises(ValueError, match="few and short"):
            an_entry(details=details)

    async def test_names_no_person_and_no_reason(self, db):
        await write(db, an_entry())

        [row] = await db["audit"].find().to_list()

        assert "staff:education" not in str(row)
        assert "年检" not in str(row)
        assert row["who"]["person"].startswith("hmac-sha256:tests:")
        assert row["why"].startswith("hmac-sha256:tests:")

    async def test_leaves_nothing_of_a_transaction_that_failed(self, db):
        async def fail(session) -> None:
            await audit_log(db).record(an_entry(), session=session)
            raise LookupError

        with pytest.raises(LookupError):
            await transact(db, fail)

        assert await db["audit"].count_documents({}) == 0

    async def test_keeps_the_time_of_the_machine(self, db):
        await a_chain(db, 1)

        [row] = await chain(db)

        assert timedelta(0) <= row["sealed_at"] - row["at"] < timedelta(minutes=1)

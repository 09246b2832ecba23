"""Who reads which partition, on a real store."""

import asyncio
from datetime import timedelta

import pytest

from services.fund_monitor.store.ledger.workers import LIVES, WORKER_INDEXES, Workers
from shared.cancelling import ended
from shared.clock import machine_now
from shared.messaging.topology import PARTITIONS
from shared.mongo import ensure_indexes
from tests.support.waiting import until

pytestmark = pytest.mark.integration


@pytest.fixture
async def rows(database):
    await ensure_indexes(database, WORKER_INDEXES)
    return database["workers"]


def owned(workers: Workers) -> set[int]:
    return {partition for partition in range(PARTITIONS) if workers.owns(partition)}


async def test_who_knows_of_nobody_reads_everything(database):
    assert owned(Workers(database)) == set(range(PARTITIONS))


async def test_those_who_live_share_all_partitions_evenly(database):
    living = [Workers(database) for _ in range(3)]
    for _ in range(2):
        for one in living:
            await one.look()

    shares = [owned(one) for one in living]

    assert sorted(len(share) for share in shares) == [5, 5, 6]
    assert set.union(*shares) == set(range(PARTITIONS))


async def test_what_the_dead_had_is_read_by_who_lives(database, rows):
    died, lives = Workers(database), Workers(database)
    await died.look()
    await lives.look()
    assert len(owned(lives)) == PARTITIONS // 2

    past = {"$set": {"at": machine_now() - LIVES - timedelta(seconds=1)}}
    await rows.update_many({}, past)
    await lives.look()

    assert owned(lives) == set(range(PARTITIONS))


async def test_who_ends_in_peace_is_missed_at_once(database, rows):
    ends, lives = Workers(database), Workers(database)
    running = asyncio.create_task(ends.run())

    async def known() -> bool:
        return await rows.count_documents({}) > 0

    await until(known)

    await ended(running)
    await lives.look()

    assert owned(lives) == set(range(PARTITIONS))

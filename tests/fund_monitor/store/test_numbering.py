"""Outcomes get their places after they committed, on a real replica set."""

import asyncio

import pytest

from services.fund_monitor.store.banks.numbering import Numberer
from services.fund_monitor.store.banks.told import (
    MOST_IN_A_DOCUMENT,
    OUTCOME_STREAM,
    ToldBook,
    documents_of,
)
from services.fund_monitor.store.indexes import INDEXES
from shared.mongo import ensure_indexes

OUTCOMES = OUTCOME_STREAM.documents
pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]


@pytest.fixture
async def db(database):
    await ensure_indexes(database, {OUTCOMES: INDEXES[OUTCOMES]})
    return database


def told(*serial_nos: str, bank: str = "alpha"):
    return documents_of(
        OUTCOME_STREAM, ({"bank": bank, "serial_no": one, "status": "posted"} for one in serial_nos)
    )


async def read(db, place: int = 0, *, bank: str = "alpha", limit: int = 100):
    rows = await ToldBook(db, OUTCOME_STREAM).after(bank, place, limit=limit)
    return [(row["place"], row["serial_no"]) for row in rows]


async def test_what_commits_late_comes_after_every_cursor_handed_out_before(db):
    numberer = Numberer(db, OUTCOME_STREAM)
    async with db.client.start_session() as late, await late.start_transaction():
        await db[OUTCOMES].insert_many(told("late"), session=late)
        await db[OUTCOMES].insert_many(told("one", "two"))
        await numberer.number_once()
        before = await read(db)
        await db[OUTCOMES].insert_many(told("three"))
        await numberer.number_once()
        since = await read(db, before[-1][0])

    waited = await read(db, since[-1][0])
    await numberer.number_once()

    assert (before, since, waited) == ([(1, "one"), (2, "two")], [(3, "three")], [])
    assert await read(db, since[-1][0]) == [(4, "late")]


async def test_two_that_number_at_once_give_every_place_once(db):
    for number in range(30):
        await db[OUTCOMES].insert_many(told(f"a{number}", f"b{number}"))

    numbered = await asyncio.gather(*(Numberer(db, OUTCOME_STREAM).number_once() for _ in range(4)))

    places = [place for place, _ in await read(db)]
    assert sum(numbered) == 30
    assert places == list(range(1, 61))


async def test_each_bank_counts_for_itself(db):
    await db[OUTCOMES].insert_many([*told("a1"), *told("b1", bank="beta"), *told("a2")])

    await Numberer(db, OUTCOME_STREAM).number_once()

    assert await read(db) == [(1, "a1"), (2, "a2")]
    assert await read(db, bank="beta") == [(1, "b1")]


async def test_a_page_begins_and_ends_inside_a_document(db):
    many = [f"s{number}" for number in range(MOST_IN_A_DOCUMENT + 2)]
    await db[OUTCOMES].insert_many(told(*many))
    await Numberer(db, OUTCOME_STREAM).number_once()

    page = await read(db, MOST_IN_A_DOCUMENT - 1, limit=2)
    rest = await read(db, page[-1][0])

    assert [serial_no for _, serial_no in page + rest] == many[-3:]

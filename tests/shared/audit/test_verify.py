"""Tampering with any part of a chain is found, on a real store; and nothing else is."""

import copy
from datetime import timedelta
from typing import Any

import pytest

from shared.audit.chain import hash_of
from shared.audit.log import AUDIT_INDEXES
from shared.audit.verify import Anchor
from shared.mongo import ensure_indexes
from tests.shared.audit.builders import (
    SERVICE,
    a_chain,
    an_entry,
    check,
    found,
    seal,
    write,
)

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]

ROWS = 4
CHANGED = "内容与其摘要不符"
BROKEN = "与前一行不衔接"


@pytest.fixture
async def db(database):
    await ensure_indexes(database, AUDIT_INDEXES)
    await a_chain(database, ROWS)
    return database


@pytest.fixture
async def anchors(db):
    """The chain's head as two others and a stream hold it."""
    head = await db["audit_head"].find_one({})
    return [
        Anchor(service=SERVICE, sequence=head["sequence"], hash=head["hash"], held_by=holder)
        for holder in ("schedule_monitor", "fund_monitor", "流 REGISTRY")
    ]


async def the_rows(db):
    return await db["audit"].find().sort("sequence").to_list()


def paths(value: Any, before: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Return the place of every field, of those inside others as well."""
    if not isinstance(value, dict):
        return [before]
    return [before, *(path for name in value for path in paths(value[name], (*before, name)))]


def another(value: Any) -> list[Any]:
    """Return values that somebody might put in a field's place, all of another meaning."""
    if isinstance(value, bool):
        return [not value, int(value), None]
    if isinstance(value, int):
        return [value + 100, float(value), str(value), None]
    if isinstance(value, str):
        return [f"{value}x", value[:-1], None]
    if value is None:
        return ["", 0, False]
    if isinstance(value, dict):
        return [{}, {**value, "more": 1}, None]
    return [value + timedelta(milliseconds=1), value.isoformat(), None]


def changed(row: dict[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(row)
    inner = changed
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    return changed


def removed(row: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    without = copy.deepcopy(row)
    inner = without
    for name in path[:-1]:
        inner = inner[name]
    del inner[path[-1]]
    return without


async def put(db, before: dict[str, Any], after: dict[str, Any]) -> None:
    await db["audit"].delete_one({"_id": before["_id"]})
    await db["audit"].insert_one(after)


async def rehashed(db, *, since: int) -> None:
    """Do what an attacker with the whole store would: make the tail and the head fit again."""
    previous = None
    for row in await the_rows(db):
        if row["sequence"] >= since:
            body = {**row, "previous": previous or row["previous"]}
            body["hash"] = hash_of(body)
            await db["audit"].replace_one({"_id": row["_id"]}, body)
            row = body  # noqa: PLW2901 - the row as it stands now
        previous = row["hash"]
    await set_head(db, sequence=(await the_rows(db))[-1]["sequence"], hash=previous)


async def set_head(db, **fields: Any) -> None:
    await db["audit_head"].update_one({}, {"$set": fields})


class TestAWholeChain:
    async def test_has_no_difference(self, db, anchors):
        verdict = await check(db, anchors)

        assert (verdict.sealed, verdict.waiting, verdict.anchors) == (ROWS, 0, 3)
        assert verdict.differences == ()

    async def test_may_have_rows_that_wait(self, db, anchors):
        await write(db, an_entry(5), an_entry(6))

        verdict = await check(db, anchors)

        assert (verdict.sealed, verdict.waiting, verdict.differences) == (ROWS, 2, ())

    async def test_may_grow_past_its_anchors(self, db, anchors):
        await write(db, an_entry(5))
        await seal(db)

        assert await found(db, anchors) == []


class TestOneRow:
    async def test_changed_in_any_field_in_any_way_is_named(self, db):
        """Every field of every row: other values, other types, gone."""
        tried = 0
        for row in await the_rows(db):
            for path in paths(row)[1:]:
                value = row
                for name in path:
                    value = value[name]
                forgeries = [changed(row, path, each) for each in another(value)]
                if path != ("_id",):
                    forgeries.append(removed(row, path))
                for forged in forgeries:
                    if forged.get("_id") is None:
                        continue
                    await put(db, row, forged)
                    differences = await found(db)
                    await put(db, forged, row)
                    tried += 1
                    places = {place for place, _ in differences}
                    assert places & {row["sequence"], row["sequence"] - 1, None}, (path, forged)
        assert await found(db) == []
        assert tried > ROWS * 50

    async def test_changed_is_named_alone(self, db, anchors):
        await db["audit"].update_one({"sequence": 2}, {"$set": {"action": "other"}})

        assert await found(db, anchors) == [(2, CHANGED)]

    async def test_given_one_more_field_is_named(self, db):
        await db["audit"].update_one({"sequence": 3}, {"$set": {"note": "x"}})

        assert await found(db) == [(3, CHANGED)]

    async def test_rewritten_with_its_hash_breaks_the_link_to_the_next(self, db):
        [_, second, *_] = await the_rows(db)
        second["action"] = "other"
        second["hash"] = hash_of(second)
        await db["audit"].replace_one({"_id": second["_id"]}, second)

        assert await found(db) == [(3, BROKEN)]

    @pytest.mark.parametrize("place", [1, 2, 3])
    async def test_removed_is_named(self, db, place):
        await db["audit"].delete_one({"sequence": place})

        assert await found(db) == [(place, f"缺失，至第 {place} 行")]

    async def test_removed_at_the_end_is_named_by_the_head_and_the_anchors(self, db, anchors):
        await db["audit"].delete_one({"sequence": ROWS})

        differences = await found(db, anchors)

        assert (None, "链头记为第 4 行，链止于第 3 行") in differences
        assert [place for place, _ in differences].count(ROWS) == 3

    async def test_put_in_between_is_named(self, db):
        [_, second, *_] = await the_rows(db)
        await db["audit"].drop_index("one_row_per_place")
        await db["audit"].insert_one({**second, "_id": "forged"})

        assert (2, "此后插入了不属于链的一行（forged）") in await found(db)

    @pytest.mark.parametrize("place", [2.5, "2", 0, -1, [9], True])
    async def test_put_in_at_an_odd_place_is_named(self, db, place):
        [_, second, *_] = await the_rows(db)
        await db["audit"].insert_one({**second, "_id": "forged", "sequence": place})

        assert any("forged" in what for _, what in await found(db))

    async def test_put_beside_the_chain_is_named(self, db):
        await db["audit"].insert_one({"_id": "forged", "action": "x"})

        assert await found(db) == [(None, "记录 forged 既不在链上也不在待封存之列")]


class TestSeveralRows:
    async def test_swapped_are_named(self, db):
        await db["audit"].drop_index("one_row_per_place")
        await db["audit"].update_one({"sequence": 2}, {"$set": {"sequence": 99}})
        await db["audit"].update_one({"sequence": 3}, {"$set": {"sequence": 2}})
        await db["audit"].update_one({"sequence": 99}, {"$set": {"sequence": 3}})

        assert await found(db) == [(2, CHANGED), (3, CHANGED), (4, BROKEN)]

    async def test_rehashed_to_the_end_are_named_by_the_anchors_alone(self, db, anchors):
        await db["audit"].update_one({"sequence": 2}, {"$set": {"action": "other"}})
        await rehashed(db, since=2)

        assert await found(db) == []
        assert await found(db, anchors) == [
            (ROWS, f"与{anchor.held_by}所存锚点不符") for anchor in anchors
        ]

    async def test_cut_off_with_the_head_are_named_by_the_anchors_alone(self, db, anchors):
        await db["audit"].delete_many({"sequence": {"$gt": 2}})
        await rehashed(db, since=2)

        assert await found(db) == []
        assert await found(db, anchors) == [
            (ROWS, f"{anchor.held_by}存有此行的锚点，链上没有此行") for anchor in anchors
        ]

    async def test_all_gone_are_named_by_the_anchors(self, db, anchors):
        await db["audit"].delete_many({})
        await db["audit_head"].delete_many({})

        assert len(await found(db, anchors)) == 3


class TestTheHead:
    @pytest.mark.parametrize(
        ("fields", "what"),
        [
            ({"sequence": 3}, "链头记为第 3 行，链止于第 4 行"),
            ({"sequence": 5}, "链头记为第 5 行，链止于第 4 行"),
            ({"sequence": "4"}, "链头记为第 4 行，链止于第 4 行"),
            ({"hash": "sha-256:00"}, "链头的摘要与最后一行不符"),
            ({"hash": None}, "链头的摘要与最后一行不符"),
        ],
    )
    async def test_edited_is_named(self, db, fields, what):
        await set_head(db, **fields)

        assert await found(db) == [(None, what)]

    async def test_removed_is_named(self, db):
        await db["audit_head"].delete_many({})

        assert await found(db) == [(None, "链头缺失")]


class TestAnAnchor:
    @pytest.mark.parametrize("change", [{"hash": "sha-256:00"}, {"sequence": 3}])
    async def test_edited_is_named_beside_those_that_are_not(self, db, anchors, change):
        [first, *others] = anchors
        given = {"service": SERVICE, "sequence": first.sequence, "hash": first.hash, **change}
        edited = Anchor(**given, held_by=first.held_by)

        assert await found(db, [edited, *others]) == [
            (given["sequence"], "与schedule_monitor所存锚点不符")
        ]

    async def test_of_another_chain_says_nothing_of_this_one(self, db):
        foreign = Anchor(service="fund_monitor", sequence=99, hash="x", held_by="registry")

        assert await found(db, [foreign]) == []

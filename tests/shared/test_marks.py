"""What waits to be judged, on a real store."""

from datetime import date, timedelta

import pytest

from shared.clock import machine_now
from shared.ids import first_id_at
from shared.marks import FROM_THE_BEGINNING, MARK_INDEXES, MarkStore, mark
from shared.mongo import ensure_indexes

pytestmark = pytest.mark.integration

TODAY = date(2026, 6, 30)


@pytest.fixture
async def marks(database):
    await ensure_indexes(database, MARK_INDEXES)
    return MarkStore(database)


async def put(database, *writes):
    await database["to_judge"].bulk_write(list(writes))


class TestLease:
    async def test_takes_all_that_was_marked_of_a_thing_together(self, marks, database):
        await put(
            database,
            mark("institution", "a", "2026-05", ["c1"], ["t1"], names=["p"]),
            mark("institution", "b", "2026-06", ["c2"]),
            mark("institution", "a", "2026-04", ["c3"], ["t2"], names=["q"], everything=True),
        )

        a, b = sorted(await marks.lease(today=TODAY, limit=9), key=lambda each: each.id)

        assert (a.from_month, a.causes, a.traces) == ("2026-04", ("c1", "c3"), ("t1", "t2"))
        assert (a.names, a.everything) == ({"p", "q"}, True)
        assert (b.from_month, b.names, b.everything) == ("2026-06", frozenset(), False)

    async def test_tells_what_was_only_eased_apart_from_what_changed_otherwise(
        self, marks, database
    ):
        await put(
            database,
            mark("institution", "a", "2026-05", [], names=["p"], eased=["q", "r"]),
            mark("institution", "a", "2026-05", [], names=["q"], eased=["p"]),
        )

        [a] = await marks.lease(today=TODAY)

        assert (a.names, a.eased) == ({"p", "q", "r"}, {"r"})

    async def test_gives_nobody_else_what_one_holds(self, marks, database):
        await put(database, mark("institution", "a", "2026-05", []))
        [held] = await marks.lease(today=TODAY)
        await put(database, mark("institution", "a", "2026-06", []))

        assert await marks.lease(today=TODAY) == []
        await marks.release([held])
        assert [each.id for each in await marks.lease(today=TODAY)] == ["a"]

    async def test_takes_over_from_a_judge_that_died(self, marks, database):
        await put(database, mark("institution", "a", "2026-05", []))
        await marks.lease(today=TODAY)
        past = {"$set": {"leased_until": machine_now() - timedelta(seconds=1)}}
        await database["judging"].update_many({}, past)

        assert [each.id for each in await marks.lease(today=TODAY)] == ["a"]

    async def test_takes_what_waits_longest_and_no_more_than_was_asked_for(self, marks, database):
        await put(database, *(mark("institution", name, "2026-05", []) for name in "abc"))

        assert {each.id for each in await marks.lease(today=TODAY, limit=2)} == {"a", "b"}
        assert {each.id for each in await marks.lease(today=TODAY, limit=2)} == {"c"}

    async def test_leaves_what_was_marked_just_now_to_rest(self, marks, database):
        await put(database, mark("institution", "a", "2026-05", []))
        before, rested = machine_now(), timedelta(hours=1)

        assert await marks.lease(today=TODAY, rested=rested) == []

        await put(database, mark("institution", "a", "2026-04", ["old"]))
        old = await database["to_judge"].find_one_and_delete({"from_month": "2026-04"})
        await database["to_judge"].insert_one({**old, "_id": first_id_at(before - 2 * rested)})
        [found] = await marks.lease(today=TODAY, rested=rested)
        # What rests is taken along once the thing is due: it is judged once for both.
        assert (found.from_month, len(found.rows)) == ("2026-04", 2)

    async def test_takes_whole_things_and_gives_back_what_does_not_fit(self, marks, database):
        many = [f"p{number}" for number in range(3_000)]
        await put(
            database,
            mark("institution", "a", "2026-05", [], names=many),
            mark("institution", "b", "2026-05", [], names=many),
            mark("institution", "a", "2026-05", [], names=many[:1]),
        )

        [first] = await marks.lease(today=TODAY, limit=9)
        [second] = await marks.lease(today=TODAY, limit=9)

        assert (first.id, len(first.rows)) == ("a", 2)
        assert (second.id, len(second.rows)) == ("b", 1)

    async def test_takes_part_of_a_thing_of_which_too_much_was_marked(self, marks, database):
        many = [f"p{number}" for number in range(3_000)]
        rows = [mark("institution", "a", "2026-05", [], names=many) for _ in range(3)]
        await put(database, *rows)

        [part] = await marks.lease(today=TODAY)
        await marks.judged({part: None})

        assert len(part.rows) == 1
        assert len((await marks.lease(today=TODAY))[0].rows) == 1


class TestJudged:
    async def test_leaves_what_was_marked_meanwhile(self, marks, database):
        await put(database, mark("institution", "a", "2026-05", ["before"]))
        [held] = await marks.lease(today=TODAY)
        await put(database, mark("institution", "a", "2026-06", ["meanwhile"]))

        await marks.judged({held: None})

        assert await marks.waiting() == 1
        [again] = await marks.lease(today=TODAY)
        assert again.causes == ("meanwhile",)

    async def test_has_a_thing_looked_at_again_on_its_day(self, marks, database):
        await put(database, mark("institution", "a", "2026-05", ["c"]))
        [held] = await marks.lease(today=TODAY)
        await marks.judged({held: TODAY + timedelta(days=1)})

        assert await marks.lease(today=TODAY) == []
        [due] = await marks.lease(today=TODAY + timedelta(days=1))

        assert (due.from_month, due.causes) == (FROM_THE_BEGINNING, ())

    async def test_does_not_end_what_somebody_else_has_taken_over(self, marks, database):
        await put(database, mark("institution", "a", "2026-05", []))
        [late] = await marks.lease(today=TODAY)
        past = {"$set": {"leased_until": machine_now() - timedelta(seconds=1)}}
        await database["judging"].update_many({}, past)
        await marks.lease(today=TODAY)

        await marks.judged({late: None})

        [lease] = await database["judging"].find().to_list()
        assert lease["leased_until"] > machine_now()

"""一课一消 in figures: each lesson's value, and corrections in any order."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from services.fund_monitor.domain.lessons.lessons import (
    LESSON,
    HeldSession,
    corrected,
    net,
    value_fen,
)

ENDED_AT = datetime(2026, 3, 2, 2, tzinfo=UTC)


def a_session(version: int = 1, *attended: str, **more: object) -> HeldSession:
    told = HeldSession(
        session_id="s-1",
        version=version,
        institution_id="inst-1",
        group="g-1",
        started_at=ENDED_AT - timedelta(minutes=45),
        ended_at=ENDED_AT,
        head_count=9,
        attended=frozenset(attended),
    )
    return replace(told, **more)


class TestValue:
    def test_thirds_of_a_yuan_add_up_to_it(self):
        steps = [value_fen(n * LESSON, price_fen=100, lessons=3 * LESSON) for n in range(4)]

        assert steps == [0, 33, 66, 100]

    @given(price=st.integers(0, 10**9), lessons=st.integers(1, 40_000), data=st.data())
    def test_of_all_lessons_is_the_price_however_they_are_cut(self, price, lessons, data):
        cuts = sorted(data.draw(st.sets(st.integers(0, lessons), max_size=20)) | {0, lessons})
        values = [value_fen(cut, price_fen=price, lessons=lessons) for cut in cuts]
        parts = [after - before for before, after in pairwise(values)]

        assert sum(parts) == price
        assert all(part >= 0 for part in parts)

    def test_goes_no_further_than_the_price(self):
        assert value_fen(4 * LESSON, price_fen=100, lessons=3 * LESSON) == 100
        assert value_fen(-LESSON, price_fen=100, lessons=3 * LESSON) == 0

    def test_of_a_contract_without_lessons_is_nothing(self):
        assert value_fen(LESSON, price_fen=100, lessons=0) == 0


class TestCorrection:
    def test_gives_back_what_no_longer_holds(self):
        entries = corrected(a_session(1, "C1", "C2"), a_session(2, "C2", "C3"))

        assert [(one.contract_no, one.lessons) for one in entries] == [
            ("C1", -LESSON),
            ("C3", LESSON),
        ]

    def test_moves_every_lesson_of_a_session_that_was_at_another_time(self):
        later = ENDED_AT + timedelta(days=1)

        entries = corrected(a_session(1, "C1"), a_session(2, "C1", ended_at=later))

        assert [(one.consumed_at, one.lessons) for one in entries] == [
            (ENDED_AT, -LESSON),
            (later, LESSON),
        ]

    def test_of_the_same_or_a_lower_version_changes_nothing(self):
        assert corrected(a_session(2, "C1"), a_session(2, "C2")) == []
        assert corrected(a_session(2, "C1"), a_session(1, "C2")) == []

    @given(
        told=st.lists(
            st.tuples(st.frozensets(st.sampled_from("ABCD")), st.integers(0, 2)),
            min_size=1,
            max_size=6,
        ),
        data=st.data(),
    )
    def test_in_any_order_comes_to_what_the_highest_version_says(self, told, data):
        versions = [
            a_session(n, *attended, ended_at=ENDED_AT + timedelta(days=days))
            for n, (attended, days) in enumerate(told, start=1)
        ]
        entries, known = [], None
        for one in data.draw(st.permutations(versions + versions)):
            entries += corrected(known, one)
            known = one if known is None or one.version > known.version else known

        last = versions[-1]
        by_moment = Counter[tuple[str, datetime]]()
        for entry in entries:
            by_moment[entry.contract_no, entry.consumed_at] += entry.lessons
        assert net(entries) == {("s-1", no): LESSON for no in last.attended}
        assert {key: n for key, n in by_moment.items() if n} == {
            (no, last.ended_at): LESSON for no in last.attended
        }
        assert len({entry.id for entry in entries}) == len(entries)

"""The three-way match: every difference has its name, and what is in step has none."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from services.fund_monitor.domain.lessons.contract_book import (
    Approved,
    ContractBook,
    Released,
    Taught,
    Terms,
)
from services.fund_monitor.domain.lessons.lessons import LESSON
from services.fund_monitor.domain.lessons.matching import (
    Deadlines,
    differences,
    next_look,
)
from services.fund_monitor.domain.rules.releases import (
    LESSON_MISMATCH,
    UNMATCHED_RELEASE,
    breaches_by_month,
)

DAY = datetime(2026, 3, 2, 2, tzinfo=UTC)
# Three lessons for one yuan: 33, 33 and 34 fen.
TERMS = Terms(100, 3 * LESSON)


def on(day: int, hour: int = 0) -> datetime:
    return DAY + timedelta(days=day, hours=hour)


def taught(*days: int) -> tuple[Taught, ...]:
    return tuple(Taught(f"s-{day}", on(day), LESSON) for day in days)


def released(*what: tuple[int, int]) -> tuple[Released, ...]:
    return tuple(Released(f"r-{day}", on(day, 1), fen) for day, fen in what)


def a_book(**more: object) -> ContractBook:
    return replace(ContractBook(contract_no="C1", terms=TERMS), **more)


def deadlines(now: datetime = DAY, *, days: int = 10, provisional: bool = False) -> Deadlines:
    first = datetime(2026, 3, 1, tzinfo=UTC)
    every = [] if provisional else [first + timedelta(days=n) for n in range(60)]
    return Deadlines(now, {day.date(): day + timedelta(days=days) for day in every})


def named(book: ContractBook, until: Deadlines | None = None) -> list[tuple[str, str, int, str]]:
    found = differences(book, until or deadlines(on(3)))
    return [(one.kind, one.level, one.fen, one.source) for one in found]


class TestReleases:
    def test_in_step_with_lessons_differ_in_nothing(self):
        book = a_book(taught=taught(0, 1, 2), released=released((0, 33), (1, 33), (2, 34)))

        assert named(book) == []

    def test_may_be_off_by_a_fen_for_each_lesson(self):
        off = a_book(taught=taught(0, 1), released=released((0, 34), (1, 34)))
        more = a_book(taught=taught(0, 1), released=released((0, 34), (1, 35)))

        assert named(off) == []
        assert named(more) == [("released_more_than_consumed", "red", 3, "r-1")]

    def test_before_the_lesson_are_early_once_it_is_held(self):
        early = a_book(taught=taught(2), released=released((1, 33)))
        never = a_book(taught=(), released=released((1, 33)))

        assert named(early) == [("released_before_lesson", "yellow", 33, "r-1")]
        assert named(never) == [("released_more_than_consumed", "red", 33, "r-1")]

    def test_of_no_contract_and_of_one_that_is_not_filed_are_told_apart(self):
        nothing = a_book(contract_no=None, terms=None, released=released((1, 33)))
        strange = a_book(terms=None, released=released((1, 33)))

        assert named(nothing) == [("no_contract", "red", 33, "r-1")]
        assert named(strange) == [("release_not_filed", "red", 33, "r-1")]

    def test_by_hand_are_yellow_and_only_once_for_each_approval(self):
        approved = (Approved("m-1", on(0), 50),)
        book = a_book(approved=approved, released=released((1, 50), (2, 50)))

        assert named(book) == [
            ("manual_release", "yellow", 50, "r-1"),
            ("released_more_than_consumed", "red", 50, "r-2"),
        ]

    def test_before_the_approval_or_of_another_amount_are_not_what_was_approved(self):
        early = a_book(approved=(Approved("m-1", on(2), 50),), released=released((1, 50)))
        other = a_book(approved=(Approved("m-1", on(0), 51),), released=released((1, 50)))

        assert [one[0] for one in named(early)] == ["released_more_than_consumed"]
        assert [one[0] for one in named(other)] == ["released_more_than_consumed"]

    def test_that_come_in_another_order_are_judged_alike(self):
        book = a_book(taught=taught(0, 2), released=released((0, 33), (1, 33), (2, 50)))
        turned = replace(book, taught=book.taught[::-1], released=book.released[::-1])

        assert named(turned) == named(book) != []

    def test_of_a_contract_charged_by_period_alone_are_not_compared(self):
        book = a_book(terms=Terms(100, 0), taught=taught(0), released=released((0, 99)))

        assert named(book, deadlines(on(40))) == []


class TestLessons:
    def test_beyond_what_was_bought_are_grave(self):
        book = a_book(taught=taught(0, 1, 2, 3), released=released((2, 100)))

        assert named(book) == [("lesson_beyond_contract", "red", 0, "s-3")]

    def test_after_their_money_was_refunded_are_grave(self):
        book = a_book(taught=taught(0, 1), released=released((0, 33)), refunded_fen=67)

        assert named(book) == [("lesson_beyond_contract", "red", 0, "s-1")]

    def test_of_no_filed_contract_are_named(self):
        assert named(a_book(terms=None, taught=taught(0))) == [
            ("lesson_not_filed", "yellow", 0, "s-0")
        ]

    @pytest.mark.parametrize(
        ("now", "provisional", "found"),
        [
            pytest.param(on(9), False, [], id="in time"),
            pytest.param(
                on(10), False, [("not_released_in_time", "yellow", 33, "s-0")], id="passed"
            ),
            pytest.param(on(10), True, [], id="an estimated calendar says nothing"),
        ],
    )
    def test_wait_for_their_money_for_some_working_days(self, now, provisional, found):
        until = deadlines(now, provisional=provisional)

        assert named(a_book(taught=taught(0)), until) == found

    def test_are_looked_at_again_when_their_time_has_passed(self):
        book = a_book(taught=taught(0, 1))

        assert next_look([book], deadlines(on(9))) == date(2026, 3, 12)
        assert next_look([book], deadlines(on(20))) is None


class TestFindings:
    def test_are_one_for_each_kind_and_month(self):
        book = a_book(released=released((1, 33), (2, 33), (40, 33)), taught=taught(0, 1, 2, 3))

        found = differences(replace(book, terms=None), deadlines())
        releases = breaches_by_month(UNMATCHED_RELEASE, found)
        lessons = breaches_by_month(LESSON_MISMATCH, found)

        assert {month: [b.level for b in some] for month, some in releases.items()} == {
            "2026-03": ["red"],
            "2026-04": ["red"],
        }
        [breach] = releases["2026-03"]
        assert breach.message == "划拨所属合同未备案：本月2笔，涉及1份合同，共0.66元"
        assert breach.events == ("r-1", "r-2")
        assert [b.figures["kind"] for b in lessons["2026-03"]] == ["lesson_not_filed"]

from collections import Counter
from datetime import UTC, datetime
from typing import get_args

import pytest

from services.fund_monitor.domain.ledger.booking import entry_of
from services.fund_monitor.domain.ledger.chart import CHART, BookCode
from services.fund_monitor.domain.ledger.journal import JournalEntry, Move
from services.fund_monitor.domain.ledger.posting import Event

MONEY = [
    "opening_balance",
    "deposit",
    "refund_returned",
    "interest",
    "release",
    "refund",
    "withdrawal",
    "judicial_deduction",
    "fee",
]


def an_entry(
    kind: str = "deposit", *, turn: int = 0, original: Event | None = None, **body: object
) -> JournalEntry:
    event = Event(
        "e",
        "a",
        kind,
        datetime(2026, 3, 2, 4, tzinfo=UTC),
        100,
        "lessons" in body,
        None if original is None else original.identity,
        body.get("contract_no"),  # type: ignore[arg-type]  # a builder
    )
    entry = entry_of(event, body, turn=turn, original=original and (original, body))
    assert entry is not None
    return entry


def books(entry: JournalEntry) -> Counter[str]:
    found: Counter[str] = Counter()
    for line in entry.lines:
        found[line.book] += line.fen
    return found


class TestEntryOf:
    @pytest.mark.parametrize("kind", MONEY)
    @pytest.mark.parametrize("body", [{}, {"lessons": "48.00"}, {"contract_no": "C1"}])
    def test_balances_and_its_compensation_and_its_reversal_undo_it(self, kind, body):
        entry = an_entry(kind, **body)
        original = Event(
            "o", "a", kind, entry.occurred_at, 100, "lessons" in body, None, body.get("contract_no")
        )

        assert sum(line.fen for line in entry.lines) == 0
        for other in (
            an_entry(kind, turn=1, **body),
            an_entry("reversal", original=original, **body),
        ):
            undone = books(entry)
            undone.update(books(other))
            assert set(undone.values()) == {0}
            assert entry.balance_fen == -other.balance_fen
            assert entry.unconsumed_fen == -other.unconsumed_fen

    @pytest.mark.parametrize(
        ("body", "book", "unconsumed"),
        [
            ({"lessons": "48.00", "contract_no": "C1"}, "prepaid.lessons", 100),
            ({"contract_no": "C1"}, "prepaid.other", 0),
            ({"lessons": "48.00"}, "unallocated.lessons", 100),
            ({}, "unallocated.other", 0),
        ],
    )
    def test_books_a_payment_by_what_the_bank_tells_of_it(self, body, book, unconsumed):
        entry = an_entry(**body)

        assert books(entry) == {"bank": 100, book: -100}
        assert entry.unconsumed_fen == unconsumed

    def test_gives_each_turn_a_name_of_its_own(self):
        assert [an_entry(turn=turn).id for turn in range(3)] == ["e", "e~1", "e~2"]
        assert [an_entry(turn=turn).sign for turn in range(3)] == [1, -1, 1]

    def test_a_reversal_speaks_of_its_originals_contract_pupil_and_lessons(self):
        original = Event("o", "a", "deposit", datetime(2026, 3, 2, tzinfo=UTC), 100)

        entry = an_entry("reversal", original=original, contract_no="C1", lessons="2.00")

        assert (entry.contract_no, entry.pupil, entry.reversed_type) == ("C1", "C1", "deposit")
        assert entry.told == {"lessons": "2.00"}


def test_a_move_without_an_amount_is_none():
    with pytest.raises(ValueError, match="at least 1 fen"):
        Move("bank", "interest", 0)


def test_the_chart_has_every_book_once():
    assert sorted(book.code for book in CHART) == sorted(get_args(BookCode))

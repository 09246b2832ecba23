"""Money that leaves a frozen or a closed account, around the edges of both."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from services.fund_monitor.domain.custody.custody import AccountEvent, standing_of
from services.fund_monitor.domain.rules.account_outflows import (
    Movement,
    closed_account_pays_nothing,
    frozen_money_stays,
)
from services.fund_monitor.domain.rules.accounts import KnownAccount

SECOND = timedelta(seconds=1)


def on(day: int, month: int = 3) -> datetime:
    return datetime(2026, month, day, 2, tzinfo=UTC)


def an_account(*events: AccountEvent) -> KnownAccount:
    opened = AccountEvent("open", "account_opened", on(2))
    return KnownAccount("alpha|A1", "custody", "甲", standing_of([opened, *events]))


def frozen(day: int, fen: int | None = None, name: str = "f") -> AccountEvent:
    return AccountEvent(name, "account_frozen", on(day), fen)


def unfrozen(day: int) -> AccountEvent:
    return AccountEvent("u", "account_unfrozen", on(day))


def moved(kind: str, fen: int, at: datetime, name: str = "m") -> Movement:
    return Movement(name, kind, at, fen)


def outflows(account: KnownAccount, movements: Sequence[Movement], balance: int = 0) -> list[str]:
    found = frozen_money_stays(account, movements, balance_fen=balance)
    return sorted(
        name for some in found.values() for breach in some for name in breach.events if name != "f"
    )


class TestFrozenMoneyStays:
    """F16: a freeze takes effect, from its instant until the instant of its end."""

    @pytest.mark.parametrize(
        ("at", "count"),
        [
            (on(5) - SECOND, 0),
            (on(5), 0),
            (on(5) + SECOND, 1),
            (on(9) - SECOND, 1),
            (on(9), 0),
            (on(9) + SECOND, 0),
        ],
    )
    def test_between_freeze_and_unfreezing_nothing_leaves(self, at, count):
        account = an_account(frozen(5), unfrozen(9))

        assert len(outflows(account, [moved("release", -1, at)], 1_000)) == count

    @pytest.mark.parametrize("kind", ["release", "refund", "fee", "withdrawal"])
    def test_holds_for_all_that_leaves(self, kind):
        assert outflows(an_account(frozen(5)), [moved(kind, -1, on(6))], 1_000) == ["m"]

    @pytest.mark.parametrize(("kind", "fen"), [("deposit", 1), ("judicial_deduction", -1)])
    def test_leaves_out_what_comes_in_and_what_a_court_takes(self, kind, fen):
        assert outflows(an_account(frozen(5)), [moved(kind, fen, on(6))], 1_000) == []

    @pytest.mark.parametrize(("fen", "count"), [(300, 0), (301, 1)])
    def test_of_an_amount_only_the_rest_may_leave(self, fen, count):
        account = an_account(frozen(5, 700))

        assert len(outflows(account, [moved("release", -fen, on(6))], 1_000)) == count

    def test_amounts_of_several_freezes_add_up(self):
        account = an_account(frozen(5, 700), frozen(6, 200, "f2"))
        movements = [moved("release", -100, on(7), "good"), moved("fee", -1, on(8), "bad")]

        assert outflows(account, movements, 1_000) == ["bad", "f2"]

    def test_goes_by_the_balance_in_order_of_time_and_inflows_first(self):
        account = an_account(frozen(5, 700))
        movements = [
            moved("release", -300, on(7), "out"),
            moved("deposit", 300, on(7), "in"),
        ]

        assert outflows(account, movements, 700) == []

    def test_what_a_court_has_taken_is_frozen_no_more(self):
        account = an_account(frozen(5, 700))
        taken = moved("judicial_deduction", -700, on(6), "court")
        late = moved("release", -300, on(7), "out")

        assert outflows(account, [taken, late], 1_000) == []
        assert outflows(account, [late], 300) == ["out"]

    def test_makes_one_finding_a_month_with_the_sum(self):
        account = an_account(frozen(5))
        movements = [moved("release", -100, on(day), f"m{day}") for day in (6, 7)]
        movements.append(moved("release", -50, on(1, 4), "april"))

        found = frozen_money_stays(account, movements, balance_fen=1_000)

        assert {month: some[0].figures["amount_fen"] for month, some in found.items()} == {
            "2026-03": 200,
            "2026-04": 50,
        }
        assert found["2026-03"][0].level == "red"
        assert found["2026-03"][0].events == ("m6", "m7", "f")


class TestClosedAccountPaysNothing:
    """F16: what is closed is empty."""

    @pytest.mark.parametrize(
        ("at", "count"), [(on(6) - SECOND, 0), (on(6), 0), (on(6) + SECOND, 1)]
    )
    def test_finds_only_what_leaves_after_the_closing(self, at, count):
        account = an_account(AccountEvent("c", "account_closed", on(6)))

        assert len(closed_account_pays_nothing(account, [moved("refund", -1, at)])) == count

    def test_has_nothing_to_say_of_inflows_or_of_an_open_account(self):
        account = an_account(AccountEvent("c", "account_closed", on(6)))

        assert closed_account_pays_nothing(account, [moved("deposit", 1, on(7))]) == {}
        assert closed_account_pays_nothing(an_account(), [moved("refund", -1, on(7))]) == {}

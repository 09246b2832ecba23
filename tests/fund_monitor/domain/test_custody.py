"""Filing of accounts and how they stand: pure."""

from datetime import UTC, date, datetime
from itertools import permutations

import pytest

from services.fund_monitor.domain.custody.custody import (
    AccountEvent,
    AccountNameWrong,
    AccountUnfitForMode,
    FiledAccount,
    Filing,
    FilingDecidedOtherwise,
    Mode,
    check_filed,
    standing_of,
)
from services.fund_monitor.domain.custody.enrolment import Enrolled, place_of, share_of

NOW = datetime(2026, 6, 30, 10, tzinfo=UTC)


def on(day: int) -> datetime:
    return datetime(2026, 3, day, 2, tzinfo=UTC)


def an_account(**more: object) -> FiledAccount:
    given: dict[str, object] = {
        "institution_id": "inst-1",
        "mode": "custody",
        "agreement_no": "X-1",
        "bank": "alpha",
        "account_no": "A1",
        "account_name": "甲培训机构预收费资金托管专户",
        "account_kind": "custody",
    }
    return FiledAccount(**{**given, **more})  # type: ignore[arg-type]


def a_filing() -> Filing:
    return Filing(
        account_id="a", version=1, content=an_account(), filed_on=date(2026, 6, 30), filed_at=NOW
    )


class TestCheckFiled:
    def test_takes_an_account_named_after_its_institution(self):
        check_filed(an_account(), institution="甲培训机构")

    def test_takes_a_risk_deposit_under_its_own_ending(self):
        deposit = an_account(
            mode="risk_deposit",
            account_kind="risk_deposit",
            account_name="甲培训机构风险保证金专户",
        )

        check_filed(deposit, institution="甲培训机构")

    def test_takes_no_account_of_one_who_is_paid_afterwards(self):
        check_filed(FiledAccount(institution_id="inst-1", mode="post_paid"), institution="甲")

    @pytest.mark.parametrize("name", ["甲培训机构", "乙培训机构预收费资金托管专户", None])
    def test_refuses_another_name_at_its_field(self, name):
        with pytest.raises(AccountNameWrong) as refused:
            check_filed(an_account(account_name=name), institution="甲培训机构")

        assert refused.value.fields[0][0] == "/account_name"

    @pytest.mark.parametrize(
        "more",
        [
            {"mode": "risk_deposit"},
            {"mode": "transitional_full_deposit"},
            {"mode": "post_paid"},
            {"account_no": None},
            {"agreement_no": None},
        ],
    )
    def test_refuses_what_its_mode_does_not_go_with(self, more):
        with pytest.raises(AccountUnfitForMode):
            check_filed(an_account(**more), institution="甲培训机构")


class TestFiling:
    def test_is_decided_once_and_bears_a_repeat(self):
        confirmed = a_filing().decided("confirmed", reason=None, at=NOW)

        assert confirmed.version == 2
        assert confirmed.decided("confirmed", reason=None, at=NOW) is confirmed
        with pytest.raises(FilingDecidedOtherwise):
            confirmed.decided("refused", reason="账号有误", at=NOW)

    def test_has_an_opening_balance_only_when_confirmed(self):
        with pytest.raises(FilingDecidedOtherwise):
            a_filing().with_opening(5, at=NOW)

        opened = a_filing().decided("confirmed", reason=None, at=NOW).with_opening(5, at=NOW)
        assert opened.with_opening(5, at=NOW) is opened
        assert opened.with_opening(6, at=NOW).version == opened.version + 1

    def test_is_filed_anew_after_a_refusal_without_its_decision(self):
        refused = a_filing().decided("refused", reason="账号有误", at=NOW)

        anew = refused.filed_anew(an_account(), filed_on=date(2026, 7, 1), at=NOW)

        assert (anew.state, anew.reason, anew.version) == ("filed", None, 3)


class TestStanding:
    def test_is_the_same_in_any_order(self):
        events = [
            AccountEvent("o", "account_opened", on(1)),
            AccountEvent("f1", "account_frozen", on(2), 700),
            AccountEvent("u", "account_unfrozen", on(3)),
            AccountEvent("f2", "account_frozen", on(4), 300),
            AccountEvent("c", "account_closed", on(9)),
        ]

        found = {repr(standing_of(some)) for some in permutations(events)}

        assert len(found) == 1
        assert standing_of(events).frozen_fen(1_000) == 300

    def test_adds_freezes_up_to_what_is_there(self):
        freezes = [AccountEvent(str(n), "account_frozen", on(n), 700) for n in (1, 2)]

        assert standing_of(freezes[:1]).frozen_fen(1_000) == 700
        assert standing_of(freezes).frozen_fen(1_000) == 1_000
        assert standing_of(freezes).frozen_fen(-5) == 0

    def test_freezes_all_of_it_when_no_amount_is_given(self):
        assert standing_of([AccountEvent("f", "account_frozen", on(1))]).frozen_fen(1_000) == 1_000


class TestEnrolment:
    def test_counts_who_is_paid_afterwards_apart(self):
        # The fourth has filed since that it is paid afterwards: its account may well be open still.
        modes: tuple[tuple[Mode | None, bool], ...] = (
            ("custody", True),
            ("post_paid", False),
            (None, False),
            ("post_paid", True),
            ("risk_deposit", True),
            ("custody", False),
        )
        each = [
            Enrolled(
                institution_id=str(n),
                name="甲",
                kind="sports",
                town="xiashi",
                competent_department="education",
                place=place_of(mode, has_open_account=has_open_account),
            )
            for n, (mode, has_open_account) in enumerate(modes)
        ]

        share = share_of("all", each)

        assert (share.active, share.confirmed, share.exempt, share.missing) == (6, 2, 2, 2)
        assert share.rate_per_mille == 500
        assert share_of("all", []).rate_per_mille is None

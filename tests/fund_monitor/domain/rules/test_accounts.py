"""The rules on accounts, around their edges."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from services.fund_monitor.domain.custody.custody import AccountEvent, standing_of
from services.fund_monitor.domain.rules.accounts import (
    Filed,
    FilingPeriod,
    KnownAccount,
    account_bears_its_institutions_name,
    account_is_filed_in_time,
    account_is_not_frozen,
    closed_account_takes_no_money,
    filing_begins_on,
    institution_has_one_account,
    opening_balance_is_as_confirmed,
)
from services.fund_monitor.domain.rules.unregistered_money import Inflow
from shared.working_days import start_of

NOBODY: frozenset[str] = frozenset()


def on(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 2, tzinfo=UTC)


def an_account(key: str = "alpha|A1", *more: AccountEvent, **given: object) -> KnownAccount:
    opened_at = given.pop("opened_at", on(3, 2))
    assert isinstance(opened_at, datetime)
    opened = AccountEvent(f"open-{key}", "account_opened", opened_at)
    kind = str(given.get("kind", "custody"))
    name = str(given.get("name", "甲培训机构预收费资金托管专户"))
    return KnownAccount(key, kind, name, standing_of([opened, *more]))


def closed(day: int) -> AccountEvent:
    return AccountEvent("close", "account_closed", on(3, day))


class TestInstitutionHasOneAccount:
    """杭州2020-10-20: one bank, one account."""

    def test_finds_the_second_in_the_month_it_was_opened(self):
        accounts = [an_account(), an_account("beta|B1", opened_at=on(4, 1))]

        found = institution_has_one_account(accounts, replaced=NOBODY)

        assert list(found) == ["2026-04"]
        assert found["2026-04"][0].level == "red"
        assert found["2026-04"][0].events == ("open-beta|B1", "open-alpha|A1")
        assert found["2026-04"][0].message == "beta的账户B1开立时，alpha的账户A1尚未销户"

    def test_finds_one_of_two_opened_in_one_instant(self):
        accounts = [an_account("beta|B1"), an_account()]

        [breach] = institution_has_one_account(accounts, replaced=NOBODY)["2026-03"]

        assert breach.events[0] == "open-beta|B1"

    @pytest.mark.parametrize(("closed_on", "count"), [(5, 0), (6, 0), (7, 1)])
    def test_looks_at_what_is_open_in_the_instant_of_opening(self, closed_on, count):
        accounts = [
            an_account("alpha|A1", closed(closed_on)),
            an_account("b|B", opened_at=on(3, 6)),
        ]

        assert len(institution_has_one_account(accounts, replaced=NOBODY)) == count

    def test_leaves_out_risk_deposits_and_what_a_filed_change_replaces(self):
        deposit = an_account("alpha|D", kind="risk_deposit", opened_at=on(4, 1))
        second = an_account("beta|B1", opened_at=on(4, 1))

        assert institution_has_one_account([an_account(), deposit], replaced=NOBODY) == {}
        replaced = frozenset({"alpha|A1"})
        assert institution_has_one_account([an_account(), second], replaced=replaced) == {}


class TestAccountBearsItsInstitutionsName:
    """教监管函〔2021〕2号: this institution's own account."""

    def test_takes_the_name_with_its_purpose_and_no_other(self):
        assert account_bears_its_institutions_name(an_account(), "甲培训机构") == {}
        [breach] = account_bears_its_institutions_name(an_account(), "乙")["2026-03"]
        assert breach.level == "yellow"


class TestAccountIsFiledInTime:
    """F16: Monday 2026-03-02 and five working days end with Monday 2026-03-09."""

    PERIOD = FilingPeriod(date(2026, 3, 2), start_of(date(2026, 3, 10)), provisional=False)
    NOT = Filed(date(2026, 1, 5), {})

    @pytest.mark.parametrize(("filed_on", "months"), [(9, []), (10, ["2026-03"])])
    def test_takes_a_filing_on_the_last_day(self, filed_on, months):
        filed = Filed(date(2026, 1, 5), {"alpha|A1": date(2026, 3, filed_on)})

        found = account_is_filed_in_time(an_account(), filed, self.PERIOD, now=on(6, 1))

        assert list(found) == months

    def test_waits_until_the_last_day_has_ended(self):
        ends = self.PERIOD.ends_at

        before = account_is_filed_in_time(
            an_account(), self.NOT, self.PERIOD, now=ends - timedelta(seconds=1)
        )
        after = account_is_filed_in_time(an_account(), self.NOT, self.PERIOD, now=ends)

        assert before == {}
        assert after["2026-03"][0].level == "yellow"
        assert after["2026-03"][0].message.startswith("alpha的账户A1自")

    def test_begins_with_the_first_filing_of_the_institution(self):
        account = an_account()

        assert filing_begins_on(account, self.NOT) == date(2026, 3, 2)
        assert filing_begins_on(account, Filed(date(2026, 6, 1), {})) == date(2026, 6, 1)

    def test_never_fires_on_a_provisional_clock(self):
        period = replace(self.PERIOD, provisional=True)

        assert account_is_filed_in_time(an_account(), self.NOT, period, now=on(6, 1)) == {}


class TestAccountIsNotFrozen:
    """F16: frozen, sealed, garnished."""

    def test_finds_freezes_and_deductions_each_in_its_month(self):
        account = an_account("alpha|A1", AccountEvent("f", "account_frozen", on(5, 28), 70_000))
        taken = [Inflow("j", on(6, 4), 200)]

        found = account_is_not_frozen(account, taken)

        assert {month: [b.events for b in some] for month, some in found.items()} == {
            "2026-05": [("f",)],
            "2026-06": [("j",)],
        }
        assert "700.00" in found["2026-05"][0].message


class TestClosedAccountTakesNoMoney:
    """教监管函〔2021〕2号."""

    @pytest.mark.parametrize(("day", "count"), [(5, 0), (6, 0), (7, 1)])
    def test_finds_only_what_comes_after_the_closing(self, day, count):
        account = an_account("alpha|A1", closed(6))

        found = closed_account_takes_no_money(account, [Inflow("d", on(3, day), 100)])

        assert len(found) == count

    def test_has_nothing_to_say_of_an_open_account(self):
        assert closed_account_takes_no_money(an_account(), [Inflow("d", on(3, 9), 100)]) == {}


class TestOpeningBalanceIsAsConfirmed:
    """教监管函〔2021〕2号: money taken before counts too."""

    @pytest.mark.parametrize(("confirmed", "count"), [(999, 1), (1_000, 0), (1_001, 1)])
    def test_finds_any_difference(self, confirmed, count):
        account = an_account("alpha|A1", AccountEvent("b", "opening_balance", on(3, 3), 1_000))

        assert len(opening_balance_is_as_confirmed(account, confirmed)) == count

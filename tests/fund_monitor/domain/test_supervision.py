"""The mode of a day, by confirmed filings."""

from datetime import UTC, date, datetime

import pytest

from services.fund_monitor.domain.custody.custody import FiledAccount, Filing, FilingState, Mode
from services.fund_monitor.domain.custody.supervision import ModeHistory


def filed(mode: Mode, day: date, state: FilingState = "confirmed") -> Filing:
    account = None if mode == "post_paid" else "A1"
    content = FiledAccount(institution_id="inst-1", mode=mode, bank="alpha", account_no=account)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Filing(
        account_id=f"{day}", version=1, content=content, filed_on=day, filed_at=at, state=state
    )


class TestModeHistory:
    """教监管函〔2021〕2号: one of the modes, as it is filed."""

    MARCH, MAY = date(2026, 3, 2), date(2026, 5, 4)

    @pytest.mark.parametrize(
        ("day", "mode"),
        [
            (date(2026, 3, 1), None),
            (MARCH, "post_paid"),
            (date(2026, 5, 3), "post_paid"),
            (MAY, "risk_deposit"),
        ],
    )
    def test_holds_from_its_day_until_the_next(self, day, mode):
        modes = ModeHistory.of([filed("risk_deposit", self.MAY), filed("post_paid", self.MARCH)])

        assert modes.on(day) == mode
        assert modes.first_day_of("risk_deposit", "transitional_full_deposit") == self.MAY

    @pytest.mark.parametrize("state", ["filed", "refused"])
    def test_counts_only_what_is_confirmed(self, state):
        modes = ModeHistory.of([filed("post_paid", self.MARCH, state)])

        assert modes.on(self.MAY) is None
        assert modes.first_day_of("post_paid") is None

    @pytest.mark.parametrize("turned", [False, True])
    def test_of_one_day_an_account_stands_over_an_exemption(self, turned):
        both = [filed("post_paid", self.MAY), filed("custody", self.MAY)]

        modes = ModeHistory.of(reversed(both) if turned else both)

        assert modes.on(self.MAY) == "custody"

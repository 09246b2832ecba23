"""What a bank declares of its feed, and what of it holds on a day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Literal

from services.fund_monitor.domain.banks.identity import account_key
from shared.city_time import CITY_TIME

Numbering = Literal["none", "per_bank", "per_account"]
BalanceDays = Literal["banking_days", "every_day"]
USUAL_GRACE: Final = timedelta(minutes=30)
USUAL_SILENCE: Final = 3
"""Working days after which a bank that sends nothing is silent: indicator F19, proposed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedDeclaration:
    """What a bank says of its feed, from a city day on and until the next declaration."""

    bank: str
    valid_from: date
    numbering: Numbering = "none"
    first_no: int = 1
    """The number of the first event that happens under this declaration, of each count."""
    balance_after: bool = False
    balance_days: BalanceDays | None = None
    """On which days every account's balance is told; none where it is not told daily."""
    balance_until: time | None = None
    """City time of the same day until which the balances are expected."""
    grace: timedelta = USUAL_GRACE
    silent_after_days: int = USUAL_SILENCE

    def expected_at(self, day: date, *, working: bool) -> datetime | None:
        """Return until when each account's balance of a day is expected, if it is."""
        if self.balance_until is None or (self.balance_days == "banking_days" and not working):
            return None
        return datetime.combine(day, self.balance_until, CITY_TIME)

    def count_of(self, account_no: str | None) -> str | None:
        """Return the name of the count that a number of an account belongs to, if there is one."""
        day = self.valid_from.isoformat()
        if self.numbering == "per_bank":
            return f"{self.bank}|{day}"
        if self.numbering == "per_account" and account_no is not None:
            return f"{account_key(self.bank, account_no)}|{day}"
        return None


def declared_on(declarations: Iterable[FeedDeclaration], day: date) -> FeedDeclaration | None:
    """Return the declaration that holds on a day: the last that began."""
    begun = (one for one in declarations if one.valid_from <= day)
    return max(begun, key=lambda one: one.valid_from, default=None)

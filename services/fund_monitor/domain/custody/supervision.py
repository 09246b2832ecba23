"""Under which mode of supervision an institution stood on a day, by what it has filed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from services.fund_monitor.domain.custody.custody import Filing, Mode


@dataclass(frozen=True, slots=True)
class ModeHistory:
    """The modes of an institution's confirmed filings, each from its day until the next one's."""

    filed: tuple[tuple[date, Mode], ...]

    @classmethod
    def of(cls, filings: Iterable[Filing]) -> "ModeHistory":
        """Put confirmed filings in order; of one day, an account stands over an exemption."""
        confirmed = sorted(
            (one for one in filings if one.state == "confirmed"),
            key=lambda one: (one.filed_on, one.content.account is not None, one.account_id),
        )
        return cls(tuple((one.filed_on, one.content.mode) for one in confirmed))

    def on(self, day: date) -> Mode | None:
        """Return the mode of a day; none before anything was filed that is confirmed."""
        return next((mode for filed_on, mode in reversed(self.filed) if filed_on <= day), None)

    def first_day_of(self, *modes: Mode) -> date | None:
        """Return the day on which any of some modes was first filed."""
        return next((filed_on for filed_on, mode in self.filed if mode in modes), None)


def deposit_accounts(filings: Iterable[Filing]) -> frozenset[str]:
    """Return the accounts for risk deposits whose filing is confirmed."""
    confirmed = (one.content for one in filings if one.state == "confirmed")
    return frozenset(
        one.account
        for one in confirmed
        if one.account is not None and one.account_kind == "risk_deposit"
    )

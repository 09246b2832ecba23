"""The 办学许可证: how long it runs, and how it stands on a day."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final, Literal

from shared.errors import Conflict, Rejected

LicenceState = Literal["none", "valid", "expiring", "expired"]

EXPIRING: Final = timedelta(days=90)
"""How long before its end a licence counts as expiring: a proposed default, not law."""


class LicenceNotYetIssued(Rejected):
    """Nobody holds tomorrow's licence."""

    code = "licence-not-yet-issued"
    title = "许可证发证日期晚于今天"


class LicenceSuperseded(Conflict):
    """A later licence is on file; an older one does not replace it."""

    code = "licence-superseded"
    title = "已登记发证日期更晚的许可证"


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """A licence to run training, from its day of issue to its last valid day.

    ``first_issued_on`` is the day the institution was first licensed: 转登记 and every renewal
    bring another licence, but no new institution.
    """

    number: str
    issued_by: str | None = None
    issued_on: date
    valid_until: date
    first_issued_on: date

    def check_issued(self, today: date) -> None:
        """Refuse a licence that is not issued yet."""
        if self.issued_on > today:
            raise LicenceNotYetIssued(
                f"许可证发证日期{self.issued_on.isoformat()}晚于今天{today.isoformat()}，请核对。",
                fields=(("/licence/issued_on", "不得晚于今天"),),
            )

    def following(self, before: "Licence") -> "Licence":
        """Return the licence that replaces another; the earliest first day on file stays."""
        if self.issued_on < before.issued_on:
            raise LicenceSuperseded(
                f"已登记的许可证于{before.issued_on.isoformat()}发证，"
                f"晚于本次填报的{self.issued_on.isoformat()}。"
            )
        first = min(self.first_issued_on, before.first_issued_on)
        return replace(self, first_issued_on=first)


def state_of(licence: Licence | None, today: date) -> LicenceState:
    """Tell how a licence stands on a day; its last valid day still counts."""
    if licence is None:
        return "none"
    if licence.valid_until < today:
        return "expired"
    return "expiring" if licence.valid_until - today <= EXPIRING else "valid"

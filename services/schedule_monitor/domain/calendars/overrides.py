"""What was decided for a single day, against or beside the year's notice."""

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

Change = Literal["rest_day", "workday", "as_announced"]
CHANGE_NAMES: Final[dict[Change, str]] = {
    "rest_day": "休息",
    "workday": "上班",
    "as_announced": "按通知",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A decision on one day with its paper; ``banking`` is given where banks do otherwise.

    ``as_announced`` takes an earlier decision back, or is about banks alone. Versions count from 1.
    """

    on: date
    change: Change
    reference: str
    reason: str
    banking: bool | None = None
    version: int = 1

    def works(self, announced: bool) -> bool:  # noqa: FBT001 - what it overrides
        """Return whether people work on the day, who by the notice would or would not."""
        return announced if self.change == "as_announced" else self.change == "workday"

    def banks(self, working: bool) -> bool:  # noqa: FBT001 - what it overrides
        """Return whether banks book on the day: as people work, unless told otherwise."""
        return working if self.banking is None else self.banking

    @property
    def said(self) -> str:
        """The decision in a sentence, or nothing where it changes nothing."""
        parts = []
        if self.change != "as_announced":
            parts.append(f"当日改为{CHANGE_NAMES[self.change]}")
        if self.banking is not None:
            parts.append("银行对公业务" + ("办理" if self.banking else "不办理"))
        return f"依据{self.reference}，{'，'.join(parts)}：{self.reason}。" if parts else ""

    def says_the_same_as(self, other: "Override") -> bool:
        """Tell whether only the version differs."""
        return (self.change, self.banking, self.reference, self.reason) == (
            other.change,
            other.banking,
            other.reference,
            other.reason,
        )

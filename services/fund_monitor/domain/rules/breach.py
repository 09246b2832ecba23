"""What a rule finds in one window."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Breach:
    """One finding: how grave, in words for staff, with the events and figures it rests on."""

    level: Literal["yellow", "red"]
    message: str
    events: tuple[str, ...]
    figures: dict[str, int | str]

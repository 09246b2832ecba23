"""What must be left in the store of everything that a bank sent."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Trace:
    """One event of a bank with one body: accepted under its identity, or refused."""

    kind: Literal["event", "refused"]
    key: str
    digest: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.key}#{self.digest}"

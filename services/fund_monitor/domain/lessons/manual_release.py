"""A release by hand: money that no lesson releases, with a reason, papers and a second person."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

State = Literal["requested", "approved", "refused"]


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper that was shown, by its name and the SHA-256 of its content."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualRelease:
    """One request, and how it was answered."""

    id: str
    institution_id: str
    contract_no: str
    amount_fen: int
    reason: str
    papers: tuple[Paper, ...]
    asked_by: str
    asked_at: datetime
    state: State = "requested"
    answered_at: datetime | None = None
    answer_reason: str | None = None

"""What staff read and say of dead letters."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from shared.mongo import Row
from shared.replay.letters import LetterState

_MOST_SHOWN_BYTES = 64 * 1024

Sequence = Annotated[int, Field(ge=1, lt=2**53)]


class OutcomeView(BaseModel):
    """How one replay ended."""

    at: datetime
    state: Literal["replayed", "failed"]
    reason: str | None


class LetterView(BaseModel):
    """A message that was set aside, without its body."""

    id: str
    stream: str
    sequence: int
    durable: str = Field(description="拒收此消息的消费者；重放仍交给它")
    subject: str
    state: LetterState
    reason: str
    size: int
    digest: str
    set_aside_at: datetime
    outcomes: list[OutcomeView]

    @classmethod
    def of(cls, row: Row) -> Self:
        """Return what staff may see."""
        return cls.model_validate(
            {"id": row["_id"], **{name: row[name] for name in cls.model_fields if name in row}}
        )


class LetterDetail(LetterView):
    """One letter; an administrator sees the beginning of its body too."""

    body: str | None = None

    def with_body(self, body: bytes | None) -> Self:
        """Return the same with as much of the body as is shown."""
        shown = None if body is None else body[:_MOST_SHOWN_BYTES].decode(errors="replace")
        return self.model_copy(update={"body": shown})


class LetterPage(BaseModel):
    """A page of letters, in the order of their streams."""

    letters: list[LetterView]
    next_cursor: str | None = None


class RangeRequest(BaseModel):
    """The letters of a stream from one sequence to another, both included."""

    model_config = ConfigDict(extra="forbid")

    stream: str = Field(pattern=r"^[A-Z_]{1,40}$")
    from_sequence: Sequence
    until_sequence: Sequence


class AskedAgain(BaseModel):
    """How many letters are to be handled again."""

    asked: int

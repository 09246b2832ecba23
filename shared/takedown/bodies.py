"""What people and recipients send about a request."""

from typing import Annotated, TypeAlias

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from shared.plain_text import ONE_LINE
from shared.takedown.changes import Check
from shared.takedown.desk import Said
from shared.takedown.model import Outcome, Proof, ProofKind

MOST_PROOFS = 20
Line: TypeAlias = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=ONE_LINE),
]
Text: TypeAlias = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)
]


class ProofBody(BaseModel):
    """One piece of proof: a file by the SHA-256 of its bytes, a kept snapshot, or words."""

    model_config = ConfigDict(extra="forbid")

    kind: ProofKind = Field(description="file 文件摘要、snapshot 快照编号、text 文字说明")
    name: Line
    sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    reference: Line | None = None
    text: Text | None = None

    @model_validator(mode="after")
    def _tells_what_its_kind_needs(self) -> "ProofBody":
        told = {"file": self.sha256, "snapshot": self.reference, "text": self.text}
        if told.pop(self.kind) is None or any(value is not None for value in told.values()):
            raise ValueError("file 须且只须填 sha256，snapshot 填 reference，text 填 text")
        return self

    def proof(self) -> Proof:
        return Proof(**self.model_dump())


Proofs: TypeAlias = Annotated[list[ProofBody], Field(max_length=MOST_PROOFS)]


class AnswerBody(BaseModel):
    """What the recipient says: done with its proof, or refused with its reason."""

    model_config = ConfigDict(extra="forbid")

    outcome: Outcome
    text: Text
    proofs: Proofs = []

    def said(self) -> Said:
        return Said(
            outcome=self.outcome,
            text=self.text,
            proofs=tuple(one.proof() for one in self.proofs),
        )


class PaperAnswerBody(AnswerBody):
    """An answer that came on paper, entered by staff with the papers' digests."""

    said_at: AwareDatetime | None = Field(default=None, description="何时收到对方答复，缺省为现在")

    def said(self) -> Said:
        return Said(
            outcome=self.outcome,
            text=self.text,
            proofs=tuple(one.proof() for one in self.proofs),
            said_at=self.said_at,
        )


class OwnAcknowledgement(BaseModel):
    """The recipient has received a request; the signed bytes name it."""

    model_config = ConfigDict(extra="forbid")

    takedown_id: Annotated[str, Field(max_length=64)]


class OwnAnswerBody(AnswerBody):
    """The recipient's own answer; the signed bytes name the request."""

    takedown_id: Annotated[str, Field(max_length=64)]


class RecheckBody(BaseModel):
    """What was found when somebody looked again."""

    model_config = ConfigDict(extra="forbid")

    passed: bool
    note: Text
    proofs: Proofs = []

    def check(self) -> Check:
        return Check(
            passed=self.passed,
            note=self.note,
            proofs=tuple(one.proof() for one in self.proofs),
        )


class WithdrawalBody(BaseModel):
    """Why a request is taken back."""

    model_config = ConfigDict(extra="forbid")

    reason: Text

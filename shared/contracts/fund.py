"""What fund_monitor tells the others. Owner: 市金融办 with 市人民银行."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from shared.contracts.audit import Digest
from shared.contracts.bank import Lessons, Number, Text
from shared.contracts.base import Channel, Contract
from shared.contracts.registry import InstitutionId, Stage, Version

Fen = Annotated[int, Field(gt=-(2**53), lt=2**53, description="In fen.")]
Count = Annotated[int, Field(ge=0, lt=2**53)]


class DayClosed(Contract):
    """The journal was closed for a day: what was recorded up to then has this hash.

    The hash covers the closing before, so that whoever keeps one of them can tell a change of any
    entry before it.
    """

    day: date
    sequence: Annotated[int, Field(ge=1, lt=2**53, description="Place in the row of closings.")]
    closed_at: AwareDatetime = Field(description="By the machine's clock.")
    entries: Annotated[Count, Field(description="Entries recorded since the closing before.")]
    late: Annotated[Count, Field(description="How many of them belong to an earlier day.")]
    balance_fen: Annotated[Fen, Field(description="All bank balances together.")]
    hash: Digest


class FiledInstalment(Contract):
    """One part of a contract's price, and the day it is due."""

    due_on: date
    amount_fen: Fen


class ContractFiled(Contract):
    """A training contract was filed, or filed anew: this version takes the place of those before.

    It says nothing of the student. A platform's data win over what was entered by hand.
    """

    institution_id: InstitutionId
    contract_no: Number
    version: Version
    filed_at: AwareDatetime = Field(description="By the service's clock.")
    source: Literal["platform", "manual"]
    platform: Annotated[str, Field(max_length=32)] | None = None
    subject: Text
    course_kind: Literal["subject", "non_subject"]
    mode: Literal["offline", "online"]
    stage: Stage
    class_size: Annotated[int, Field(ge=1, lt=2**53)]
    lesson_minutes: Annotated[int, Field(ge=1, lt=2**53)]
    lessons: Lessons | None = None
    period_from: date | None = None
    period_until: Annotated[date, Field(description="The last day of service.")] | None = None
    price_fen: Fen
    signed_on: date
    starts_on: date
    instalments: tuple[FiledInstalment, ...] = ()
    supervision: Literal["custody", "risk_deposit", "post_paid"]
    cooling_off_days: Annotated[int, Field(ge=0, lt=2**53)]


CONTRACT_FILED = Channel(
    "fund.contract-filed.v1.{institution}", "FUND", ContractFiled, service="fund_monitor"
)
DAY_CLOSED = Channel("fund.day-closed.v1.{day}", "FUND", DayClosed, service="fund_monitor")

"""What a bank tells fund_monitor, event by event. Owner: 市金融办 with 市人民银行.

The schema has no place for a payer's or payee's name: unknown fields are refused. Every number and
every text is bounded. A ``null`` is an absent field.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    TypeAdapter,
    model_validator,
)

from shared.contracts.base import Channel, Contract
from shared.plain_text import ONE_LINE

MOST_EVENTS = 1_000
MOST_BYTES = 768 * 1024
MOST_FEN = 10**13
IDENTITY_FIELDS = ("booked_on", "entry_no")

_EARLIEST = date(2000, 1, 1)
_LATEST = date(2100, 12, 31)


def _moment(value: object) -> datetime:
    if not isinstance(value, str) or "T" not in value:
        raise ValueError("必须是带时区的 ISO 8601 时间，如 2026-03-02T09:30:00+08:00")
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise ValueError("不是有效的 ISO 8601 时间") from error
    if moment.tzinfo is None:
        raise ValueError("时间必须带时区，如 +08:00")
    if not _EARLIEST.year <= moment.year <= _LATEST.year:
        raise ValueError(f"年份须在 {_EARLIEST.year} 至 {_LATEST.year} 之间")
    return moment.astimezone(UTC)


def _day(value: object) -> date:
    if not isinstance(value, str) or len(value) != len("2026-03-02"):
        raise ValueError("必须是 ISO 8601 日期，如 2026-03-02")
    try:
        day = date.fromisoformat(value)
    except ValueError as error:
        raise ValueError("不是有效的日期") from error
    if not _EARLIEST <= day <= _LATEST:
        raise ValueError(f"日期须在 {_EARLIEST} 至 {_LATEST} 之间")
    return day


def utc_milliseconds(moment: datetime) -> str:
    """Return an instant as UTC with milliseconds: the one form in which bodies are compared."""
    # Milliseconds are cut, not rounded; the offset, always of UTC, has a letter.
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _two_places(value: str) -> str:
    return f"{Decimal(value):.2f}"


def _lessons(value: object) -> str:
    return value if isinstance(value, str) else _refuse_lessons()


def _refuse_lessons() -> str:
    raise ValueError("课时数必须是文本，最多两位小数，如 48.00")


Moment = Annotated[
    datetime,
    BeforeValidator(_moment, json_schema_input_type=str),
    PlainSerializer(utc_milliseconds, return_type=str),
]
Day = Annotated[date, BeforeValidator(_day, json_schema_input_type=date)]
Number = Annotated[str, Field(pattern=r"^[0-9A-Za-z._-]{1,64}$")]
Text = Annotated[str, Field(min_length=1, max_length=64, pattern=ONE_LINE)]
_StudentRefGiven = Annotated[str, Field(pattern=r"^[Ss][Tt][Uu]_[A-Za-z2-7]{26}$")]
StudentRef = Annotated[
    str,
    BeforeValidator(_lower, json_schema_input_type=_StudentRefGiven),
    Field(pattern=r"^stu_[a-z2-7]{26}$"),
]
_LESSONS = r"^(0|[1-9][0-9]{0,4})(\.[0-9]{1,2})?$"
Lessons = Annotated[
    str,
    BeforeValidator(_lessons, json_schema_input_type=Annotated[str, Field(pattern=_LESSONS)]),
    Field(pattern=_LESSONS),
    PlainSerializer(_two_places, return_type=str),
]
Fen = Annotated[int, Field(strict=True, ge=1, le=MOST_FEN, description="金额，单位为分")]
Balance = Annotated[
    int, Field(strict=True, ge=-MOST_FEN, le=MOST_FEN, description="余额，单位为分")
]
FeedNo = Annotated[int, Field(strict=True, ge=0, le=10**15)]


class BankEvent(BaseModel):
    """What every event of a bank carries."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    serial_no: Number = Field(description="银行交易流水号", examples=["20260302-000017"])
    account_no: Number = Field(description="监管账户的账号", examples=["3304810001"])
    occurred_at: Moment = Field(
        description="发生时间，须带时区", examples=["2026-03-02T09:30:00+08:00"]
    )
    booked_on: Day | None = Field(default=None, description="账务日期", examples=["2026-03-02"])
    entry_no: Number | None = Field(default=None, description="分录号", examples=["1"])
    feed_no: FeedNo | None = Field(
        default=None, description="银行连续编号，重发时不变", examples=[1017]
    )
    balance_after_fen: Balance | None = Field(
        default=None, description="本笔之后的账户余额，单位为分", examples=[1240000]
    )


class MoneyEvent(BankEvent):
    """An event that moves money on the account; its type gives the direction."""

    amount_fen: Fen = Field(description="金额，单位为分，恒为正；方向由类型决定", examples=[240000])
    contract_no: Number | None = Field(
        default=None, description="培训合同编号", examples=["HT-0017"]
    )
    student_ref: StudentRef | None = Field(
        default=None,
        description="本套件发放的学员代号，不是姓名",
        examples=["stu_abcdefghijklmnopqrstuvwxyz"],
    )
    lessons: Lessons | None = Field(
        default=None, description="课时数，最多两位小数的文本", examples=["48.00"]
    )
    period_from: Day | None = Field(default=None, description="服务期首日", examples=["2026-03-02"])
    period_until: Day | None = Field(
        default=None, description="服务期末日（含），不得早于首日", examples=["2026-05-31"]
    )
    course_kind: Literal["subject", "non_subject"] | None = Field(
        default=None,
        description="课程类别：subject 学科类，non_subject 非学科类",
        examples=["non_subject"],
    )
    payee_class: Literal["own_settlement", "student", "other"] | None = Field(
        default=None,
        description="收款方类别，从不写姓名：own_settlement 机构结算账户，student 学员，other 其他",
        examples=["own_settlement"],
    )

    @model_validator(mode="after")
    def _period_runs_forward(self) -> "MoneyEvent":
        if self.period_from and self.period_until and self.period_until < self.period_from:
            raise ValueError("period_until 不得早于 period_from")
        return self


class AccountOpened(BankEvent):
    """A custody or risk-deposit account was opened for an institution."""

    type: Literal["account_opened"] = Field(description="开户")
    institution_code: str = Field(
        pattern=r"^[0-9A-Z]{18}$",
        description="培训机构的统一社会信用代码",
        examples=["91330481MA2B00000Y"],
    )
    account_kind: Literal["custody", "risk_deposit"] = Field(
        description="账户种类：custody 预收费资金托管，risk_deposit 风险保证金",
        examples=["custody"],
    )
    account_name: Text = Field(
        description="账户户名，即机构的单位名称与账户性质",
        examples=["海宁市甲培训有限公司预收费资金托管专户"],
    )
    agreement_no: Text = Field(description="托管协议编号", examples=["XY-2026-001"])


class OpeningBalance(MoneyEvent):
    """The balance with which an account enters supervision; once per account."""

    type: Literal["opening_balance"] = Field(description="纳入监管时的期初余额，每户一笔")


class Deposit(MoneyEvent):
    """Fees paid in."""

    type: Literal["deposit"] = Field(description="学费存入")


class Release(MoneyEvent):
    """Money released to the institution for lessons held."""

    type: Literal["release"] = Field(description="按课时划拨给机构")


class Refund(MoneyEvent):
    """Money paid back to a payer."""

    type: Literal["refund"] = Field(description="退费")


class RefundReturned(MoneyEvent):
    """A refund that came back."""

    type: Literal["refund_returned"] = Field(description="退费被退回")


class Withdrawal(MoneyEvent):
    """Money taken out otherwise."""

    type: Literal["withdrawal"] = Field(description="其他支取")


class JudicialDeduction(MoneyEvent):
    """Money taken by a court."""

    type: Literal["judicial_deduction"] = Field(description="司法扣划")
    document_no: Text = Field(description="法律文书编号", examples=["(2026)浙0481执17号"])


class Fee(MoneyEvent):
    """A charge of the bank."""

    type: Literal["fee"] = Field(description="银行手续费")


class Interest(MoneyEvent):
    """Interest credited."""

    type: Literal["interest"] = Field(description="利息")


class Reversal(MoneyEvent):
    """Takes back one earlier event of the same account, whole."""

    type: Literal["reversal"] = Field(description="冲正：整笔撤回同一账户的一笔交易")
    reverses_serial_no: Number = Field(
        description="被冲正交易的流水号", examples=["20260302-000017"]
    )
    reverses_booked_on: Day | None = Field(
        default=None, description="被冲正交易的账务日期", examples=["2026-03-02"]
    )
    reverses_entry_no: Number | None = Field(
        default=None, description="被冲正交易的分录号", examples=["1"]
    )


class BalanceStatement(BankEvent):
    """The bank's own balance, to compare with; never a posting."""

    type: Literal["balance"] = Field(description="银行报告的余额，只作比对，不入账")
    balance_fen: Balance = Field(
        description="银行账上的余额，单位为分；可以为负", examples=[1240000]
    )


class AccountFrozen(BankEvent):
    """Money on the account was frozen: an amount, or all of it when none is given."""

    type: Literal["account_frozen"] = Field(description="账户冻结；不填金额即全部冻结")
    frozen_fen: Fen | None = Field(
        default=None, description="冻结的金额，单位为分", examples=[50000]
    )


class AccountUnfrozen(BankEvent):
    """The freeze ended."""

    type: Literal["account_unfrozen"] = Field(description="账户解冻")


class AccountClosed(BankEvent):
    """The account was closed."""

    type: Literal["account_closed"] = Field(description="销户")


AnyBankEvent: TypeAlias = Annotated[
    AccountOpened
    | OpeningBalance
    | Deposit
    | Release
    | Refund
    | RefundReturned
    | Withdrawal
    | JudicialDeduction
    | Fee
    | Interest
    | Reversal
    | BalanceStatement
    | AccountFrozen
    | AccountUnfrozen
    | AccountClosed,
    Field(discriminator="type"),
]

EVENT_ADAPTER: TypeAdapter[AnyBankEvent] = TypeAdapter(AnyBankEvent)
EVENT_FIELDS: frozenset[str] = frozenset(
    name
    for model in (*MoneyEvent.__subclasses__(), *BankEvent.__subclasses__())
    for name in model.model_fields
)


def without_nulls(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return an event as given, absent fields left out."""
    return {name: value for name, value in event.items() if value is not None}


class RefusedEvent(Contract):
    """An event the door refused: what passed of it, and the names of unknown fields, no values."""

    index: int
    digest: str
    problems: list[dict[str, str]]
    known: dict[str, Any]
    unknown_fields: list[str]


class AcceptedEvent(Contract):
    """An event the door accepted, with the digest of its validated form."""

    digest: str
    event: dict[str, Any]


class BankBatch(Contract):
    """One partition's share of one request of a bank."""

    bank: str
    webhook_id: str
    received_at: datetime
    identity_fields: tuple[str, ...]
    events: list[AcceptedEvent]
    refused: list[RefusedEvent]


class BankBatches(Contract):
    """Shares of several small requests in one partition that the door stored as one message."""

    batches: list[BankBatch]


BANK_BATCH = Channel("bank.intake.v1.{partition}", "BANK_INTAKE", BankBatch, service="fund_monitor")
BANK_BATCHES = Channel(
    "bank.intake.v1.{partition}", "BANK_INTAKE", BankBatches, service="fund_monitor"
)
_SEVERAL = b'{"batches":['


def several(batches: Sequence[bytes]) -> bytes:
    """Return the message of some batches that are written already."""
    return _SEVERAL + b",".join(batches) + b"]}"


def batches_in(message: bytes) -> list[BankBatch]:
    """Read a message of the intake; raises pydantic's ``ValidationError`` where it is none."""
    if message.startswith(_SEVERAL):
        return BankBatches.model_validate_json(message).batches
    return [BankBatch.model_validate_json(message)]

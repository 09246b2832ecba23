"""A refund as a procedure: asked for, agreed to or objected to, decided, paid, and returned.

What people say is kept as they said it. Whether it is paid follows from the bank's events alone, so
that the order in which they come changes nothing.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import ClassVar, Final, Literal

from services.fund_monitor.domain.refunds.refund_money import Owed, Payment
from shared.errors import Conflict, Rejected
from shared.rules import Article
from shared.working_days import end_of

Standing = Literal["requested", "agreed", "objected", "decided"]
State = Literal["requested", "agreed", "objected", "decided", "paid", "returned"]


@dataclass(frozen=True, slots=True)
class Silence:
    """After how many working days of silence an institution has agreed, and where it is written."""

    article: Article
    working_days: int


SILENCES: Final = (
    Silence(
        Article(
            "全国校外教育培训监管与服务综合平台",
            "退费规则：机构5个工作日内未处理的退费申请视为同意，原路退回",
            "S",
            date(2021, 1, 1),
        ),
        5,
    ),
)


class RefundAskedOtherwise(Conflict):
    """A refund of this contract was asked for on this day, with another content."""

    code: ClassVar[str] = "refund-asked-otherwise"
    title: ClassVar[str] = "该合同当日已有内容不同的退费申请"


class RefundOpen(Conflict):
    """An earlier refund of this contract has not ended."""

    code: ClassVar[str] = "refund-open"
    title: ClassVar[str] = "该合同的上一退费申请尚未办结"


class RefundStands(Conflict):
    """The refund is not in the state in which this can be said of it."""

    code: ClassVar[str] = "refund-stands"
    title: ClassVar[str] = "退费申请的当前状态不允许此操作"


class RefundTooMuch(Rejected):
    """More is decided than the contract was paid and has not got back."""

    code: ClassVar[str] = "refund-too-much"
    title: ClassVar[str] = "退费金额超过合同未退还的本金"


class RequestedLater(Rejected):
    """A request is dated on a day that has not come."""

    code: ClassVar[str] = "refund-requested-later"
    title: ClassVar[str] = "申请日期晚于今天"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """One refund. ``wanted_fen`` is absent where everything refundable is asked for.

    ``owed_fen`` is set by agreement or decision, on ``answered_on``.
    """

    id: str
    institution_id: str
    contract_no: str
    requested_on: date
    reason: str
    wanted_fen: int | None
    refundable_fen: int
    received_at: datetime
    standing: Standing = "requested"
    silent: bool = False
    owed_fen: int | None = None
    answered_on: date | None = None
    paid_fen: int = 0
    paid_on: date | None = None
    returned_on: date | None = None
    stated_consumed_fen: int | None = None
    """What the institution says is consumed; what counts is what the lessons say."""

    @property
    def asked_at(self) -> datetime:
        """Up to when lessons are held against it: a later one was not what was asked about."""
        return min(self.received_at, end_of(self.requested_on))

    @property
    def asked_fen(self) -> int:
        """What is asked for, as far as it was refundable when it was asked for."""
        wanted = self.refundable_fen if self.wanted_fen is None else self.wanted_fen
        return min(wanted, self.refundable_fen)

    @property
    def state(self) -> State:
        if self.standing not in ("agreed", "decided") or not self.owed_fen:
            return self.standing
        if self.paid_fen >= self.owed_fen:
            return "paid"
        return self.standing if self.returned_on is None else "returned"

    @property
    def ended(self) -> bool:
        """Nothing is left to be said or paid."""
        return self.state == "paid" or self.owed_fen == 0

    @property
    def owed(self) -> Owed | None:
        """What the bank has to pay; nothing before somebody has said so."""
        return Owed(self.id, self.requested_on, self.owed_fen) if self.owed_fen else None

    def stating(self, consumed_fen: int | None) -> "Refund":
        """Return the refund with what the institution says is consumed, where it says so."""
        return self if consumed_fen is None else replace(self, stated_consumed_fen=consumed_fen)

    def agreed(self, refundable_fen: int, *, on: date, silent: bool = False) -> "Refund":
        """Return the refund with the institution's agreement: what is asked for and refundable."""
        self._must_be("requested")
        wanted = refundable_fen if self.wanted_fen is None else self.wanted_fen
        owed_fen = min(wanted, refundable_fen)
        return replace(self, standing="agreed", owed_fen=owed_fen, answered_on=on, silent=silent)

    def objected(self) -> "Refund":
        """Return the refund with the institution's objection: it waits for a decision."""
        self._must_be("requested")
        return replace(self, standing="objected")

    def decided(self, fen: int, *, left_fen: int, on: date) -> "Refund":
        """Return the refund as the competent department decides it, from nothing to all paid in."""
        self._must_be("objected")
        if fen > left_fen:
            raise RefundTooMuch(f"决定退还 {fen} 分，合同未退还的本金为 {left_fen} 分")
        return replace(self, standing="decided", owed_fen=fen, answered_on=on)

    def paid_as(self, payment: Payment) -> "Refund":
        """Return the refund as far as the bank has paid it."""
        return replace(
            self,
            paid_fen=payment.paid_fen,
            paid_on=payment.paid_on,
            returned_on=payment.returned_on,
        )

    def _must_be(self, standing: Standing) -> None:
        if self.standing != standing:
            raise RefundStands(f"退费申请处于 {self.state} 状态")


def silence_on(day: date) -> Silence:
    """Return the rule of silence in force on a day; before the first one, the first one."""
    return next((one for one in SILENCES if one.article.applies_on(day)), SILENCES[0])


def refuse_beside(refund: Refund, earlier: list[Refund], *, today: date) -> Refund | None:
    """Return the same request if it came before; refuse one that stands against another.

    Two refunds of one contract that ran beside each other would share the bank's payments.
    """
    if refund.requested_on > today:
        raise RequestedLater(f"申请日期 {refund.requested_on} 晚于今天 {today}")
    same_day = next((one for one in earlier if one.requested_on == refund.requested_on), None)
    if same_day is not None:
        if (same_day.wanted_fen, same_day.reason) != (refund.wanted_fen, refund.reason):
            raise RefundAskedOtherwise(f"合同 {refund.contract_no} 当日已有退费申请")
        return same_day
    if any(not one.ended for one in earlier):
        raise RefundOpen(f"合同 {refund.contract_no} 的上一退费申请尚未办结")
    return None

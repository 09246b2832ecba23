"""Custody accounts as institutions file them, and as the banks' events make them stand."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import ClassVar, Literal, TypeAlias

from services.fund_monitor.domain.banks.identity import account_key
from shared.errors import Conflict, Rejected

AccountKind: TypeAlias = Literal["custody", "risk_deposit"]
Mode: TypeAlias = Literal["custody", "risk_deposit", "transitional_full_deposit", "post_paid"]
FilingState: TypeAlias = Literal["filed", "confirmed", "refused"]

ENDINGS: dict[str, str] = {"custody": "预收费资金托管专户", "risk_deposit": "风险保证金专户"}
"""How the name of an account of each kind ends; that of risk deposits is our reading."""

KIND_OF_MODE: dict[str, str | None] = {
    "custody": "custody",
    "risk_deposit": "risk_deposit",
    "transitional_full_deposit": "risk_deposit",
    "post_paid": None,
}
"""The kind of account that each mode of supervision needs; who is paid afterwards needs none."""


class AccountNameWrong(Rejected):
    """An account is named after its institution and its purpose, and not otherwise."""

    code: ClassVar[str] = "account-name-wrong"
    title: ClassVar[str] = "账户名称不符合规定"


class AccountUnfitForMode(Rejected):
    """The mode of supervision needs another account than the one that is filed."""

    code: ClassVar[str] = "account-unfit-for-mode"
    title: ClassVar[str] = "账户与监管方式不符"


class FilingDecidedOtherwise(Conflict):
    """A filing that was confirmed or refused is not decided again."""

    code: ClassVar[str] = "filing-decided-otherwise"
    title: ClassVar[str] = "此备案已另作处理"


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledAccount:
    """What an institution says of how its fees are kept; without an account where paid after."""

    institution_id: str
    mode: Mode
    agreement_no: str | None = None
    bank: str | None = None
    account_no: str | None = None
    account_name: str | None = None
    account_kind: AccountKind | None = None
    replaces: str | None = None

    @property
    def account(self) -> str | None:
        """The account as the ledger names it."""
        if self.bank is None or self.account_no is None:
            return None
        return account_key(self.bank, self.account_no)

    @property
    def natural_key(self) -> str:
        """What may be filed once: an account, or an institution's being paid afterwards."""
        return self.account or f"post_paid|{self.institution_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningFigure:
    """The opening balance as the competent department has confirmed it."""

    amount_fen: int
    confirmed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """A filing and what the competent department made of it."""

    account_id: str
    version: int
    content: FiledAccount
    filed_on: date
    filed_at: datetime
    state: FilingState = "filed"
    decided_at: datetime | None = None
    reason: str | None = None
    opening: OpeningFigure | None = None

    @property
    def counts(self) -> bool:
        """A refused filing is as if it had not been made."""
        return self.state != "refused"

    def decided(self, state: FilingState, *, reason: str | None, at: datetime) -> "Filing":
        """Confirm or refuse a filing; the same decision again changes nothing."""
        if (self.state, self.reason) == (state, reason):
            return self
        if self.state != "filed":
            raise FilingDecidedOtherwise("此备案已确认或退回；退回后可以重新备案")
        return replace(self, version=self.version + 1, state=state, reason=reason, decided_at=at)

    def with_opening(self, amount_fen: int, *, at: datetime) -> "Filing":
        """Confirm the opening balance of a confirmed account; it may be corrected."""
        if self.state != "confirmed" or self.content.account is None:
            raise FilingDecidedOtherwise("账户备案确认之后，才能确认其期初余额")
        if self.opening is not None and self.opening.amount_fen == amount_fen:
            return self
        opening = OpeningFigure(amount_fen=amount_fen, confirmed_at=at)
        return replace(self, version=self.version + 1, opening=opening)

    def filed_anew(self, content: FiledAccount, *, filed_on: date, at: datetime) -> "Filing":
        """File again what was refused."""
        return Filing(
            account_id=self.account_id,
            version=self.version + 1,
            content=content,
            filed_on=filed_on,
            filed_at=at,
        )


def check_filed(content: FiledAccount, *, institution: str) -> None:
    """Hold a filing against the name of its institution and against its own mode."""
    wanted = KIND_OF_MODE[content.mode]
    if content.account_kind != wanted or (content.account is None) != (wanted is None):
        words = "不填账户" if wanted is None else f"须填写银行、账号，账户类别须为 {wanted}"
        raise AccountUnfitForMode(
            f"监管方式 {content.mode} {words}", fields=[("/account_kind", words)]
        )
    if wanted is not None and content.agreement_no is None:
        raise AccountUnfitForMode(
            "有账户的须填写协议编号", fields=[("/agreement_no", "缺少协议编号")]
        )
    if wanted is not None and content.account_name != account_name(institution, wanted):
        rule = f"须为单位名称加用途：{account_name(institution, wanted)}"
        raise AccountNameWrong(rule, fields=[("/account_name", rule)])


def account_name(institution: str, kind: str) -> str:
    """Return how an account of an institution must be named; a bank's field ends at 64."""
    return f"{institution}{ENDINGS[kind]}"[:64]


@dataclass(frozen=True, slots=True)
class AccountEvent:
    """A posted event of a bank that says how an account stands."""

    identity: str
    type: str
    occurred_at: datetime
    amount_fen: int | None = None

    @property
    def rank(self) -> tuple[datetime, str]:
        return (self.occurred_at, self.identity)


@dataclass(frozen=True, slots=True)
class Freeze:
    """A freeze and when it ended; what happens in either instant is free."""

    by: AccountEvent
    ended_at: datetime | None = None

    @property
    def amount_fen(self) -> int | None:
        """How much is frozen; all there is where the bank names no amount."""
        return self.by.amount_fen

    def holds_at(self, moment: datetime) -> bool:
        """Tell whether money was held at a moment."""
        begun = self.by.occurred_at < moment
        return begun and (self.ended_at is None or moment < self.ended_at)


@dataclass(frozen=True, slots=True)
class Standing:
    """How an account stands by all events of it, in whatever order they came."""

    opened: AccountEvent | None = None
    closed: AccountEvent | None = None
    opening_balance: AccountEvent | None = None
    freezes: tuple[Freeze, ...] = ()

    @property
    def in_force(self) -> tuple[Freeze, ...]:
        """The freezes that have not ended."""
        return tuple(freeze for freeze in self.freezes if freeze.ended_at is None)

    def frozen_at(self, moment: datetime) -> tuple[Freeze, ...]:
        """Return the freezes that had begun before a moment and ended after it."""
        return tuple(freeze for freeze in self.freezes if freeze.holds_at(moment))

    def is_open_at(self, moment: datetime) -> bool:
        """Tell whether the account was open at a moment."""
        begun = self.opened is not None and self.opened.occurred_at <= moment
        return begun and (self.closed is None or moment < self.closed.occurred_at)

    def frozen_fen(self, balance_fen: int) -> int:
        """Return how much of a balance is frozen: several amounts add up, to all there is."""
        there = max(balance_fen, 0)
        if any(freeze.amount_fen is None for freeze in self.in_force):
            return there
        return min(there, sum(freeze.amount_fen or 0 for freeze in self.in_force))


def standing_of(events: Iterable[AccountEvent]) -> Standing:
    """Return how an account stands: an unfreezing ends every freeze before it."""
    ordered = sorted(events, key=lambda event: event.rank)
    in_force: list[AccountEvent] = []
    ended: dict[str, datetime] = {}
    for event in ordered:
        if event.type == "account_frozen":
            in_force.append(event)
        elif event.type == "account_unfrozen":
            ended |= {freeze.identity: event.occurred_at for freeze in in_force}
            in_force.clear()
    return Standing(
        opened=_first(ordered, "account_opened"),
        closed=_first(ordered, "account_closed"),
        opening_balance=_first(ordered, "opening_balance"),
        freezes=tuple(
            Freeze(event, ended.get(event.identity))
            for event in ordered
            if event.type == "account_frozen"
        ),
    )


def _first(ordered: Sequence[AccountEvent], kind: str) -> AccountEvent | None:
    return next((event for event in ordered if event.type == kind), None)

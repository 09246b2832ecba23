"""Custody accounts: one of an institution, named after it, filed, free, and empty when closed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from services.fund_monitor.domain.banks.identity import account_in_words
from services.fund_monitor.domain.custody.custody import Filing, Standing, account_name
from services.fund_monitor.domain.rules.breach import Breach
from services.fund_monitor.domain.rules.unregistered_money import Inflow
from shared.city_time import city_date, month_of
from shared.rules import Article, RuleCard

FILING_DAYS: Final = 5

_ONE_ACCOUNT = Article(
    "杭州市六部门2020-10-20通知", "一家银行、一个账户并备案", "S", date(2020, 10, 20)
)
_OWN_ACCOUNT = Article(
    "教监管函〔2021〕2号", "预收费全部进入本机构专用账户", "S", date(2021, 10, 29)
)
_ACCOUNT_EVENTS = Article(
    "预收费资金监管指标 F16", "未备案变更账户；冻结、查封、扣划", "P", date(2021, 1, 1)
)
_OPENING = Article("教监管函〔2021〕2号", "此前已收未消课的预收费一并纳入", "S", date(2021, 10, 29))

SECOND_ACCOUNT = RuleCard(
    "fund.second_account", "同时有两个托管账户", _ONE_ACCOUNT, "托管账户", levels=("red",)
)
ACCOUNT_NAME = RuleCard(
    "fund.account_name", "账户名称与机构名称不符", _OWN_ACCOUNT, "所有监管账户", levels=("yellow",)
)
ACCOUNT_UNFILED = RuleCard(
    "fund.account_unfiled",
    "账户未在5个工作日内备案",
    _ACCOUNT_EVENTS,
    "已备案过账户的机构",
    levels=("yellow",),
)
ACCOUNT_FROZEN = RuleCard(
    "fund.account_frozen", "账户被冻结或司法扣划", _ACCOUNT_EVENTS, "所有监管账户", levels=("red",)
)
CLOSED_ACCOUNT_INFLOW = RuleCard(
    "fund.closed_account_inflow",
    "销户后仍有资金流入",
    _OWN_ACCOUNT,
    "所有监管账户",
    levels=("red",),
)
OPENING_BALANCE = RuleCard(
    "fund.opening_balance",
    "期初余额与主管部门确认的不符",
    _OPENING,
    "所有监管账户",
    levels=("yellow",),
)

ByMonth = dict[str, list[Breach]]


@dataclass(frozen=True, slots=True)
class KnownAccount:
    """An account that a bank has opened, as the rules look at it."""

    key: str
    kind: str
    name: str
    standing: Standing


def institution_has_one_account(
    accounts: Sequence[KnownAccount], *, replaced: frozenset[str]
) -> ByMonth:
    """An institution keeps its fees in one account; one that a filed change replaces runs out."""
    custody = [a for a in accounts if a.kind == "custody" and a.key not in replaced]
    found: ByMonth = {}
    for account in custody:
        opened = account.standing.opened
        if opened is None:
            continue
        before = [
            other
            for other in custody
            if other is not account
            and other.standing.is_open_at(opened.occurred_at)
            and _opened_before(other, account)
        ]
        if before:
            others = "、".join(sorted(account_in_words(other.key) for other in before))
            message = f"{account_in_words(account.key)}开立时，{others}尚未销户"
            events = (opened.identity, *_openings(before))
            breach = Breach("red", message, events, {"accounts": len(before) + 1})
            found.setdefault(_month(opened.occurred_at), []).append(breach)
    return found


def account_bears_its_institutions_name(account: KnownAccount, institution: str) -> ByMonth:
    """An account is named after its institution and its purpose."""
    opened, wanted = account.standing.opened, account_name(institution, account.kind)
    if opened is None or account.name == wanted:
        return {}
    message = f"账户名称为“{account.name}”，应为“{wanted}”"
    return {_month(opened.occurred_at): [Breach("yellow", message, (opened.identity,), {})]}


@dataclass(frozen=True, slots=True)
class Filed:
    """What an institution has filed: when it first did, and on which day each account."""

    first_on: date
    on: Mapping[str, date]

    @classmethod
    def of(cls, filings: Iterable[Filing]) -> "Filed | None":
        """Return it, or nothing of an institution that has filed no account yet."""
        counted = [filing for filing in filings if filing.counts]
        if not counted:
            return None
        days = {f.content.account: f.filed_on for f in counted if f.content.account is not None}
        return cls(min(filing.filed_on for filing in counted), days)


@dataclass(frozen=True, slots=True)
class FilingPeriod:
    """From when an account has to be filed, when that ends, and whether the end is certain."""

    begun_on: date
    ends_at: datetime
    provisional: bool

    @property
    def over_on(self) -> date:
        """The first day that is too late."""
        return city_date(self.ends_at)


def filing_begins_on(account: KnownAccount, filed: Filed) -> date | None:
    """An account has to be filed from its opening on, or from its institution's first filing."""
    opened = account.standing.opened
    return None if opened is None else max(city_date(opened.occurred_at), filed.first_on)


def account_is_filed_in_time(
    account: KnownAccount, filed: Filed, period: FilingPeriod, *, now: datetime
) -> ByMonth:
    """An account is filed within five working days, else it was changed without a filing."""
    opened, filed_on = account.standing.opened, filed.on.get(account.key)
    if opened is None or period.provisional or now < period.ends_at:
        return {}
    if filed_on is not None and filed_on < period.over_on:
        return {}
    how = "至今未备案" if filed_on is None else f"{filed_on}才备案"
    due = f"自{period.begun_on}起应在{FILING_DAYS}个工作日内备案"
    message = f"{account_in_words(account.key)}{due}，{how}"
    return {month_of(period.begun_on): [Breach("yellow", message, (opened.identity,), {})]}


def account_is_not_frozen(account: KnownAccount, deductions: Sequence[Inflow]) -> ByMonth:
    """Money on an account is free: nobody has frozen it, and no court has taken of it."""
    found: ByMonth = {}
    for freeze in account.standing.freezes:
        fen = freeze.amount_fen
        message = f"账户被冻结：{'全部余额' if fen is None else _yuan(fen)}"
        figures = {"frozen_fen": "all" if fen is None else fen}
        breach = Breach("red", message, (freeze.by.identity,), figures)
        found.setdefault(_month(freeze.by.occurred_at), []).append(breach)
    for taken in deductions:
        message = f"司法机关扣划{_yuan(taken.amount_fen)}"
        breach = Breach("red", message, (taken.identity,), {"amount_fen": taken.amount_fen})
        found.setdefault(_month(taken.occurred_at), []).append(breach)
    return found


def closed_account_takes_no_money(account: KnownAccount, inflows: Sequence[Inflow]) -> ByMonth:
    """Nothing is paid in after an account has been closed."""
    closed = account.standing.closed
    found: ByMonth = {}
    for inflow in inflows:
        if closed is None or inflow.occurred_at <= closed.occurred_at:
            continue
        message = f"账户已于{city_date(closed.occurred_at)}销户，仍流入{_yuan(inflow.amount_fen)}"
        events = (inflow.identity, closed.identity)
        breach = Breach("red", message, events, {"amount_fen": inflow.amount_fen})
        found.setdefault(_month(inflow.occurred_at), []).append(breach)
    return found


def opening_balance_is_as_confirmed(account: KnownAccount, confirmed_fen: int) -> ByMonth:
    """The bank enters an account with what the competent department has confirmed."""
    opening = account.standing.opening_balance
    if opening is None or opening.amount_fen == confirmed_fen:
        return {}
    reported = opening.amount_fen or 0
    message = f"银行报送期初余额{_yuan(reported)}，主管部门确认为{_yuan(confirmed_fen)}"
    figures: dict[str, int | str] = {"reported_fen": reported, "confirmed_fen": confirmed_fen}
    month = _month(opening.occurred_at)
    return {month: [Breach("yellow", message, (opening.identity,), figures)]}


def _opened_before(other: KnownAccount, account: KnownAccount) -> bool:
    """Of two that were opened at one instant, the one later in order of keys is the second."""
    first, second = other.standing.opened, account.standing.opened
    assert first is not None  # noqa: S101 - it is open, so it was opened
    assert second is not None  # noqa: S101 - its caller has looked
    return (first.occurred_at, other.key) < (second.occurred_at, account.key)


def _openings(accounts: Iterable[KnownAccount]) -> list[str]:
    return sorted(a.standing.opened.identity for a in accounts if a.standing.opened is not None)


def _month(moment: datetime) -> str:
    return month_of(city_date(moment))


def _yuan(fen: int) -> str:
    return f"{fen // 100:,}.{fen % 100:02d}元"

"""Money that leaves an account which is frozen or closed (indicator F16)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, TypeAlias

from services.fund_monitor.domain.custody.custody import Freeze
from services.fund_monitor.domain.rules.accounts import ByMonth, KnownAccount
from services.fund_monitor.domain.rules.breach import Breach
from shared.city_time import city_date, city_month
from shared.rules import Article, RuleCard

OUTFLOWS: Final = frozenset({"release", "refund", "fee", "withdrawal"})
"""What leaves by the institution's or the bank's hand; what a court takes has its own finding."""

_FROZEN = Article("预收费资金监管指标 F16", "冻结的资金在解冻前不得流出", "P", date(2021, 1, 1))
_CLOSED = Article("预收费资金监管指标 F16", "销户后不得再有资金流出", "P", date(2021, 1, 1))

FROZEN_ACCOUNT_OUTFLOW = RuleCard(
    "fund.frozen_account_outflow",
    "冻结期间仍有资金流出",
    _FROZEN,
    "所有监管账户",
    levels=("red",),
)
CLOSED_ACCOUNT_OUTFLOW = RuleCard(
    "fund.closed_account_outflow",
    "销户后仍有资金流出",
    _CLOSED,
    "所有监管账户",
    levels=("red",),
)
_MOST_EVENTS: Final = 200


@dataclass(frozen=True, slots=True)
class Movement:
    """A posted event that stands and what it adds to the balance: below zero, it leaves."""

    identity: str
    type: str
    occurred_at: datetime
    fen: int

    @property
    def rank(self) -> tuple[datetime, bool, str]:
        """Of one instant, what comes in is there before anything leaves."""
        return (self.occurred_at, self.fen < 0, self.identity)


_Cause: TypeAlias = tuple[Movement, Sequence[str]]
"""Money that left, and the events that should have kept it there."""


def frozen_money_stays(
    account: KnownAccount, movements: Iterable[Movement], *, balance_fen: int
) -> ByMonth:
    """Nothing leaves of what is frozen: all there is, or the amount that the freeze names.

    ``movements`` are all since a moment before the first freeze that is looked at, and
    ``balance_fen`` is what was there before them.
    """
    found: list[_Cause] = []
    taken: list[Movement] = []
    for movement in sorted(movements, key=lambda one: one.rank):
        balance_fen += movement.fen
        if movement.type == "judicial_deduction":
            taken.append(movement)
        freezes = account.standing.frozen_at(movement.occurred_at)
        if movement.type in OUTFLOWS and freezes and _eaten_into(freezes, taken, balance_fen):
            found.append((movement, [freeze.by.identity for freeze in freezes]))
    return _by_month(found, "账户冻结期间仍有资金流出")


def closed_account_pays_nothing(account: KnownAccount, movements: Iterable[Movement]) -> ByMonth:
    """Nothing leaves an account after it has been closed."""
    closed = account.standing.closed
    if closed is None:
        return {}
    after = [
        (one, [closed.identity])
        for one in sorted(movements, key=lambda one: one.rank)
        if one.type in OUTFLOWS and one.occurred_at > closed.occurred_at
    ]
    return _by_month(after, f"账户已于{city_date(closed.occurred_at)}销户，此后仍有资金流出")


def _eaten_into(freezes: Sequence[Freeze], taken: Sequence[Movement], balance_fen: int) -> bool:
    """Tell whether less is left than is frozen; what a court has taken since is frozen no more."""
    amounts = [freeze.amount_fen for freeze in freezes]
    if None in amounts:
        return True
    begun = min(freeze.by.occurred_at for freeze in freezes)
    gone = -sum(one.fen for one in taken if one.occurred_at > begun)
    held = sum(fen or 0 for fen in amounts) - gone
    return held > 0 and balance_fen < held


def _by_month(outflows: Iterable[_Cause], what: str) -> ByMonth:
    """Return one breach a month: an account that goes on as ever would make hundreds."""
    months: dict[str, list[_Cause]] = {}
    for outflow in outflows:
        months.setdefault(city_month(outflow[0].occurred_at), []).append(outflow)
    found: ByMonth = {}
    for month, some in months.items():
        fen = -sum(one.fen for one, _ in some)
        message = f"{what}：本月{len(some)}笔，共{fen // 100:,}.{fen % 100:02d}元"
        causes = sorted({cause for _, causes in some for cause in causes})
        events = (*(one.identity for one, _ in some[:_MOST_EVENTS]), *causes)
        figures: dict[str, int | str] = {"outflows": len(some), "amount_fen": fen}
        found[month] = [Breach("red", message, events, figures)]
    return found

"""A risk deposit (indicator F02) covers the fees of one charging cycle."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from dateutil.relativedelta import relativedelta

from services.fund_monitor.domain.custody.custody import Mode
from services.fund_monitor.domain.custody.supervision import ModeHistory
from services.fund_monitor.domain.rules.breach import Breach
from services.fund_monitor.domain.rules.coverage import DayTotal
from services.fund_monitor.domain.rules.fee_collections import Payment
from shared.city_time import month_of
from shared.rules import Article, RuleCard

RISK_DEPOSIT: Final = RuleCard(
    "fund.risk_deposit",
    "风险保证金不足一个收费周期的费用",
    Article(
        "教监管函〔2021〕2号",
        "风险保证金不低于一个收费周期（3个月）内全部学员的费用总额",
        "G",
        date(2021, 10, 29),
    ),
    "风险保证金、过渡期全额保证金备案已确认的机构",
    tells_institution=True,
)
DEPOSIT_MODES: Final[tuple[Mode, ...]] = ("risk_deposit", "transitional_full_deposit")
CYCLE_MONTHS: Final = 3
# Below this many hundredths of the fees it is yellow, below all of them red: F02, a proposal.
YELLOW_PERCENT: Final = 110
_MOST_EVENTS: Final = 200


@dataclass(frozen=True, slots=True)
class DepositPosition:
    """What is deposited at the end of a day, beside what falls due in the cycle up to it."""

    day: date
    deposit_fen: int
    due: tuple[Payment, ...]

    @property
    def fees_fen(self) -> int:
        return sum(payment.fen for payment in self.due)


def deposit_positions(
    modes: ModeHistory, totals: Sequence[DayTotal], payments: Sequence[Payment], *, today: date
) -> list[DepositPosition]:
    """Return the position at the end of each month under a deposit mode, and now.

    The cycle is the calendar month of the day and the two before it. What falls due later than the
    day is not collected yet.
    """
    begun = modes.first_day_of(*DEPOSIT_MODES)
    found: list[DepositPosition] = []
    while begun is not None and begun <= today:
        following = begun.replace(day=1) + relativedelta(months=1)
        day = min(following - timedelta(days=1), today)
        if modes.on(day) in DEPOSIT_MODES:
            since = day.replace(day=1) - relativedelta(months=CYCLE_MONTHS - 1)
            due = tuple(one for one in payments if since <= one.day <= day)
            deposit = sum(total.balance_fen for total in totals if total.day <= day)
            found.append(DepositPosition(day, deposit, due))
        begun = following
    return found


def deposit_covers_a_cycle(positions: Iterable[DepositPosition]) -> dict[str, list[Breach]]:
    """A deposit is never less than the fees of a cycle, and has a tenth to spare."""
    return {
        month_of(one.day): [_breach(one)]
        for one in positions
        if one.deposit_fen * 100 < one.fees_fen * YELLOW_PERCENT
    }


def look_again_on(payments: Iterable[Payment], *, today: date) -> date:
    """Return the next day on which the position changes by itself: a part due, or a new month."""
    next_month = today.replace(day=1) + relativedelta(months=1)
    return min([next_month, *(one.day for one in payments if one.day > today)])


def _breach(position: DepositPosition) -> Breach:
    deposit, fees = position.deposit_fen, position.fees_fen
    # Cut, not rounded: what is short never reads as enough.
    tenths = deposit * 1_000 // fees
    message = (
        f"{position.day}风险保证金余额{_yuan(deposit)}，近{CYCLE_MONTHS}个月合同应收费用{_yuan(fees)}，"
        f"为{tenths // 10}.{tenths % 10}%"
    )
    figures: dict[str, int | str] = {
        "day": position.day.isoformat(),
        "deposit_fen": deposit,
        "fees_fen": fees,
    }
    events = sorted({one.identity for one in position.due})[:_MOST_EVENTS]
    return Breach("red" if deposit < fees else "yellow", message, tuple(events), figures)


def _yuan(fen: int) -> str:
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02d}元"

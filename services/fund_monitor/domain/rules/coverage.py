"""Coverage (indicator F01): the custody balance covers what is paid and not yet consumed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.fund_monitor.domain.rules.breach import Breach
from services.fund_monitor.domain.rules.limits import (
    COVERAGE,
    RED_GAP_FEN,
    RED_SHARE,
    TOLERANCE_FEN,
    TOLERANCE_SHARE,
    YELLOW_BANKING_DAYS,
)
from shared.city_time import month_of
from shared.rules import RuleCard

FUND_COVERAGE = RuleCard(
    "fund.coverage",
    "托管余额不足",
    COVERAGE,
    "采用银行托管方式的培训机构",
    tells_institution=True,
)


@dataclass(frozen=True, slots=True)
class DayTotal:
    """What one city day changed on a custody account, in fen."""

    day: date
    balance_fen: int
    unconsumed_fen: int


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A position in which the balance does not cover the unconsumed value."""

    day: date
    balance_fen: int
    unconsumed_fen: int
    banking_days: int
    """At the ends of how many banking days in a row it has been short, this one included."""

    @property
    def gap_fen(self) -> int:
        return self.unconsumed_fen - self.balance_fen


def balance_covers_unconsumed(balance_fen: int, unconsumed_fen: int) -> bool:
    """The balance covers what is unconsumed, but for 0.5 % or 500 yuan, whichever is more."""
    gap_fen = unconsumed_fen - balance_fen
    return gap_fen <= TOLERANCE_FEN or gap_fen <= TOLERANCE_SHARE * unconsumed_fen


def gap_is_grave(balance_fen: int, unconsumed_fen: int) -> bool:
    """Less than nine tenths are covered, or more than 50,000 yuan are missing."""
    return balance_fen < RED_SHARE * unconsumed_fen or unconsumed_fen - balance_fen > RED_GAP_FEN


def shortfalls(
    totals: Iterable[DayTotal], *, today: date, is_banking_day: Callable[[date], bool]
) -> list[Shortfall]:
    """Return the days at whose end, and today as it stands, the balance was short.

    The totals of all an institution's accounts are taken together.
    """
    changes: dict[date, tuple[int, int]] = {}
    for total in totals:
        balance, unconsumed = changes.get(total.day, (0, 0))
        changes[total.day] = (balance + total.balance_fen, unconsumed + total.unconsumed_fen)
    if not changes:
        return []
    found: list[Shortfall] = []
    balance = unconsumed = run = 0
    day = min(changes)
    last = max(today, *changes)
    while day <= last:
        of_day = changes.get(day, (0, 0))
        balance += of_day[0]
        unconsumed += of_day[1]
        if balance_covers_unconsumed(balance, unconsumed):
            run = 0
        else:
            # Today has not ended: it is a position, not another day in the row.
            run += is_banking_day(day) and day < today
            found.append(Shortfall(day, balance, unconsumed, run))
        day += timedelta(days=1)
    return found


def coverage_by_month(
    short: Sequence[Shortfall], events_by_day: Mapping[date, Sequence[str]]
) -> dict[str, list[Breach]]:
    """Return the breaches of each month: the worst position of the worst level."""
    found: dict[str, list[Breach]] = {}
    for month in sorted({month_of(position.day) for position in short}):
        here = [position for position in short if month_of(position.day) == month]
        grave = [p for p in here if gap_is_grave(p.balance_fen, p.unconsumed_fen)]
        lasting = [p for p in here if p.banking_days >= YELLOW_BANKING_DAYS]
        if not grave and not lasting:
            continue
        worst = max(grave or lasting, key=lambda p: (p.gap_fen, p.day))
        events = tuple(sorted(events_by_day.get(worst.day, ())))
        found[month] = [_breach(worst, red=bool(grave), events=events)]
    return found


def _breach(worst: Shortfall, *, red: bool, events: tuple[str, ...]) -> Breach:
    covered = worst.balance_fen * 100 / worst.unconsumed_fen
    message = (
        f"{worst.day}托管余额{_yuan(worst.balance_fen)}，未消课金额{_yuan(worst.unconsumed_fen)}，"
        f"覆盖率{covered:.1f}%，缺口{_yuan(worst.gap_fen)}"
    )
    figures: dict[str, int | str] = {
        "day": worst.day.isoformat(),
        "balance_fen": worst.balance_fen,
        "unconsumed_fen": worst.unconsumed_fen,
        "gap_fen": worst.gap_fen,
    }
    return Breach("red" if red else "yellow", message, events, figures)


def _yuan(fen: int) -> str:
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02d}元"

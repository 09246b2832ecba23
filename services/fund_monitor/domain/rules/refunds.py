"""Refunds: too many at once (F07), too late (F08), and by another way than the money came."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from typing import Final, Literal

from services.fund_monitor.domain.refunds.refund import Refund
from services.fund_monitor.domain.refunds.refund_money import Movement
from services.fund_monitor.domain.rules.breach import Breach
from shared.city_time import month_of
from shared.rules import Article, RuleCard

YELLOW_WORKING_DAYS: Final = 5
RED_WORKING_DAYS: Final = 15
SURGE_DAYS: Final = 7
SURGE_WEEKS: Final = 8
_LATE: Final[tuple[tuple[Literal["yellow", "red"], int], ...]] = (
    ("yellow", YELLOW_WORKING_DAYS),
    ("red", RED_WORKING_DAYS),
)
# Times the mean, requests at least, and percent of the unconsumed value that are enough alone.
_YELLOW_SURGE: Final = (2, 5, 10)
_RED_SURGE: Final = (3, 10, 20)

REFUND_SURGE = RuleCard(
    "fund.refund_surge",
    "退费申请激增",
    Article("预收费资金监管指标 F07", "7日退费申请与前8周均值之比", "P", date(2021, 1, 1)),
    "收到退费申请的培训机构",
)
REFUND_OVERDUE = RuleCard(
    "fund.refund_overdue",
    "逾期未退费",
    Article(
        "预收费资金监管指标 F08",
        "同意退费后超过5个工作日未退为黄色，超过15个工作日为红色",
        "S",
        date(2021, 1, 1),
    ),
    "同意退费或被决定退费的培训机构",
    tells_institution=True,
)
REFUND_ROUTE = RuleCard(
    "fund.refund_route",
    "退费未原路退回",
    Article("全国校外教育培训监管与服务综合平台", "退费规则：退费原路退回", "S", date(2021, 1, 1)),
    "收到退费申请的合同",
    tells_institution=True,
    levels=("yellow",),
)
REFUND_RULES: Final = (REFUND_SURGE, REFUND_OVERDUE, REFUND_ROUTE)


@dataclass(frozen=True, slots=True)
class LastDay:
    """The last of some working days, and whether the calendar of them is only an estimate."""

    on: date
    provisional: bool = False


LastDayAfter = Callable[[date, int], LastDay]
"""Returns the last of so many working days after a day."""


@dataclass(frozen=True, slots=True)
class Lateness:
    """How late a refund is or was paid, and the next day on which that may change."""

    level: Literal["yellow", "red"] | None
    since: date
    look_on: date | None


def refund_is_paid_in_time(
    refund: Refund, *, today: date, last_day_after: LastDayAfter
) -> Lateness | None:
    """What is agreed or decided is paid within 5 working days; exactly 5 are in time.

    A refund that came back has as long again. On a provisional calendar nobody is late.
    """
    if not refund.owed_fen or refund.answered_on is None:
        return None
    since = max(refund.answered_on, refund.returned_on or refund.answered_on)
    seen_on = today if refund.paid_on is None else refund.paid_on
    level: Literal["yellow", "red"] | None = None
    look_on = None
    for grave, days in _LATE:
        last = last_day_after(since, days)
        if seen_on > last.on and not last.provisional:
            level = grave
            continue
        if refund.paid_on is None:
            # A provisional day may be confirmed any day: it is looked at daily once it has come.
            look_on = max(last.on, today) + timedelta(days=1)
        break
    return Lateness(level, since, look_on)


def overdue_breach(refund: Refund, lateness: Lateness) -> Breach | None:
    """Return the finding of a late refund."""
    if lateness.level is None or refund.owed_fen is None:
        return None
    paid = "尚未退清" if refund.paid_on is None else f"{refund.paid_on}才退清"
    message = (
        f"合同{refund.contract_no}的退费{_yuan(refund.owed_fen)}自{lateness.since}起应退，{paid}"
    )
    figures: dict[str, int | str] = {
        "owed_fen": refund.owed_fen,
        "paid_fen": refund.paid_fen,
        "since": lateness.since.isoformat(),
    }
    return Breach(lateness.level, message, (f"refund:{refund.id}",), figures)


def refunds_do_not_surge(
    refunds: Sequence[Refund], unconsumed_on: Callable[[date], int]
) -> dict[str, Breach]:
    """Return each month's worst surge: 7 days of requests against the mean of 8 weeks before.

    A surge is dated by the last of its 7 days, on which somebody has asked.
    """
    found: dict[str, Breach] = {}
    ordered = sorted(refunds, key=lambda one: (one.requested_on, one.id))
    days = [one.requested_on for one in ordered]
    for day in dict.fromkeys(days):
        breach = _surge(day, ordered, days, unconsumed_on)
        month = month_of(day)
        if breach is not None and _worse(breach, found.get(month)):
            found[month] = breach
    return found


def _surge(
    day: date,
    refunds: Sequence[Refund],
    days: Sequence[date],
    unconsumed_on: Callable[[date], int],
) -> Breach | None:
    first = day - timedelta(days=SURGE_DAYS - 1)
    begin = first - timedelta(weeks=SURGE_WEEKS)
    here = refunds[bisect_left(days, first) : bisect_right(days, day)]
    before = bisect_left(days, first) - bisect_left(days, begin)
    fen = sum(one.asked_fen for one in here)
    # What is paid back within the 7 days must not make the rest look larger than it was.
    unconsumed = max(unconsumed_on(first - timedelta(days=1)), unconsumed_on(day))

    def reaches(times: int, least: int, percent: int) -> bool:
        many = len(here) >= least and len(here) * SURGE_WEEKS >= times * before
        return many or (unconsumed > 0 and fen * 100 >= percent * unconsumed)

    red = reaches(*_RED_SURGE)
    if not red and not reaches(*_YELLOW_SURGE):
        return None
    message = (
        f"{first}至{day}收到退费申请{len(here)}件，共{_yuan(fen)}；"
        f"此前8周共{before}件，未消课金额{_yuan(unconsumed)}"
    )
    figures: dict[str, int | str] = {
        "day": day.isoformat(),
        "requests": len(here),
        "before": before,
        "amount_fen": fen,
        "unconsumed_fen": unconsumed,
    }
    events = tuple(sorted(f"refund:{one.id}" for one in here))
    return Breach("red" if red else "yellow", message, events, figures)


def _worse(breach: Breach, known: Breach | None) -> bool:
    if known is None:
        return True
    return (breach.level == "red", int(breach.figures["amount_fen"])) > (
        known.level == "red",
        int(known.figures["amount_fen"]),
    )


def refunds_take_the_original_route(
    movements: Mapping[str, Sequence[Movement]], asked_on: Mapping[str, date]
) -> dict[str, list[Breach]]:
    """A refund goes out of the account into which its contract was paid, by contract and month.

    Where no payment of a contract was reported at all, its way is unknown, and nothing is found.
    """
    found: dict[str, list[Breach]] = {}
    for contract_no, some in sorted(movements.items()):
        paid_into = {one.account for one in some if one.type == "deposit"}
        for one in some if paid_into else ():
            if one.type != "refund" or one.account in paid_into or one.day < asked_on[contract_no]:
                continue
            message = f"合同{contract_no}的退费{_yuan(one.amount_fen)}从未收款的账户付出"
            figures: dict[str, int | str] = {
                "amount_fen": one.amount_fen,
                "account": one.account,
                "contract_no": contract_no,
            }
            breach = Breach("yellow", message, (one.identity,), figures)
            found.setdefault(month_of(one.day), []).append(breach)
    return found


def unconsumed_by_day(totals: Iterable[tuple[date, int]]) -> Callable[[date], int]:
    """Return what was unconsumed at the end of any day, from what each day changed."""
    changes = sorted(totals)
    days = [day for day, _ in changes]
    sums = [0, *accumulate(fen for _, fen in changes)]
    return lambda day: sums[bisect_right(days, day)]


def _yuan(fen: int) -> str:
    return f"{fen // 100:,}.{fen % 100:02d}元"

"""Banks that send nothing, and differences that nobody explains in time."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from services.fund_monitor.domain.rules.breach import Breach
from services.fund_monitor.domain.rules.limits import (
    DIFFERENCES,
    FEED_SILENCE,
)
from services.fund_monitor.domain.statements.reconciliation import Owner
from shared.city_time import city_date, month_of
from shared.rules import RuleCard

BANK_SILENT = RuleCard(
    "fund.bank_silent", "银行停止报送", FEED_SILENCE, "已上线且有在用托管账户的银行"
)
DIFFERENCE_OVERDUE = RuleCard(
    "fund.difference_overdue", "对账差异逾期未说明", DIFFERENCES, "所有报送银行"
)
_MOST_EVENTS = 20


@dataclass(frozen=True, slots=True)
class Until:
    """When a time has passed, and whether that is only an estimate, which never passes."""

    at: datetime
    provisional: bool

    def passed(self, now: datetime) -> bool:
        """Tell whether it has passed for certain."""
        return not self.provisional and self.at <= now


@dataclass(frozen=True, slots=True)
class Silence:
    """When a bank sent something last, and from when on its silence is a finding."""

    last_on: date
    first_on: date
    """The first working day without anything."""
    yellow: Until
    red: Until


def banks_keep_sending(
    silence: Silence, *, open_accounts: int, now: datetime
) -> dict[str, list[Breach]]:
    """A bank with open custody accounts sends something; an estimated day finds nothing."""
    level: Literal["yellow", "red"] | None = None
    if silence.yellow.passed(now):
        level = "yellow"
    if silence.red.passed(now):
        level = "red"
    if level is None or not open_accounts:
        return {}
    message = (
        f"该行最后一次报送在{silence.last_on}，此后没有事件也没有对账文件；"
        f"有{open_accounts}个在用托管账户，其资金情况已无从得知"
    )
    figures: dict[str, int | str] = {
        "last_sent_on": silence.last_on.isoformat(),
        "open_accounts": open_accounts,
    }
    return {month_of(silence.first_on): [Breach(level, message, (), figures)]}


@dataclass(frozen=True, slots=True)
class Unexplained:
    """Like differences found on one day that nobody has explained, and how long that may last."""

    found_on: date
    kind: str
    owner: Owner
    count: int
    events: tuple[str, ...]
    due: Until
    red: Until


def differences_are_explained(
    some: Iterable[Unexplained], *, now: datetime
) -> dict[str, list[Breach]]:
    """A difference is explained within 3 working days; an estimated day finds nothing."""
    late: dict[str, list[Unexplained]] = {}
    for one in some:
        if one.due.passed(now):
            late.setdefault(month_of(one.found_on), []).append(one)
    return {month: [_overdue(mine, now)] for month, mine in sorted(late.items())}


def look_again_on(deadlines: Iterable[Until], *, now: datetime) -> date | None:
    """Return the day on which the next deadline has passed; an estimated one may move daily."""
    tomorrow = city_date(now) + timedelta(days=1)
    return min(
        (max(city_date(one.at), tomorrow) for one in deadlines if one.provisional or one.at > now),
        default=None,
    )


def _overdue(late: Sequence[Unexplained], now: datetime) -> Breach:
    kinds: Counter[str] = Counter()
    for one in late:
        kinds[one.kind] += one.count
    ours = sum(one.count for one in late if one.owner == "fund_monitor")
    total = sum(kinds.values())
    message = f"本月发现的{total}条差异逾期未说明"
    if ours:
        message += f"，其中{ours}条的原因在本系统一侧（暂挂或搁置的事件）"
    events = sorted({event for one in late for event in one.events})[:_MOST_EVENTS]
    figures: dict[str, int | str] = {"differences": total, "ours": ours, **kinds}
    level: Literal["yellow", "red"] = (
        "red" if any(one.red.passed(now) for one in late) else "yellow"
    )
    return Breach(level, message, tuple(events), figures)

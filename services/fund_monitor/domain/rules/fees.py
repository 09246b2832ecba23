"""The fee rules on what is collected at once (indicator F06), for one pupil and one subject.

Each says nothing where a case is lawful, else how grave it is, in words and figures.
"""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from dateutil.relativedelta import relativedelta

from services.fund_monitor.domain.contracts.contract import TrainingContract
from services.fund_monitor.domain.fees.fee_rules import FeePolicy
from services.fund_monitor.domain.rules.breach import Breach
from services.fund_monitor.domain.rules.fee_cards import EARLIEST_MONTHS, MOST_LEFT
from services.fund_monitor.domain.rules.fee_collections import Collection
from services.fund_monitor.domain.rules.limits import MOST_LESSONS, MOST_MONTHS, RED_FACTOR

Level = Literal["yellow", "red"]


@dataclass(frozen=True, slots=True)
class Left:
    """What a pupil has left in a subject before a payment: nothing where it is the first one."""

    lessons: Fraction | None


def lessons_within_limit(collection: Collection) -> Breach | None:
    """At most 60 lessons of a subject may be collected at once; exactly 60 is lawful."""
    lessons, most = collection.lessons, Fraction(MOST_LESSONS)
    if lessons <= most:
        return None
    message = f"一次收取{number(lessons)}课时，超过60课时{_split(collection)}"
    figures: dict[str, int | str] = {"lessons": number(lessons), "limit_lessons": 60}
    return Breach(_level(lessons, most), message, collection.identities, figures)


def period_within_limit(collection: Collection) -> Breach | None:
    """What is collected at once covers less than three calendar months, the last day included."""
    span = collection.span
    if span is None:
        return None
    first, last = span
    end = first + relativedelta(months=MOST_MONTHS)
    if last < end:
        return None
    days, most = (last - first).days + 1, (end - first).days
    message = (
        f"一次收取{first}至{last}的费用，跨度达到或超过3个月"
        f"（应在{end}之前结束）{_split(collection)}"
    )
    figures: dict[str, int | str] = {"days": days, "limit_days": most}
    return Breach(_level(Fraction(days), Fraction(most)), message, collection.identities, figures)


def sum_within_ceiling(collection: Collection, policy: FeePolicy) -> Breach | None:
    """At most the ceiling of its kind of course may be collected at once; subjects are warned."""
    kind = collection.parts[-1].contract.course_kind
    # A pupil's contracts of one subject may be of two kinds: each kind has its own sum.
    fen = sum(p.payment.fen for p in collection.parts if p.contract.course_kind == kind)
    ceiling = policy.ceiling_fen(kind)
    if ceiling is None or fen <= ceiling:
        return None
    subject = kind == "subject"
    said = f"提示额{yuan(ceiling)}（提示，不作违规认定）" if subject else f"限额{yuan(ceiling)}"
    message = f"一次收取{yuan(fen)}，超过{said}{_split(collection)}"
    level: Level = "yellow" if subject else _level(Fraction(fen), Fraction(ceiling))
    figures: dict[str, int | str] = {"collected_fen": fen, "ceiling_fen": ceiling}
    return Breach(level, message, collection.identities, figures)


def collected_in_time(
    contract: TrainingContract, paid_on: date, left: Left, *, evidence: str
) -> Breach | None:
    """At most a month before the course; a renewal by lessons also when 20 lessons are left.

    Who charges by period and by lessons has the shorter way only: the month.
    """
    earliest = contract.starts_on - relativedelta(months=EARLIEST_MONTHS)
    if paid_on >= earliest:
        return None
    by_lessons = contract.period_until is None
    if by_lessons and left.lessons is not None and left.lessons <= MOST_LEFT:
        return None
    message = f"{paid_on}收费，早于开课前1个月（{contract.starts_on}开课，最早{earliest}）"
    figures: dict[str, int | str] = {
        "paid_on": paid_on.isoformat(),
        "earliest_on": earliest.isoformat(),
    }
    if by_lessons and left.lessons is not None:
        message += f"，该科目尚余{number(left.lessons)}课时，多于20课时"
        figures["lessons_left"] = number(left.lessons)
    return Breach("yellow", message, (evidence,), figures)


def number(value: Fraction) -> str:
    """Return a count as people write it: exact to a thousandth, without trailing zeros."""
    whole = f"{float(value):.3f}"
    return whole.rstrip("0").rstrip(".")


def yuan(fen: int) -> str:
    """Return an amount as people write it."""
    return f"{fen // 100}.{fen % 100:02d}元"


def _level(found: Fraction, limit: Fraction) -> Level:
    return "red" if found > Fraction(RED_FACTOR) * limit else "yellow"


def _split(collection: Collection) -> str:
    contracts = {part.contract.contract_no for part in collection.parts}
    if len(collection.parts) == 1:
        return ""
    return f"，由{len(contracts)}份合同的{len(collection.parts)}笔收费合并计算"

"""The receipt of a check: a number that can be quoted, and what was checked by which calendars."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.schedule_monitor.domain.basis import Reach
from services.schedule_monitor.domain.judge import Verdict
from services.schedule_monitor.domain.session import Stated
from services.schedule_monitor.domain.timetables.pattern import WeeklyPattern
from shared.errors import NotFound, Rejected

KEPT: Final = timedelta(days=400)
"""A school year and a month: as long as a timetable that quotes it is in use."""
FORM: Final = r"^KB[0-9]{8}-[0-9A-HJKMNP-TV-Z]{10}$"


class ReceiptNotFound(NotFound):
    """There is no such receipt, or it is not this caller's matter."""

    code = "receipt-not-found"
    title = "没有这份预检回执"

    @classmethod
    def by_id(cls, receipt_id: str) -> "ReceiptNotFound":
        """Return the same words for both cases: nobody learns what others had checked."""
        return cls(f"没有编号为{receipt_id}的预检回执，或无权查看。")


class ReceiptUnknown(Rejected):
    """A filing quotes a receipt that is not there, or not its institution's."""

    code = "receipt-unknown"
    title = "引用的预检回执不存在或不属于该机构"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What was checked when, for whom, with what result.

    ``office`` is the department, town or institution that asked, ``digest`` stands for the classes
    in any order; ``basis`` maps what the days in ``reach`` were judged by to its version.
    """

    receipt_id: str
    asked_at: datetime
    role: str
    office: str | None
    institution_id: str | None
    digest: str
    session_count: int
    verdict: Verdict
    counts: Mapping[Verdict, int]
    reach: Reach
    basis: Mapping[str, str]

    def is_of(self, institution_id: str) -> bool:
        """Tell whether a check was for an institution, or asked by it."""
        return institution_id in (self.institution_id, self.office)


@dataclass(frozen=True, slots=True)
class Quoted:
    """A receipt as a filing quotes it: whether it is of the same classes, and what is new."""

    receipt: Receipt
    same_classes: bool
    changed: tuple[str, ...]


def quoted(receipt: Receipt, sessions: Iterable[Stated], basis: Mapping[str, str]) -> Quoted:
    """Hold a receipt against what is filed and against what is loaded now."""
    return Quoted(
        receipt, receipt.digest == digest_of(sessions), changed_since(receipt.basis, basis)
    )


def changed_since(before: Mapping[str, str], now: Mapping[str, str]) -> tuple[str, ...]:
    """Say in words what days are judged by otherwise than before."""
    return tuple(
        _named(name, before.get(name), now.get(name))
        for name in sorted({*before, *now})
        if before.get(name) != now.get(name)
    )


def digest_of(sessions: Iterable[Stated], patterns: Iterable[WeeklyPattern] = ()) -> str:
    """Return a digest of classes and patterns; their order says nothing."""
    said = sorted(map(repr, sessions)) + sorted(map(_said, patterns))
    return "sha256:" + hashlib.sha256("\n".join(said).encode()).hexdigest()


def _said(pattern: WeeklyPattern) -> str:
    exceptions = sorted(pattern.exceptions)
    return repr(
        (pattern.first, pattern.weekday, pattern.last_day, pattern.skip_days_off, exceptions)
    )


def _named(name: str, before: str | None, now: str | None) -> str:
    if before is None:
        return f"{name}新载入"
    if now is None:
        return f"{name}已撤下"
    return f"{name}有变"

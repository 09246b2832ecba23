"""Check what is planned before it is filed: verdicts, the nearest lawful slots, a receipt."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from services.schedule_monitor.app.calendars.calendar_desk import CalendarDesk
from services.schedule_monitor.app.computing import Computing
from services.schedule_monitor.app.timetables.surroundings import SurroundingsDesk
from services.schedule_monitor.domain.basis import Reach, basis_of
from services.schedule_monitor.domain.calendars.calendars import Calendars
from services.schedule_monitor.domain.judge import (
    Judged,
    counts_of,
    judge_sessions,
    lawfulness,
    verdict_of,
)
from services.schedule_monitor.domain.rules.days import DAY_RULES
from services.schedule_monitor.domain.rules.times import TIME_RULES
from services.schedule_monitor.domain.session import Session, Stated, as_registered
from services.schedule_monitor.domain.timetables.pattern import Plan
from services.schedule_monitor.domain.timetables.receipt import (
    Quoted,
    Receipt,
    ReceiptNotFound,
    ReceiptUnknown,
    digest_of,
    quoted,
)
from services.schedule_monitor.domain.timetables.refusals import refused_classes
from services.schedule_monitor.domain.timetables.slots import MOST_DAYS_AWAY, Slot, nearest_slots
from services.schedule_monitor.domain.timetables.surroundings import NOTHING_FILED, Surroundings
from services.schedule_monitor.store.institutions import InstitutionReplica
from services.schedule_monitor.store.timetables.receipts import ReceiptStore
from services.schedule_monitor.store.timetables.refusals import RefusalStore
from services.schedule_monitor.store.timetables.timetables import TimetableStore
from shared.audit.log import Who
from shared.city_time import city_date
from shared.clock import milliseconds

_ON_TIMES: Final = frozenset((*DAY_RULES, *TIME_RULES))

_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckDesk:
    """What checking needs."""

    calendars: CalendarDesk
    institutions: InstitutionReplica
    surroundings: SurroundingsDesk
    timetables: TimetableStore
    receipts: ReceiptStore
    refusals: RefusalStore
    computing: Computing


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be checked; with a label, beside what the institution has filed under others."""

    plan: Plan
    institution_id: str | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """Judged classes, for each unlawful one its nearest slot, and the receipt of it all."""

    judged: list[Judged]
    slots: dict[int, Slot | None]
    receipt: Receipt


async def check_timetable(asked: Asked, *, who: Who, desk: CheckDesk, now: datetime) -> Checked:
    """Judge classes as they are stated, completed from the institution's registration."""
    registered = None
    surroundings = NOTHING_FILED
    if asked.institution_id is not None:
        registered = await desk.institutions.get(asked.institution_id)
        surroundings = await desk.surroundings.of(asked.institution_id)
    calendars = await desk.calendars.calendars()
    stated = await desk.computing.run(asked.plan.sessions, calendars)
    others = await _filed_beside(asked, stated, desk)

    def checked() -> Checked:
        own = [as_registered(one, registered) for one in stated]
        beside = [as_registered(one, registered) for one in others]
        judged, slots = judged_with_slots(own, beside, calendars, surroundings)
        return Checked(judged, slots, _receipt(asked, stated, judged, calendars, who=who, now=now))

    return await desk.computing.run(checked)


async def keep_receipt(checked: Checked, answer: bytes, *, desk: CheckDesk) -> None:
    """Keep the receipt with what was answered, before it is answered."""
    receipt = checked.receipt
    await desk.receipts.add(receipt, answer)
    institution_id = _told_to(receipt)
    if institution_id is not None:
        # After the receipt: what is kept here was answered, or will be asked again.
        refused = refused_classes(checked.judged)
        await desk.refusals.add(receipt, institution_id, refused)


def _told_to(receipt: Receipt) -> str | None:
    """Return the institution that can read the receipt: it was for it, or it asked itself."""
    if receipt.institution_id is None and receipt.role == "institution":
        return receipt.office
    return receipt.institution_id


async def find_receipt(receipt_id: str, *, desk: CheckDesk) -> tuple[Receipt, tuple[str, ...]]:
    """Return a receipt, and what days are judged by otherwise since."""
    receipt = await desk.receipts.find(receipt_id)
    if receipt is None:
        raise ReceiptNotFound.by_id(receipt_id)
    now = basis_of(await desk.calendars.calendars(), receipt.reach)
    return receipt, quoted(receipt, (), now).changed


async def quote(
    receipt_id: str, institution_id: str, stated: Sequence[Stated], *, desk: CheckDesk
) -> Quoted:
    """Hold a receipt that a filing quotes against what is filed."""
    receipt = await desk.receipts.find(receipt_id)
    if receipt is None or not receipt.is_of(institution_id):
        raise ReceiptUnknown(fields=[("/receipt", "没有这份预检回执，或不属于该机构")])
    now = basis_of(await desk.calendars.calendars(), receipt.reach)
    return quoted(receipt, stated, now)


def judged_with_slots(
    own: Sequence[Session],
    beside: Sequence[Session],
    calendars: Calendars,
    surroundings: Surroundings,
) -> tuple[list[Judged], dict[int, Slot | None]]:
    """Judge classes beside others, and find for each unlawful one where it would be lawful."""
    days = {one.on for one in own}
    same_days = [one for one in beside if one.on in days]
    judged = judge_sessions([*own, *same_days], calendars, surroundings)[: len(own)]
    wrong = [index for index, one in enumerate(judged) if _another_time_may_do(one)]
    lawful = lawfulness(calendars, surroundings)
    slots = nearest_slots([*own, *beside], wrong, lawful) if wrong else []
    return judged, dict(zip(wrong, slots, strict=True))


def _another_time_may_do(judged: Judged) -> bool:
    """Tell whether a class is unlawful by rules on days and times alone."""
    if judged.verdict != "unlawful":
        return False
    return all(found.rule in _ON_TIMES for found in judged.findings if not found.rule.review)


async def _filed_beside(asked: Asked, stated: Sequence[Stated], desk: CheckDesk) -> list[Stated]:
    """Return what the institution has filed under other labels as far as a slot may be away."""
    if asked.institution_id is None or asked.label is None:
        return []
    first = _shifted(min(one.on for one in stated), -MOST_DAYS_AWAY)
    last = _shifted(max(one.on for one in stated), MOST_DAYS_AWAY)
    found = await desk.timetables.current_of(asked.institution_id, between=(first, last))
    return [
        one
        for timetable in found
        if timetable.filing.label != asked.label
        for one in timetable.filing.sessions
        if first <= one.on <= last
    ]


def _shifted(day: date, days: int) -> date:
    """Return a day so many days away, or the last one there is on the way."""
    return date.fromordinal(
        min(max(day.toordinal() + days, date.min.toordinal()), date.max.toordinal())
    )


def _receipt(
    asked: Asked,
    stated: Sequence[Stated],
    judged: Sequence[Judged],
    calendars: Calendars,
    *,
    who: Who,
    now: datetime,
) -> Receipt:
    reach = Reach.of(stated)
    return Receipt(
        receipt_id=_new_receipt_id(city_date(now)),
        asked_at=milliseconds(now),
        role=who.role,
        office=who.office,
        institution_id=asked.institution_id,
        digest=digest_of(stated),
        session_count=len(stated),
        verdict=verdict_of(judged),
        counts=counts_of(judged),
        reach=reach,
        basis=basis_of(calendars, reach),
    )


def _new_receipt_id(on: date) -> str:
    """Return a number that is read out and typed easily, and guessed by nobody."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    return f"KB{on:%Y%m%d}-{letters}"

"""Ask for a refund, answer it, decide it: by people, and by an institution's silence."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from services.fund_monitor.domain.contracts.contract import TrainingContract
from services.fund_monitor.domain.contracts.filing import InstitutionUnknown
from services.fund_monitor.domain.refunds.refund import Refund, refuse_beside, silence_on
from services.fund_monitor.domain.refunds.refund_money import ContractMoney, money_of
from services.fund_monitor.store.contracts.contracts import ContractNotFound, ContractStore
from services.fund_monitor.store.institutions import InstitutionReplica
from services.fund_monitor.store.lessons.consumption import ConsumptionStore
from services.fund_monitor.store.refunds.refund_money import RefundMoneyStore
from services.fund_monitor.store.refunds.refunds import RefundStore, Step
from shared.audit.log import SERVICE, AuditLog, Entry, Who
from shared.city_time import city_date, month_of
from shared.ids import new_id
from shared.marks import mark
from shared.mongo import Database, Session, transact
from shared.telemetry.carried import kept
from shared.timers import Handler, Period, Timer, clear_timer, is_set, set_timer
from shared.working_days import WorkingDays

SILENCE: Final = "fund.refund_silence"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundDesk:
    """What refunds are worked on with."""

    db: Database
    refunds: RefundStore
    contracts: ContractStore
    institutions: InstitutionReplica
    money: RefundMoneyStore
    consumption: ConsumptionStore
    audit: AuditLog
    calendar: WorkingDays


@dataclass(frozen=True, slots=True)
class Said:
    """Who says something of a refund, when by the service's clock, and why.

    ``consumed_fen`` is what an institution that answers says is consumed, where it says so.
    """

    who: Who
    now: datetime
    reason: str | None = None
    consumed_fen: int | None = None

    @property
    def today(self) -> date:
        return city_date(self.now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A refund as it is asked for; all that is refundable where no amount is given."""

    institution_id: str
    contract_no: str
    requested_on: date
    amount_fen: int | None


async def ask_refund(
    request: Request, *, desk: RefundDesk, said: Said, session: Session
) -> tuple[Refund, bool]:
    """Take a request in, and tell whether it is new; from now on the institution's silence runs."""
    contract = await contract_of(request.institution_id, request.contract_no, desk, session)
    earlier = await desk.refunds.of_contract(
        request.institution_id, request.contract_no, session=session
    )
    code = await _code_of(request.institution_id, desk, session)
    refund = Refund(
        id=new_id(),
        institution_id=request.institution_id,
        contract_no=request.contract_no,
        requested_on=request.requested_on,
        reason=said.reason or "",
        wanted_fen=request.amount_fen,
        refundable_fen=0,
        received_at=said.now,
    )
    money = await _money(refund, contract, code, desk=desk, session=session)
    refund = replace(refund, refundable_fen=money.refundable_fen)
    known = refuse_beside(refund, earlier, today=said.today)
    if known is not None:
        return known, False
    await desk.refunds.add(refund, _step(refund, said, refund.wanted_fen), session=session)
    await set_timer(desk.db, _silence(refund, desk.calendar, said.today), session=session)
    await _told(refund, code, said, desk=desk, session=session)
    return refund, True


async def answer_refund(
    refund_id: str, *, agree: bool, desk: RefundDesk, said: Said, session: Session
) -> Refund:
    """Keep the institution's agreement or objection, and what it says is consumed."""
    before = (await desk.refunds.find(refund_id, session=session)).refund
    code = await _code_of(before.institution_id, desk, session)
    money = await _money_of_refund(before, code, desk=desk, session=session)
    after = before.agreed(money.refundable_fen, on=said.today) if agree else before.objected()
    after = after.stating(said.consumed_fen)
    await clear_timer(desk.db, _timer_name(refund_id), session=session)
    await _change(after, code, said, desk=desk, session=session)
    return after


async def decide_refund(
    refund_id: str, fen: int, *, desk: RefundDesk, said: Said, session: Session
) -> Refund:
    """Keep what the competent department has decided after an objection."""
    before = (await desk.refunds.find(refund_id, session=session)).refund
    code = await _code_of(before.institution_id, desk, session)
    money = await _money_of_refund(before, code, desk=desk, session=session)
    after = before.decided(fen, left_fen=money.left_fen, on=said.today)
    await _change(after, code, said, desk=desk, session=session)
    return after


class SilenceTimers:
    """The timers of requests that no institution has answered."""

    def __init__(self, desk: RefundDesk, now: Callable[[], datetime]) -> None:
        self._desk = desk
        self._now = now
        self.handlers: dict[str, Handler] = {SILENCE: self._agree}

    async def begin(self) -> None:
        """Nothing to set: every request sets its own."""

    async def _agree(self, timer: Timer) -> None:
        async def work(session: Session) -> None:
            # An answer has cleared it, in its own transaction.
            if await is_set(self._desk.db, timer, session=session):
                await agree_by_silence(timer, desk=self._desk, now=self._now(), session=session)

        await transact(self._desk.db, work)


async def agree_by_silence(
    timer: Timer, *, desk: RefundDesk, now: datetime, session: Session
) -> None:
    """Take an institution's silence for its agreement, on the day after its last day to answer."""
    before = (await desk.refunds.find(timer.payload["refund_id"], session=session)).refund
    if before.standing != "requested":
        return
    code = await _code_of(before.institution_id, desk, session)
    money = await _money_of_refund(before, code, desk=desk, session=session)
    after = before.agreed(money.refundable_fen, on=city_date(timer.due_at), silent=True)
    await _change(after, code, Said(SERVICE, now), desk=desk, session=session)


async def contract_of(
    institution_id: str, contract_no: str, desk: RefundDesk, session: Session | None = None
) -> TrainingContract:
    """Return the contract of which a refund is asked for."""
    found = await desk.contracts.find(institution_id, contract_no, session=session)
    if found is None:
        raise ContractNotFound(f"该机构没有编号为 {contract_no} 的合同")
    return found


async def _code_of(institution_id: str, desk: RefundDesk, session: Session) -> str:
    codes = await desk.institutions.codes_by_id({institution_id}, session=session)
    if institution_id not in codes:
        raise InstitutionUnknown(f"没有收到机构 {institution_id} 的登记信息")
    return codes[institution_id]


async def _money_of_refund(
    refund: Refund, code: str, *, desk: RefundDesk, session: Session
) -> ContractMoney:
    contract = await contract_of(refund.institution_id, refund.contract_no, desk, session)
    return await _money(refund, contract, code, desk=desk, session=session)


async def _money(
    refund: Refund, contract: TrainingContract, code: str, *, desk: RefundDesk, session: Session
) -> ContractMoney:
    """Return a contract's money: lessons have consumed it, or, where none is known, releases."""
    number = contract.contract_no
    accounts = await desk.money.accounts_of(code, session=session)
    found = await desk.money.movements({one: [number] for one in accounts}, session=session)
    consumed_fen = await desk.consumption.consumed_fen(
        refund.institution_id, number, accounts, until=refund.asked_at, session=session
    )
    if consumed_fen is None:
        consumed_fen = await desk.money.released_fen(accounts, number, session=session)
    return money_of(
        found.values(),
        consumed_fen=consumed_fen,
        requested_on=refund.requested_on,
        cooling_off_days=contract.cooling_off_days,
    )


async def _change(
    refund: Refund, code: str, said: Said, *, desk: RefundDesk, session: Session
) -> None:
    step = _step(refund, said, refund.owed_fen)
    await desk.refunds.change([(refund, step)], session=session)
    await _told(refund, code, said, desk=desk, session=session)


async def _told(
    refund: Refund, code: str, said: Said, *, desk: RefundDesk, session: Session
) -> None:
    """Write the audit entry, and have the institution judged again."""
    entry = Entry(
        action=f"refund.{refund.standing}",
        about_kind="refund",
        about_id=refund.id,
        who=said.who,
        why=said.reason,
        details={"wanted_fen": refund.wanted_fen, "owed_fen": refund.owed_fen},
    )
    await desk.audit.record(entry, session=session)
    traces = [trace for trace in (kept(),) if trace is not None]
    month = month_of(refund.requested_on)
    causes = [f"refund:{refund.id}"]
    again = mark("institution", code, month, causes, traces, names=(refund.contract_no,))
    await desk.db["to_judge"].bulk_write([again], session=session)


def _step(refund: Refund, said: Said, fen: int | None) -> Step:
    return Step(
        state=refund.standing,
        at=said.now,
        by_role=said.who.role,
        by_office=said.who.office,
        reason=said.reason,
        amount_fen=fen,
    )


def _silence(refund: Refund, calendar: WorkingDays, today: date) -> Timer:
    """Silence runs from the day on which the institution can first see the request."""
    days = silence_on(today).working_days
    deadline = calendar.deadline(today, days=days)
    return Timer(
        name=_timer_name(refund.id),
        kind=SILENCE,
        due_at=deadline.at,
        payload={"refund_id": refund.id},
        provisional=deadline.provisional,
        period=Period(today, days),
    )


def _timer_name(refund_id: str) -> str:
    return f"{SILENCE}:{refund_id}"

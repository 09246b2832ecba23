"""消课确认 over HTTP: stated by institutions and offices, answered, decided, and read."""

from typing import Annotated, Final

from fastapi import APIRouter, Path, Query

from services.fund_monitor.api.contracts.contracts import may_file, may_read
from services.fund_monitor.api.deps import Rooms, RoomsDep
from services.fund_monitor.api.lessons.confirmation_bodies import (
    ConfirmationFileView,
    ConfirmationPage,
    ConfirmationView,
    LessonAnswer,
    LessonConfirm,
    LessonDecision,
    LessonStatementResults,
    LessonStatements,
    confirmation_view,
    file_view,
    results_view,
)
from services.fund_monitor.app.lessons.answer_lessons import Answer, Answering, answer_lesson
from services.fund_monitor.app.lessons.state_lessons import state_in_parts
from services.fund_monitor.app.lessons.weigh_statements import Stater
from services.fund_monitor.domain.lessons.confirmation import (
    ConfirmationNotFound,
    ConfirmationStands,
    LessonConfirmation,
    State,
)
from shared import problem
from shared.access.enforcement import CallerDep
from shared.access.tokens import Caller
from shared.audit.log import Who
from shared.contracts.bank import Number
from shared.contracts.registry import InstitutionId
from shared.errors import Forbidden, Malformed, Unauthenticated, Unavailable
from shared.mongo import Session, transact
from shared.paging import USUAL_LIMIT, Cursor, Limit, before_of, cursor_after

router = APIRouter(
    tags=["消课"], responses=problem.responses(Unauthenticated, Forbidden, Malformed, Unavailable)
)

_ALL: Final = "/v1/lesson-confirmations"
_ONE: Final = f"{_ALL}/{{confirmation_id}}"
ConfirmationId = Annotated[str, Path(max_length=64)]
_ANSWERED: Final = problem.responses(ConfirmationNotFound, ConfirmationStands)


@router.post(_ALL, response_model_exclude_none=True)
async def post_lesson_confirmations(
    body: LessonStatements, caller: CallerDep, rooms: RoomsDep
) -> LessonStatementResults:
    """报送消课确认，逐条答复：按合同或按课次，重发结果相同；期满未提出异议的视为确认。"""
    await may_file(caller, body.institution_id, desk=rooms.contracts)
    by = Stater(who=Who.of(caller), sender=_sender_of(caller), now=rooms.now())
    given = [one.statement(body.institution_id) for one in body.confirmations]
    return results_view(await state_in_parts(given, desk=rooms.confirmations, by=by))


@router.get(_ALL)
async def list_lesson_confirmations(  # noqa: PLR0913, PLR0917 - the parts of a query
    caller: CallerDep,
    rooms: RoomsDep,
    institution_id: Annotated[InstitutionId, Query()],
    contract_no: Annotated[Number | None, Query()] = None,
    state: Annotated[State | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = USUAL_LIMIT,
) -> ConfirmationPage:
    """一家机构的消课确认，最近报送的在前；平台只看到本平台合同的。"""
    may_read(caller, institution_id)
    asked: dict[str, object] = {"institution_id": institution_id}
    asked |= {} if contract_no is None else {"contract_no": contract_no}
    asked |= {} if state is None else {"state": state}
    asked |= {"platform": caller.platform} if caller.role == "platform" else {}
    desk = rooms.confirmations
    found = await desk.confirmations.page(asked, before=before_of(cursor), limit=limit)
    return ConfirmationPage(
        confirmations=[confirmation_view(one, desk.calendar) for one in found],
        next_cursor=cursor_after([one.id for one in found], limit=limit),
    )


@router.get(_ONE, responses=problem.responses(ConfirmationNotFound))
async def read_lesson_confirmation(
    confirmation_id: ConfirmationId, caller: CallerDep, rooms: RoomsDep
) -> ConfirmationFileView:
    """一条消课确认及其办理经过。"""
    desk = rooms.confirmations
    found = await desk.confirmations.find(confirmation_id)
    may_read(caller, found.confirmation.institution_id)
    _own_platform(caller, found.confirmation)
    return file_view(found, desk.calendar)


@router.post(f"{_ONE}/confirm", responses=_ANSWERED)
async def confirm_lesson(
    confirmation_id: ConfirmationId, body: LessonConfirm, caller: CallerDep, rooms: RoomsDep
) -> ConfirmationView:
    """学员一方确认已上课：由合同所在平台或主管部门代为报送。"""
    await _speaks_for_the_student(confirmation_id, caller, rooms)
    return await _answer(confirmation_id, "confirm", body.reason, caller, rooms)


@router.post(f"{_ONE}/object", responses=_ANSWERED)
async def object_to_lesson(
    confirmation_id: ConfirmationId, body: LessonAnswer, caller: CallerDep, rooms: RoomsDep
) -> ConfirmationView:
    """学员一方提出异议：期限停止，由主管部门决定；此前不计消课。"""
    await _speaks_for_the_student(confirmation_id, caller, rooms)
    return await _answer(confirmation_id, "object", body.reason, caller, rooms)


@router.post(f"{_ONE}/decide", responses=_ANSWERED)
async def decide_on_lesson(
    confirmation_id: ConfirmationId, body: LessonDecision, caller: CallerDep, rooms: RoomsDep
) -> ConfirmationView:
    """主管部门在异议后决定课时是否已消耗；决定未消耗的，同一时段的其他记录也不计。"""
    found = (await rooms.confirmations.confirmations.find(confirmation_id)).confirmation
    await may_file(caller, found.institution_id, desk=rooms.contracts)
    answer: Answer = "taken" if body.taken else "not_taken"
    return await _answer(confirmation_id, answer, body.reason, caller, rooms)


@router.post(f"{_ONE}/withdraw", responses=_ANSWERED)
async def withdraw_lesson(
    confirmation_id: ConfirmationId, body: LessonAnswer, caller: CallerDep, rooms: RoomsDep
) -> ConfirmationView:
    """报送方撤回消课确认：已计的消课退回；主管部门已决定的不能撤回。"""
    found = (await rooms.confirmations.confirmations.find(confirmation_id)).confirmation
    if caller.role != "admin" and found.sender != _sender_of(caller):
        raise Forbidden("只能由报送方撤回")
    return await _answer(confirmation_id, "withdraw", body.reason, caller, rooms)


async def _answer(
    confirmation_id: str, answer: Answer, reason: str | None, caller: Caller, rooms: Rooms
) -> ConfirmationView:
    desk = rooms.confirmations
    office = caller.platform if caller.role == "platform" else Who.of(caller).office
    by = Answering(Who.of(caller), office, rooms.now(), reason)

    async def work(session: Session) -> LessonConfirmation:
        return await answer_lesson(confirmation_id, answer, desk=desk, by=by, session=session)

    return confirmation_view(await transact(desk.db, work), desk.calendar)


async def _speaks_for_the_student(confirmation_id: str, caller: Caller, rooms: Rooms) -> None:
    """Let the contract's platform speak for the student, and the department in charge."""
    found = (await rooms.confirmations.confirmations.find(confirmation_id)).confirmation
    _own_platform(caller, found)
    if caller.role != "platform":
        await may_file(caller, found.institution_id, desk=rooms.contracts)


def _own_platform(caller: Caller, confirmation: LessonConfirmation) -> None:
    if caller.role == "platform" and caller.platform != confirmation.platform:
        raise Forbidden("平台只能办理本平台合同的消课确认")


def _sender_of(caller: Caller) -> str:
    """Return under whose name references are a sender's own."""
    if caller.role == "platform":
        return f"platform:{caller.platform}"
    if caller.role == "institution":
        return f"institution:{caller.institution}"
    return f"office:{caller.office or caller.role}"

"""The platforms' door for stated lessons: signed, each statement answered for itself."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import ValidationError
from pydantic_core import from_json

from services.fund_monitor.api.contracts.packs import body_schema
from services.fund_monitor.api.deps import RoomsDep
from services.fund_monitor.api.lessons.confirmation_bodies import (
    MOST_STATEMENTS,
    LessonStatementResults,
    PlatformLessonStatement,
    PlatformLessonStatements,
    results_view,
)
from services.fund_monitor.app.lessons.state_lessons import state_in_parts
from services.fund_monitor.app.lessons.weigh_statements import Stater
from shared import problem
from shared.audit.log import Who
from shared.errors import Malformed, TooLarge, Unauthenticated, Unavailable
from shared.problem import Problem, invalid
from shared.senders.lockout import LockedOut
from shared.senders.requests import SignedRequestDep

router = APIRouter(prefix="/v1/platforms", tags=["平台报送"])

MOST_BYTES = 256 * 1024


@router.post(
    "/{platform}/lesson-confirmations",
    response_model_exclude_none=True,
    openapi_extra=body_schema(PlatformLessonStatements),
    responses=problem.responses(TooLarge, Unauthenticated, LockedOut, Malformed, Unavailable),
)
async def receive_lesson_confirmations(
    platform: Annotated[str, Path(description="平台代码")],
    signed: SignedRequestDep,
    rooms: RoomsDep,
) -> LessonStatementResults:
    """接收平台签名报送的消课确认，逐条答复；整批重发结果相同，只限本平台报送的合同。"""
    read = await signed.read(platform, door=rooms.door, most_bytes=MOST_BYTES)
    rooms.door.verify(platform, await rooms.platforms.find(platform), read)
    by = Stater(
        who=Who(role="platform", office=platform),
        sender=f"platform:{platform}",
        now=rooms.now(),
        platform=platform,
    )
    checked = [_checked(one) for one in _statements(read.body)]
    given = [one.statement(one.institution_id) for one in checked if not isinstance(one, Problem)]
    stated = iter(await state_in_parts(given, desk=rooms.confirmations, by=by))
    return results_view([one if isinstance(one, Problem) else next(stated) for one in checked])


def _statements(body: bytes) -> list[object]:
    try:
        document = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise Malformed("请求体不是有效的 JSON（UTF-8）") from error
    given = document.get("confirmations") if isinstance(document, dict) else None
    if not isinstance(given, list) or set(document) != {"confirmations"}:
        raise Malformed('请求体须为 {"confirmations": [...]}')
    if not 1 <= len(given) <= MOST_STATEMENTS:
        raise Malformed(f"confirmations 须有 1 至 {MOST_STATEMENTS} 条，本次 {len(given)} 条")
    return given


def _checked(given: object) -> PlatformLessonStatement | Problem:
    try:
        return PlatformLessonStatement.model_validate(given)
    except ValidationError as error:
        return invalid(list(error.errors()))

"""The signed doors by which platforms read what they are asked, receive it, and answer."""

from typing import Annotated, Any, Final, TypeVar

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from shared import problem
from shared.errors import Malformed, TooLarge, Unauthenticated, Unavailable
from shared.paging import USUAL_LIMIT, Cursor, Limit, before_of, cursor_after
from shared.senders.lockout import LockedOut
from shared.senders.platforms import PlatformStore
from shared.senders.requests import SignedRequest, SignedRequestDep
from shared.senders.signing import SenderDoor
from shared.takedown.api import TAGS, DeskDep, TakedownId
from shared.takedown.bodies import (
    OwnAcknowledgement,
    OwnAnswerBody,
)
from shared.takedown.changes import (
    ProofMissing,
    TakedownAnsweredOtherwise,
    TakedownNotFound,
    TakedownNotInState,
)
from shared.takedown.desk import TakedownDesk
from shared.takedown.model import Hand, Takedown
from shared.takedown.store import Asked, TakedownChanged
from shared.takedown.views import OwnTakedownPage, OwnTakedownView, own_view

MOST_BYTES: Final = 256 * 1024
_DOOR: Final = (TooLarge, Unauthenticated, LockedOut, Malformed, Unavailable)
_ACTING: Final = (*_DOOR, TakedownNotFound, TakedownNotInState, TakedownChanged)
M = TypeVar("M", OwnAcknowledgement, OwnAnswerBody)
PlatformCode = Annotated[str, Path(description="平台代码")]


class PlatformEntrance:
    """Lets a platform in by its signature."""

    def __init__(self, platforms: PlatformStore, door: SenderDoor) -> None:
        self._platforms = platforms
        self._door = door

    async def body_of(self, platform: str, signed: SignedRequest) -> bytes:
        """Return what a platform has signed."""
        read = await signed.read(platform, door=self._door, most_bytes=MOST_BYTES)
        self._door.verify(platform, await self._platforms.find(platform), read)
        return read.body


async def _entrance(request: Request) -> PlatformEntrance:
    entrance: PlatformEntrance = request.app.state.takedown_entrance
    return entrance


EntranceDep = Annotated[PlatformEntrance, Depends(_entrance)]


def platform_takedowns_router() -> APIRouter:
    """Return the platforms' routes."""
    router = APIRouter(prefix="/v1/platforms/{platform}/takedowns", tags=[*TAGS])

    @router.get("", responses=problem.responses(*_DOOR))
    async def list_own_takedowns(
        platform: PlatformCode,
        signed: SignedRequestDep,
        entrance: EntranceDep,
        desk: DeskDep,
        cursor: Cursor = None,
        limit: Limit = USUAL_LIMIT,
    ) -> OwnTakedownPage:
        """平台以签名（空请求体）查询对其提出的下架、停课要求，最近的在前。"""
        await entrance.body_of(platform, signed)
        asked = Asked(recipient=platform, served=True, before=before_of(cursor), limit=limit)
        found = await desk.page(asked)
        return OwnTakedownPage(
            takedowns=[_view(one, desk) for one in found],
            next_cursor=cursor_after([one.id for one in found], limit=limit),
        )

    @router.post(
        "/{takedown_id}/acknowledge",
        openapi_extra=_body_of(OwnAcknowledgement),
        responses=problem.responses(*_ACTING),
    )
    async def acknowledge_own_takedown(
        platform: PlatformCode,
        takedown_id: TakedownId,
        signed: SignedRequestDep,
        entrance: EntranceDep,
        desk: DeskDep,
    ) -> OwnTakedownView:
        """平台以签名签收一份要求。"""
        read = await entrance.body_of(platform, signed)
        _read_as(OwnAcknowledgement, read, takedown_id)
        by = Hand("recipient", platform)
        return _view(await desk.acknowledge(takedown_id, by=by), desk)

    @router.post(
        "/{takedown_id}/answer",
        openapi_extra=_body_of(OwnAnswerBody),
        responses=problem.responses(*_ACTING, TakedownAnsweredOtherwise, ProofMissing),
    )
    async def answer_own_takedown(
        platform: PlatformCode,
        takedown_id: TakedownId,
        signed: SignedRequestDep,
        entrance: EntranceDep,
        desk: DeskDep,
    ) -> OwnTakedownView:
        """平台以签名答复一份要求：已下架并附证明，或不予下架并说明理由。"""
        read = await entrance.body_of(platform, signed)
        said = _read_as(OwnAnswerBody, read, takedown_id).said()
        by = Hand("recipient", platform)
        return _view(await desk.answer(takedown_id, said, by=by), desk)

    return router


def _read_as(kind: type[M], body: bytes, takedown_id: str) -> M:
    try:
        document = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise Malformed("请求体不是有效的 JSON（UTF-8）") from error
    try:
        read = kind.model_validate(document)
    except ValidationError as error:
        found = problem.field_errors(list(error.errors()))
        fields = [(one.pointer, one.detail) for one in found]
        raise Malformed("请求体不符合要求", fields=fields) from error
    if read.takedown_id != takedown_id:
        # A signature covers the body alone: what was signed for one request is no other's.
        raise Malformed(
            "签名的请求体须写明同一份要求", fields=[("/takedown_id", f"须为{takedown_id}")]
        )
    return read


def _body_of(kind: type[BaseModel]) -> dict[str, Any]:
    # The pieces it is made of stand in the document already, by the offices' routes.
    schema = kind.model_json_schema(ref_template="#/components/schemas/{model}")
    schema.pop("$defs", None)
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _view(takedown: Takedown, desk: TakedownDesk) -> OwnTakedownView:
    return own_view(takedown, desk.store.calendar)

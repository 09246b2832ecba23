"""The bank's door: signed batches of fund events."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, FastAPI, Path
from pydantic import BaseModel, Field
from pydantic_core import from_json

from services.fund_monitor.api.deps import RoomsDep
from services.fund_monitor.app.banks.admit import BankNotLive, BankSuspended, admit
from services.fund_monitor.app.banks.hold_origin import (
    ClientCertificateRefused,
    SourceAddressRefused,
    hold_origin,
)
from services.fund_monitor.app.banks.take_in import Answer, take_in
from services.fund_monitor.app.banks.take_in import Request as SignedRequest
from shared import problem
from shared.contracts.bank import MOST_BYTES, MOST_EVENTS, AnyBankEvent
from shared.errors import Malformed, TooLarge, TooSlow, Unauthenticated, Unavailable
from shared.origin import origin_of
from shared.problem import Problem
from shared.senders.lockout import LockedOut
from shared.senders.requests import SignedRequestDep
from shared.senders.route import SignedRoute

router = APIRouter(prefix="/v1/banks", tags=["银行报送"], route_class=SignedRoute)


class EventResult(BaseModel):
    """What became of one event of the request."""

    index: int
    serial_no: str | None
    status: Literal["accepted", "duplicate", "refused"]
    problem: Problem | None = None


class EventResults(BaseModel):
    """The answer to a request: one result per event, in request order."""

    results: list[EventResult]


class EventsRequest(BaseModel):
    """A request of a bank. Every event is checked for itself."""

    events: list[AnyBankEvent] = Field(min_length=1, max_length=MOST_EVENTS)


_REFERENCES = "#/components/schemas/{model}"


def _body_schema() -> dict[str, Any]:
    """Return the request's schema for the document; the route reads the signed bytes itself."""
    schema = EventsRequest.model_json_schema(ref_template=_REFERENCES)
    del schema["$defs"]
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def document_events(app: FastAPI) -> None:
    """Put the schemas of events into the document: no route takes them as a parsed body."""
    given = app.openapi

    def openapi() -> dict[str, Any]:
        document = given()
        events = EventsRequest.model_json_schema(ref_template=_REFERENCES)["$defs"]
        document["components"]["schemas"].update(events)
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own way to extend it


@router.post(
    "/{bank}/events",
    status_code=202,
    response_model_exclude_unset=True,
    openapi_extra=_body_schema(),
    responses=problem.responses(
        TooLarge,
        TooSlow,
        Unauthenticated,
        SourceAddressRefused,
        ClientCertificateRefused,
        BankSuspended,
        BankNotLive,
        LockedOut,
        Malformed,
        Unavailable,
    ),
)
async def receive_events(
    bank: Annotated[str, Path(description="银行代码")], signed: SignedRequestDep, rooms: RoomsDep
) -> EventResults:
    """接收一批签名的资金事件。202 表示：已落盘保存，将会入账判断。"""
    with rooms.seen.request():
        read = await signed.read(bank, door=rooms.door, most_bytes=MOST_BYTES)
        with rooms.door.in_hand.take(len(read.body)):
            known = rooms.door.verify(bank, await rooms.banks.find(bank), read)
            origin = origin_of(signed.request)
            await hold_origin(known, origin, access=rooms.bank_access, door=rooms.door)
            admit(known, sandbox=rooms.sandbox)
            request = SignedRequest(known, read.webhook_id, read.body, events_in(read.body))
            answers = await take_in(
                request, banks=rooms.banks, records=rooms.records, bus=rooms.bus, now=rooms.now()
            )
    rooms.seen.answered([answer.status for answer in answers])
    return EventResults(results=[_result(answer) for answer in answers])


def events_in(body: bytes) -> list[object]:
    """Return the events of a request's body, none of them looked at yet."""
    try:
        document = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise Malformed("请求体不是有效的 JSON（UTF-8）") from error
    events = document.get("events") if isinstance(document, dict) else None
    if not isinstance(events, list):
        raise Malformed('请求体须为 {"events": [...]}')
    if set(document) != {"events"}:
        raise Malformed("请求体只接受 events 一个字段")
    if not 1 <= len(events) <= MOST_EVENTS:
        raise Malformed(f"events 须有 1 至 {MOST_EVENTS} 个事件，本次 {len(events)} 个")
    return events


def _result(answer: Answer) -> EventResult:
    given: dict[str, Any] = {
        "index": answer.index,
        "serial_no": answer.serial_no,
        "status": answer.status,
    }
    # Left out where there is none: the answer shows only what is set.
    if answer.problem is not None:
        given["problem"] = answer.problem
    return EventResult(**given)

"""The platforms' door: signed packs of contracts, each answered for itself."""

from typing import Annotated, Literal

from fastapi import APIRouter, FastAPI, Path
from pydantic import BaseModel, Field, ValidationError
from pydantic_core import from_json

from services.fund_monitor.api.contracts.contract_bodies import ContractFiling
from services.fund_monitor.api.deps import RoomsDep
from services.fund_monitor.app.contracts.file_contracts import (
    MOST_IN_ONE_GO,
    ContractDesk,
    Filer,
    file_contracts,
    issue_reference,
)
from services.fund_monitor.domain.contracts.contract import TrainingContract
from services.fund_monitor.domain.contracts.filing import Filed
from shared import problem
from shared.audit.log import Who
from shared.errors import Malformed, Refusal, TooLarge, TooSlow, Unauthenticated, Unavailable
from shared.mongo import Session, transact
from shared.problem import Problem, invalid, problem_of
from shared.senders.lockout import LockedOut
from shared.senders.requests import SignedRequestDep

router = APIRouter(prefix="/v1/platforms", tags=["平台报送"])

MOST_CONTRACTS = 500
MOST_BYTES = 768 * 1024
_REFERENCES = "#/components/schemas/{model}"


class ContractPack(BaseModel):
    """A request of a platform. Every contract is checked for itself."""

    contracts: list[ContractFiling] = Field(min_length=1, max_length=MOST_CONTRACTS)


class ContractResult(BaseModel):
    """What became of one contract of the pack."""

    index: int
    status: Literal["filed", "changed", "duplicate", "refused"]
    contract_no: str | None = None
    version: int | None = None
    student_ref: str | None = None
    problem: Problem | None = None


class ContractResults(BaseModel):
    """The answer to a pack: one result per contract, in the pack's order."""

    results: list[ContractResult]


def document_packs(app: FastAPI, *packs: type[BaseModel]) -> None:
    """Put the schemas of packs into the document: the route reads the signed bytes itself."""
    given = app.openapi

    def openapi() -> dict[str, object]:
        document = given()
        for pack in packs:
            schemas = pack.model_json_schema(ref_template=_REFERENCES)["$defs"]
            document["components"]["schemas"].update(schemas)
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own way to extend it


def body_schema(pack: type[BaseModel]) -> dict[str, object]:
    """Return how the document shows the body of a signed pack."""
    schema = pack.model_json_schema(ref_template=_REFERENCES)
    del schema["$defs"]
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


@router.post(
    "/{platform}/contracts",
    response_model_exclude_none=True,
    openapi_extra=body_schema(ContractPack),
    responses=problem.responses(
        TooLarge, TooSlow, Unauthenticated, LockedOut, Malformed, Unavailable
    ),
)
async def receive_contracts(
    platform: Annotated[str, Path(description="平台代码")],
    signed: SignedRequestDep,
    rooms: RoomsDep,
) -> ContractResults:
    """接收平台签名报送的合同，逐份答复；整批重发结果相同，平台数据优先于手工录入。"""
    read = await signed.read(platform, door=rooms.door, most_bytes=MOST_BYTES)
    with rooms.door.in_hand.take(len(read.body)):
        rooms.door.verify(platform, await rooms.platforms.find(platform), read)
        by = Filer(Who(role="platform", office=platform), rooms.now())
        results = []
        checked = [_checked(one) for one in _contracts(read.body)]
        for first in range(0, len(checked), MOST_IN_ONE_GO):
            part = checked[first : first + MOST_IN_ONE_GO]
            found = await _file(part, platform, desk=rooms.contracts, by=by)
            results += [_result(first + place, one) for place, one in enumerate(found)]
    return ContractResults(results=results)


async def _file(
    part: list[ContractFiling | Problem], platform: str, *, desk: ContractDesk, by: Filer
) -> list[Filed | Refusal | Problem]:
    """File those of a part that can be read, in one transaction, and keep the pack's order."""

    async def work(session: Session) -> list[Filed | Refusal]:
        given = [
            await _contract(one, platform, desk=desk, by=by, session=session)
            for one in part
            if isinstance(one, ContractFiling)
        ]
        return await file_contracts(given, desk=desk, by=by, session=session)

    filed = iter(await transact(desk.db, work))
    return [one if isinstance(one, Problem) else next(filed) for one in part]


async def _contract(
    body: ContractFiling, platform: str, *, desk: ContractDesk, by: Filer, session: Session
) -> TrainingContract:
    reference = body.student_ref
    if body.student is not None:
        who = body.student.identification()
        reference = await issue_reference(who, desk=desk, by=by.who, session=session)
    return body.contract(body.institution_id, str(reference), platform=platform)


def _contracts(body: bytes) -> list[object]:
    try:
        document = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise Malformed("请求体不是有效的 JSON（UTF-8）") from error
    given = document.get("contracts") if isinstance(document, dict) else None
    if not isinstance(given, list) or set(document) != {"contracts"}:
        raise Malformed('请求体须为 {"contracts": [...]}')
    if not 1 <= len(given) <= MOST_CONTRACTS:
        raise Malformed(f"contracts 须有 1 至 {MOST_CONTRACTS} 份合同，本次 {len(given)} 份")
    return given


def _checked(given: object) -> ContractFiling | Problem:
    try:
        return ContractFiling.model_validate(given)
    except ValidationError as error:
        return invalid(list(error.errors()))


def _result(index: int, found: Filed | Refusal | Problem) -> ContractResult:
    if isinstance(found, Filed):
        contract = found.contract
        return ContractResult(
            index=index,
            status=found.step,
            contract_no=contract.contract_no,
            version=contract.version,
            student_ref=contract.student_ref,
        )
    told = problem_of(found) if isinstance(found, Refusal) else found
    return ContractResult(index=index, status="refused", problem=told)

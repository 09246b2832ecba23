"""Contracts: filed by institutions or staff, and read with their versions and their money."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel

from services.fund_monitor.api.contracts.contract_bodies import (
    ContractFile,
    ContractFiling,
    ContractPage,
    FiledView,
    StudentIn,
    SumsOfContract,
    consumption_view,
    filed_view,
    version_view,
)
from services.fund_monitor.api.deps import RoomsDep
from services.fund_monitor.app.contracts.file_contracts import (
    ContractDesk,
    Filer,
    file_contracts,
    issue_reference,
)
from services.fund_monitor.domain.contracts.filing import (
    ContractMisshapen,
    ContractOfPlatform,
    Filed,
    InstitutionUnknown,
)
from services.fund_monitor.store.contracts.contracts import ContractNotFound
from shared import problem
from shared.access.enforcement import CallerDep
from shared.access.tokens import Caller
from shared.audit.log import Who
from shared.contracts.bank import Number
from shared.contracts.registry import InstitutionId
from shared.errors import Forbidden, Malformed, Refusal, Unauthenticated, Unavailable
from shared.mongo import Session, transact
from shared.paging import USUAL_LIMIT, Limit

router = APIRouter(
    tags=["合同"], responses=problem.responses(Unauthenticated, Forbidden, Malformed, Unavailable)
)

_MOST_VERSIONS = 100
_LONGEST_CURSOR = 96


class StudentReference(BaseModel):
    """The reference that stands for a student everywhere."""

    student_ref: str


@router.post("/v1/students")
async def post_student(student: StudentIn, caller: CallerDep, rooms: RoomsDep) -> StudentReference:
    """取得学员代码：同一人代码相同；证件号码和姓名只用于计算，不保存、不记录。"""
    desk = rooms.contracts

    async def work(session: Session) -> str:
        return await issue_reference(
            student.identification(), desk=desk, by=Who.of(caller), session=session
        )

    return StudentReference(student_ref=await transact(desk.db, work))


@router.post(
    "/v1/contracts",
    status_code=201,
    responses={
        200: {"model": FiledView, "description": "The same contract was filed before."},
        **problem.responses(ContractMisshapen, ContractOfPlatform, InstitutionUnknown),
    },
)
async def post_contract(
    body: ContractFiling, caller: CallerDep, rooms: RoomsDep, response: Response
) -> FiledView:
    """合同备案：同一内容重复报送结果相同，内容不同为新版本；收费不合规照常备案并形成线索。"""
    desk = rooms.contracts
    await may_file(caller, body.institution_id, desk=desk)
    by = Filer(Who.of(caller), rooms.now())

    async def work(session: Session) -> Filed | Refusal:
        reference = body.student_ref
        if body.student is not None:
            who = body.student.identification()
            reference = await issue_reference(who, desk=desk, by=by.who, session=session)
        contract = body.contract(body.institution_id, str(reference))
        [result] = await file_contracts([contract], desk=desk, by=by, session=session)
        if isinstance(result, Refusal):
            # Raised inside: a refused filing leaves nothing, no reference either.
            raise result
        return result

    filed = await transact(desk.db, work)
    assert isinstance(filed, Filed)  # noqa: S101 - a refusal was raised in its transaction
    response.status_code = 200 if filed.step == "duplicate" else 201
    response.headers["Location"] = f"/v1/contracts/{body.institution_id}/{body.contract_no}"
    return filed_view(filed)


@router.get("/v1/contracts")
async def list_contracts(
    caller: CallerDep,
    rooms: RoomsDep,
    institution_id: Annotated[InstitutionId, Query()],
    cursor: Annotated[str | None, Query(max_length=_LONGEST_CURSOR)] = None,
    limit: Limit = USUAL_LIMIT,
) -> ContractPage:
    """一家机构的合同，按合同编号。"""
    may_read(caller, institution_id)
    rows = await rooms.contracts.contracts.page(institution_id, after=_after(cursor), limit=limit)
    full = len(rows) == limit
    return ContractPage(
        contracts=[version_view(row) for row in rows],
        next_cursor=_cursor(rows[-1].contract.contract_no) if full else None,
    )


@router.get(
    "/v1/contracts/{institution_id}/{contract_no}", responses=problem.responses(ContractNotFound)
)
async def read_contract(
    institution_id: Annotated[InstitutionId, Path()],
    contract_no: Annotated[Number, Path()],
    rooms: RoomsDep,
) -> ContractFile:
    """一份合同的各个版本，其收款、划拨与退费，及已消课金额。"""
    desk = rooms.contracts
    found = await desk.contracts.versions(institution_id, contract_no, limit=_MOST_VERSIONS)
    known = await desk.institutions.of_id(institution_id)
    code = None if known is None else known[0]
    sums = {} if code is None else await rooms.books.sums_of_contract(code, contract_no)
    position = SumsOfContract(**sums)
    accounts = await rooms.matches.accounts_of(institution_id)
    book = await rooms.consumption.book(institution_id, contract_no, accounts)
    return ContractFile(
        versions=[version_view(one) for one in found],
        position=position,
        consumption=consumption_view(position, book),
    )


def may_read(caller: Caller, institution_id: str) -> None:
    """Keep an institution to itself."""
    if caller.role == "institution" and caller.institution != institution_id:
        raise Forbidden("培训机构只能办理和查询本机构的合同")


async def may_file(caller: Caller, institution_id: str, *, desk: ContractDesk) -> None:
    """Let an institution file for itself, and its competent department for it."""
    may_read(caller, institution_id)
    if caller.role != "staff":
        return
    known = await desk.institutions.of_id(institution_id)
    if known is not None and known[1].competent_department != caller.office:
        raise Forbidden("只能为本部门主管的培训机构备案合同")


def _cursor(contract_no: str) -> str:
    return urlsafe_b64encode(contract_no.encode()).decode()


def _after(cursor: str | None) -> str | None:
    if cursor is None:
        return None
    try:
        found = urlsafe_b64decode(cursor).decode()
    except ValueError as error:
        raise Malformed("翻页游标无效") from error
    return found

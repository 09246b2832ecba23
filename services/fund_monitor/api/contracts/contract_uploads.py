"""Contracts by spreadsheet: the template, and the filled-in sheet."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from services.fund_monitor.api.contracts.contract_sheet import contract_sheet
from services.fund_monitor.api.contracts.contracts import may_file
from services.fund_monitor.api.deps import RoomsDep
from services.fund_monitor.app.contracts.file_contracts import Filer
from services.fund_monitor.app.contracts.upload_contracts import upload_contracts
from services.fund_monitor.domain.contracts.filing import InstitutionUnknown
from shared import problem
from shared.access.enforcement import CallerDep
from shared.audit.log import Who
from shared.contracts.registry import InstitutionId
from shared.errors import Forbidden, Malformed, Unauthenticated, Unavailable
from shared.spreadsheets.uploads import (
    FILE_BODY,
    TEMPLATE_RESPONSES,
    CellErrorView,
    Partial,
    sheet_responses,
    template_answer,
    told,
    uploaded,
)

router = APIRouter(
    prefix="/v1/contracts",
    tags=["合同"],
    responses=problem.responses(Unauthenticated, Forbidden, Malformed, Unavailable),
)


class ContractsFiled(BaseModel):
    """What became of the rows of a sheet."""

    rows: int = Field(description="读取的行数")
    filed: int = Field(description="新备案")
    changed: int = Field(description="记为新版本")
    duplicate: int = Field(description="与已备案的相同，未变")
    refused: int = Field(description="有误，未收")
    errors: list[CellErrorView] = Field(description="前 50 处错误")


@router.get("/template", response_class=Response, responses=TEMPLATE_RESPONSES)
async def get_template() -> Response:
    """下载合同备案表模板（XLSX）。"""
    return template_answer(contract_sheet(""), name="contracts")


@router.post(
    "/upload",
    response_model=ContractsFiled,
    openapi_extra=FILE_BODY,
    responses={**sheet_responses(), **problem.responses(InstitutionUnknown)},
)
async def post_contracts(
    request: Request,
    caller: CallerDep,
    rooms: RoomsDep,
    institution_id: Annotated[InstitutionId, Query()],
    *,
    partial: Partial = False,
) -> Response | ContractsFiled:
    """上传合同备案表（XLSX 或 CSV）：规则同逐份备案；Accept 为 XLSX 时有误则返回错误表。"""
    desk = rooms.contracts
    await may_file(caller, institution_id, desk=desk)
    if await desk.institutions.of_id(institution_id) is None:
        raise InstitutionUnknown(f"没有收到机构 {institution_id} 的登记信息")
    by = Filer(Who.of(caller), rooms.now())
    async with uploaded(request, contract_sheet(institution_id), partial=partial) as upload:
        steps = await upload_contracts(upload, desk=desk, by=by)
        if (answer := await upload.answer()) is not None:
            return answer
        found = upload.refusals
        return ContractsFiled(
            rows=found.rows,
            filed=steps["filed"],
            changed=steps["changed"],
            duplicate=steps["duplicate"],
            refused=found.count,
            errors=told(found),
        )

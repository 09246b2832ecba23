"""Custody accounts: filing, confirming, refusing, opening balances, and how they stand."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.fund_monitor.api.custody.custody_views import (
    CustodyAccountHistory,
    CustodyAccountView,
    account_view,
    version_view,
)
from services.fund_monitor.api.deps import RoomsDep
from services.fund_monitor.app.custody.file_account import (
    AccountFiledOtherwise,
    BankNotKnown,
    FilingDateWrong,
    InstitutionNotActive,
    SecondAccountFiled,
)
from services.fund_monitor.domain.custody.custody import (
    AccountKind,
    AccountNameWrong,
    AccountUnfitForMode,
    FiledAccount,
    Filing,
    FilingDecidedOtherwise,
    Mode,
    Standing,
)
from services.fund_monitor.store.custody.filings import FilingMoved, FilingNotFound
from shared import problem
from shared.access.enforcement import CallerDep
from shared.access.scopes import TOWN_CODES
from shared.access.tokens import Caller
from shared.contracts.bank import MOST_FEN, Number, Text
from shared.contracts.registry import InstitutionId
from shared.errors import Forbidden, Malformed, Unauthenticated, Unavailable
from shared.idempotency import KeyedRequestRunning, KeyReused, OnceDep
from shared.iso_date import IsoDate
from shared.paging import USUAL_LIMIT, Cursor, Limit, before_of, cursor_after
from shared.plain_text import ONE_LINE
from shared.senders.api import SENDER_CODE

router = APIRouter(
    prefix="/v1/custody-accounts",
    tags=["托管账户"],
    responses=problem.responses(Unauthenticated, Forbidden, Malformed, Unavailable),
)

_MOST_HISTORY = 200
_UUID = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
AccountId = Annotated[str, Path(pattern=_UUID, description="备案编号")]
_DECIDING = problem.responses(
    FilingNotFound, FilingDecidedOtherwise, FilingMoved, InstitutionNotActive
)


class AccountFilingIn(BaseModel):
    """An account as an institution, or its competent department, files it."""

    model_config = ConfigDict(extra="forbid")

    institution_id: InstitutionId
    mode: Mode = Field(description="post_paid：先上课后收费，不设账户")
    bank: Annotated[str, Field(pattern=SENDER_CODE)] | None = None
    account_no: Number | None = None
    account_name: Annotated[Text, Field(pattern=ONE_LINE)] | None = None
    account_kind: AccountKind | None = None
    agreement_no: Annotated[Text, Field(pattern=ONE_LINE)] | None = None
    replaces: Annotated[str, Field(pattern=_UUID)] | None = Field(
        default=None, description="变更账户时，被替换的备案编号"
    )
    filed_on: IsoDate | None = Field(default=None, description="不填为今天")

    def content(self) -> FiledAccount:
        """Return what is filed as the domain knows it."""
        return FiledAccount(**self.model_dump(exclude={"filed_on"}))


class RefusalIn(BaseModel):
    """Why a filing is sent back."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class OpeningIn(BaseModel):
    """The opening balance that the competent department confirms, in fen."""

    model_config = ConfigDict(extra="forbid")

    amount_fen: Annotated[int, Field(strict=True, ge=0, le=MOST_FEN)]


class CustodyAccountPage(BaseModel):
    """A page of filings, newest first."""

    accounts: list[CustodyAccountView]
    next_cursor: str | None = None


@router.post(
    "",
    status_code=201,
    responses={
        200: {"model": CustodyAccountView, "description": "The same filing came before."},
        **problem.responses(
            AccountFiledOtherwise,
            FilingMoved,
            AccountNameWrong,
            AccountUnfitForMode,
            BankNotKnown,
            InstitutionNotActive,
            SecondAccountFiled,
            FilingDateWrong,
            KeyedRequestRunning,
            KeyReused,
        ),
    },
)
async def file_account(
    filing: AccountFilingIn,
    caller: CallerDep,
    rooms: RoomsDep,
    once: OnceDep,
    response: Response,
) -> CustodyAccountView:
    """备案托管账户或风险保证金账户；变更账户须在5个工作日内备案新账户，并写明替换哪一个。"""
    if caller.role == "institution" and caller.institution != filing.institution_id:
        raise Forbidden("培训机构只能备案本机构的账户")
    response.status_code = HTTPStatus.OK

    async def work() -> CustodyAccountView:
        filed, new = await rooms.accounts.file(
            filing.content(), filed_on=filing.filed_on, caller=caller, now=rooms.now()
        )
        if new:
            response.status_code = HTTPStatus.CREATED
        [view] = await _views(rooms, [filed])
        return view

    answer = await once.after(CustodyAccountView, work)
    response.headers["Location"] = f"{router.prefix}/{answer.account_id}"
    return answer


@router.get("")
async def list_accounts(
    caller: CallerDep, rooms: RoomsDep, cursor: Cursor = None, limit: Limit = USUAL_LIMIT
) -> CustodyAccountPage:
    """列出备案的账户，最新的在前；机构只见本机构的，镇（街道）只见本辖区的。"""
    filings = await rooms.accounts.filings.page(
        institutions=await _seen_by(caller, rooms), before=before_of(cursor), limit=limit
    )
    return CustodyAccountPage(
        accounts=await _views(rooms, filings),
        next_cursor=cursor_after([filing.account_id for filing in filings], limit=limit),
    )


@router.get("/{account_id}", responses=problem.responses(FilingNotFound))
async def read_account_filing(
    account_id: AccountId, caller: CallerDep, rooms: RoomsDep
) -> CustodyAccountHistory:
    """查询一份账户备案、其历次变动，以及账户余额、冻结与可用金额（分）。"""
    filing = await rooms.accounts.filings.get(account_id)
    seen = await _seen_by(caller, rooms)
    if seen is not None and filing.content.institution_id not in seen:
        raise FilingNotFound(f"没有编号为 {account_id} 的账户备案")
    [view] = await _views(rooms, [filing])
    versions = await rooms.accounts.filings.history(account_id, limit=_MOST_HISTORY)
    return CustodyAccountHistory(
        **view.model_dump(), history=[version_view(version) for version in versions]
    )


@router.post("/{account_id}/confirm", responses=_DECIDING)
async def confirm_account(
    account_id: AccountId, caller: CallerDep, rooms: RoomsDep
) -> CustodyAccountView:
    """主管部门确认一份账户备案；重复确认不变。"""
    filing = await rooms.accounts.confirm(account_id, caller=caller, now=rooms.now())
    return (await _views(rooms, [filing]))[0]


@router.post("/{account_id}/refuse", responses=_DECIDING)
async def refuse_account(
    account_id: AccountId, refusal: RefusalIn, caller: CallerDep, rooms: RoomsDep
) -> CustodyAccountView:
    """主管部门退回一份账户备案并说明理由；退回后可以重新备案。"""
    filing = await rooms.accounts.refuse(
        account_id, reason=refusal.reason, caller=caller, now=rooms.now()
    )
    return (await _views(rooms, [filing]))[0]


@router.post("/{account_id}/opening-balance", responses=_DECIDING)
async def confirm_opening_balance(
    account_id: AccountId, opening: OpeningIn, caller: CallerDep, rooms: RoomsDep
) -> CustodyAccountView:
    """主管部门确认账户的期初余额（分）；与银行报送不符时为线索。"""
    filing = await rooms.accounts.confirm_opening(
        account_id, amount_fen=opening.amount_fen, caller=caller, now=rooms.now()
    )
    return (await _views(rooms, [filing]))[0]


async def _seen_by(caller: Caller, rooms: RoomsDep) -> list[str] | None:
    """Return the institutions that a caller sees, or nothing where that is all of them."""
    if caller.role == "institution":
        return [caller.institution or ""]
    if caller.office in TOWN_CODES:
        return await rooms.accounts.institutions.in_town(caller.office or "")
    return None


async def _views(rooms: RoomsDep, filings: Sequence[Filing]) -> list[CustodyAccountView]:
    keys = [filing.content.account for filing in filings]
    accounts = [key for key in keys if key is not None]
    standings = await rooms.accounts.events.standings(accounts)
    balances = await rooms.accounts.events.balances(accounts)
    return [
        account_view(filing, standings.get(key or "", Standing()), balances.get(key or ""))
        for filing, key in zip(filings, keys, strict=True)
    ]

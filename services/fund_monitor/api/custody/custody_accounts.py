"""Custody accounts: filing, confirming, refusing, opening balances, and how they stand."""

from collections.abc import Sequence
from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

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
    FilingState,
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


class OpeningView(BaseModel):
    """The opening balance as the bank tells it and as it is confirmed."""

    state: Literal["none", "unconfirmed", "awaited", "agrees", "differs"] = Field(
        description="none：两者皆无；unconfirmed：待主管部门确认；awaited：待银行报送"
    )
    reported_fen: int | None = None
    confirmed_fen: int | None = None


class StandingView(BaseModel):
    """How the account stands by the bank's events; no figures where no bank has opened it."""

    opened_at: datetime | None = None
    closed_at: datetime | None = None
    balance_fen: int | None = None
    frozen_fen: int | None = None
    available_fen: int | None = None
    opening_balance: OpeningView


class FilingVersionView(BaseModel):
    """A filing as it was at one version."""

    version: int
    state: FilingState
    mode: Mode
    bank: str | None = None
    account_no: str | None = None
    account_name: str | None = None
    account_kind: AccountKind | None = None
    agreement_no: str | None = None
    replaces: str | None = None
    filed_on: date
    filed_at: datetime
    decided_at: datetime | None = None
    reason: str | None = None
    confirmed_opening_fen: int | None = None


class CustodyAccountView(FilingVersionView):
    """A filing as it is now, with how its account stands."""

    account_id: str
    institution_id: str
    status: Literal["filed", "refused", "confirmed", "frozen", "closed"]
    standing: StandingView


class CustodyAccountHistory(CustodyAccountView):
    """A filing with its versions, the newest first."""

    history: list[FilingVersionView]


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
        **view.model_dump(), history=[_version(version) for version in versions]
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
        _view(filing, standings.get(key or "", Standing()), balances.get(key or ""))
        for filing, key in zip(filings, keys, strict=True)
    ]


def _view(filing: Filing, standing: Standing, balance_fen: int | None) -> CustodyAccountView:
    frozen_fen = None if balance_fen is None else standing.frozen_fen(balance_fen)
    available_fen = None
    if balance_fen is not None and frozen_fen is not None:
        available_fen = balance_fen - frozen_fen
    return CustodyAccountView(
        **_version(filing).model_dump(),
        account_id=filing.account_id,
        institution_id=filing.content.institution_id,
        status=_status(filing, standing),
        standing=StandingView(
            opened_at=None if standing.opened is None else standing.opened.occurred_at,
            closed_at=None if standing.closed is None else standing.closed.occurred_at,
            balance_fen=balance_fen,
            frozen_fen=frozen_fen,
            available_fen=available_fen,
            opening_balance=_opening(filing, standing),
        ),
    )


def _status(
    filing: Filing, standing: Standing
) -> Literal["filed", "refused", "confirmed", "frozen", "closed"]:
    if filing.state != "confirmed":
        return filing.state
    if standing.closed is not None:
        return "closed"
    return "frozen" if standing.in_force else "confirmed"


def _opening(filing: Filing, standing: Standing) -> OpeningView:
    reported = None if standing.opening_balance is None else standing.opening_balance.amount_fen
    confirmed = None if filing.opening is None else filing.opening.amount_fen
    if confirmed is None:
        return OpeningView(
            state="none" if reported is None else "unconfirmed", reported_fen=reported
        )
    if reported is None:
        return OpeningView(state="awaited", confirmed_fen=confirmed)
    return OpeningView(
        state="agrees" if reported == confirmed else "differs",
        reported_fen=reported,
        confirmed_fen=confirmed,
    )


def _version(filing: Filing) -> FilingVersionView:
    content = filing.content
    return FilingVersionView(
        version=filing.version,
        state=filing.state,
        mode=content.mode,
        bank=content.bank,
        account_no=content.account_no,
        account_name=content.account_name,
        account_kind=content.account_kind,
        agreement_no=content.agreement_no,
        replaces=content.replaces,
        filed_on=filing.filed_on,
        filed_at=filing.filed_at,
        decided_at=filing.decided_at,
        reason=filing.reason,
        confirmed_opening_fen=None if filing.opening is None else filing.opening.amount_fen,
    )

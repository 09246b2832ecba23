"""Money without a contract: what waits, and its allocation by those in charge of it."""

from datetime import datetime
from typing import Annotated, Literal, Self

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.fund_monitor.api.banks.banks import Cursor
from services.fund_monitor.api.contracts.contracts import may_file, may_read
from services.fund_monitor.api.deps import Rooms, RoomsDep
from services.fund_monitor.app.judging.unallocated_money import due_of
from services.fund_monitor.app.ledger.allocate import Asked, Done, allocate
from services.fund_monitor.domain.banks.identity import account_key, identity_of
from services.fund_monitor.domain.contracts.filing import InstitutionUnknown
from services.fund_monitor.domain.ledger.allocation import AlreadyAllocated, NothingToAllocate
from services.fund_monitor.domain.rules.unallocated_money import Waiting
from services.fund_monitor.store.banks.banks import BankNotFound
from services.fund_monitor.store.contracts.contracts import ContractNotFound
from services.fund_monitor.store.ledger.records import AccountNotFound
from shared import problem
from shared.access.enforcement import CallerDep
from shared.audit.log import Who
from shared.contracts.bank import Day, Number
from shared.contracts.registry import InstitutionId
from shared.errors import Forbidden, Malformed, Unauthenticated, Unavailable
from shared.mongo import Session, transact
from shared.paging import USUAL_LIMIT, Limit
from shared.plain_text import ONE_LINE
from shared.senders.api import SENDER_CODE
from shared.working_days import WorkingDays

router = APIRouter(
    tags=["待认领资金"],
    responses=problem.responses(Unauthenticated, Forbidden, Malformed, Unavailable),
)


class AllocationBody(BaseModel):
    """Which deposit belongs to which contract, and why; the deposit as listed, or as reported."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bank: Annotated[str, Field(pattern=SENDER_CODE, description="银行代码")]
    account_no: Number
    event: Annotated[
        str | None, Field(max_length=400, pattern=ONE_LINE, description="待认领清单中的 event")
    ] = None
    serial_no: Number | None = Field(default=None, description="流水号；与 event 二选一")
    booked_on: Day | None = Field(default=None, description="银行声明为标识字段时填写")
    entry_no: Number | None = Field(default=None, description="银行声明为标识字段时填写")
    contract_no: Number
    reason: Annotated[str, Field(min_length=1, max_length=500, pattern=ONE_LINE)]

    @model_validator(mode="after")
    def _one_deposit(self) -> Self:
        if (self.event is None) == (self.serial_no is None):
            raise ValueError("event 与 serial_no 须填写且只填写一个")
        return self


class AllocationView(BaseModel):
    """An allocation; ``duplicate`` means that it was made before."""

    status: Literal["allocated", "duplicate"]
    event: str
    contract_no: str
    amount_fen: int
    allocated_at: datetime


class WaitingView(BaseModel):
    """A deposit that waits for a contract, and until when it should have one."""

    event: str
    bank: str
    account_no: str
    occurred_at: datetime
    amount_fen: int
    lessons: str | None = None
    due_at: datetime = Field(description="认领期限：收款日后第3个工作日终了")
    provisional: bool = Field(description="期限按未公布的工作日估算")


class WaitingPage(BaseModel):
    """A page of deposits that wait."""

    waiting: list[WaitingView]
    next_cursor: str | None = None


@router.post(
    "/v1/allocations",
    status_code=201,
    responses={
        200: {"model": AllocationView, "description": "The same was allocated before."},
        **problem.responses(
            AccountNotFound,
            BankNotFound,
            ContractNotFound,
            AlreadyAllocated,
            NothingToAllocate,
            InstitutionUnknown,
        ),
    },
)
async def post_allocation(
    body: AllocationBody, caller: CallerDep, rooms: RoomsDep, response: Response
) -> AllocationView:
    """将一笔未报合同号的收款整笔认领到一份合同；同一认领重复提交结果相同。"""
    institution_id, code = await _owner(body, rooms)
    await may_file(caller, institution_id, desk=rooms.contracts)
    asked = Asked(
        deposit=await _identity(body, rooms),
        account=account_key(body.bank, body.account_no),
        institution_id=institution_id,
        institution_code=code,
        contract_no=body.contract_no,
        reason=body.reason,
        who=Who.of(caller),
        now=rooms.now(),
    )

    async def work(session: Session) -> Done:
        return await allocate(asked, desk=rooms.allocations, session=session)

    done = await transact(rooms.allocations.db, work)
    response.status_code = 200 if done.step == "duplicate" else 201
    made = done.allocation
    return AllocationView(
        status=done.step,
        event=made.deposit,
        contract_no=made.contract_no,
        amount_fen=made.amount_fen,
        allocated_at=made.allocated_at,
    )


@router.get("/v1/unallocated", responses=problem.responses(InstitutionUnknown))
async def list_unallocated(
    caller: CallerDep,
    rooms: RoomsDep,
    institution_id: Annotated[InstitutionId, Query()],
    cursor: Cursor = "",
    limit: Limit = USUAL_LIMIT,
) -> WaitingPage:
    """一家机构待认领的收款及期限。"""
    may_read(caller, institution_id)
    known = await rooms.contracts.institutions.of_id(institution_id)
    if known is None:
        raise InstitutionUnknown(f"没有收到机构 {institution_id} 的登记信息")
    found = await rooms.allocations.unallocated.page(known[0], after=cursor, limit=limit)
    return WaitingPage(
        waiting=[_view(one, rooms.allocations.calendar) for one in found],
        next_cursor=found[-1].identity if len(found) == limit else None,
    )


async def _owner(body: AllocationBody, rooms: Rooms) -> tuple[str, str]:
    """Return the institution whose account it is, by id and 统一社会信用代码."""
    row = await rooms.records.account(body.bank, body.account_no)
    code = row.get("institution_code")
    institution_id = None if code is None else await rooms.contracts.institutions.id_of(code)
    if code is None or institution_id is None:
        raise InstitutionUnknown(f"账户 {body.account_no} 的机构尚无登记信息")
    return institution_id, code


async def _identity(body: AllocationBody, rooms: Rooms) -> str:
    """Return the identity of the deposit that is meant."""
    if body.event is not None:
        return body.event
    bank = await rooms.banks.find(body.bank)
    if bank is None:
        raise BankNotFound(f"没有登记银行 {body.bank}")
    given = body.model_dump(mode="json")
    for name in bank.identity_fields:
        if given[name] is None:
            raise Malformed(
                "缺少该银行声明的标识字段", fields=[(f"/{name}", "该银行以此字段区分交易，须填写")]
            )
    return identity_of(body.bank, given, declared=bank.identity_fields)


def _view(one: Waiting, calendar: WorkingDays) -> WaitingView:
    bank, _, account_no = one.account.partition("|")
    due = due_of(one, calendar)
    return WaitingView(
        event=one.identity,
        bank=bank,
        account_no=account_no,
        occurred_at=one.occurred_at,
        amount_fen=one.amount_fen,
        lessons=one.lessons,
        due_at=due.at,
        provisional=due.provisional,
    )

"""Check the fees of a contract before it is filed. Nothing is kept."""

from decimal import Decimal
from fractions import Fraction
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.fund_monitor.api.contracts.contract_bodies import ContractBody
from services.fund_monitor.api.contracts.contracts import may_read
from services.fund_monitor.api.deps import RoomsDep
from services.fund_monitor.domain.contracts.contract import TrainingContract
from services.fund_monitor.domain.contracts.filing import ContractMisshapen, refuse_misshapen
from services.fund_monitor.domain.rules.fee_check import Explained, check_contract
from services.fund_monitor.domain.rules.fees import Left
from shared import problem
from shared.access.enforcement import CallerDep
from shared.contracts.bank import Lessons, StudentRef
from shared.contracts.registry import InstitutionId
from shared.errors import Forbidden, Malformed, Unauthenticated, Unavailable
from shared.rules import Origin

router = APIRouter(
    prefix="/v1",
    tags=["收费规则"],
    responses=problem.responses(Unauthenticated, Forbidden, Malformed, Unavailable),
)


class FeeCheckBody(ContractBody):
    """A contract to check; with its pupil's reference, the filed ones are summed with it."""

    institution_id: InstitutionId
    student_ref: StudentRef | None = None
    lessons_left: Lessons | None = Field(
        default=None, description="续费时该科目剩余课时；首次购买的不填"
    )


class RuleView(BaseModel):
    """What one rule says of the contract."""

    rule: str
    title: str
    article: str
    origin: Origin
    outcome: Literal["lawful", "unlawful", "warning", "not_judged"]
    why: str
    lawful_is: str


class FeeCheckView(BaseModel):
    """Whether a contract may be filed without a finding, rule by rule."""

    lawful: bool
    summed_with: list[str]
    rules: list[RuleView]


@router.post("/fee-checks", responses=problem.responses(ContractMisshapen))
async def check_fees(body: FeeCheckBody, caller: CallerDep, rooms: RoomsDep) -> FeeCheckView:
    """备案前检查合同收费：逐条说明是否合规、依据、原因和合规的做法；不保存。"""
    may_read(caller, body.institution_id)
    contract = body.contract(body.institution_id, body.student_ref or "")
    refuse_misshapen(contract)
    others: list[TrainingContract] = []
    if body.student_ref is not None:
        filed = await rooms.contracts.contracts.of_student(body.institution_id, body.student_ref)
        others = [
            one
            for one in filed
            if one.subject == contract.subject and one.contract_no != contract.contract_no
        ]
    left = None if body.lessons_left is None else Fraction(Decimal(body.lessons_left))
    found = check_contract(contract, others, await rooms.fees.dated.book(), left=Left(left))
    return FeeCheckView(
        lawful=all(one.outcome in ("lawful", "not_judged") for one in found),
        summed_with=[one.contract_no for one in others],
        rules=[_view(one) for one in found],
    )


def _view(one: Explained) -> RuleView:
    return RuleView(
        rule=one.card.code,
        title=one.card.title,
        article=one.card.article.reference,
        origin=one.card.article.origin,
        outcome=one.outcome,
        why=one.why,
        lawful_is=one.lawful_is,
    )

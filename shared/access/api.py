"""Routes of revocations: which tokens a service refuses though their time is not over."""

from datetime import datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from shared import problem
from shared.access.enforcement import CallerDep
from shared.access.revocation import Kind, Revocation, Revocations, TooManyRevocations
from shared.audit.log import AuditLog, Entry, Who
from shared.clock import machine_now
from shared.errors import Malformed, Unavailable
from shared.idempotency import KeyedRequestRunning, KeyReused, OnceDep
from shared.mongo import Session

router = APIRouter(prefix="/v1/access", tags=["权限"])

LONGEST: Final = timedelta(days=400)
_MOST_PER_PAGE = 200

Name = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[^\x00]+$")]
Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=r"^[^\x00]+$"),
]


class NewRevocation(BaseModel):
    """A subject whose tokens, or one token that, is refused from now until a moment."""

    model_config = ConfigDict(extra="forbid")

    subject: Name | None = Field(default=None, description="令牌的 sub：其全部令牌均被拒绝。")
    token_id: Name | None = Field(default=None, description="令牌的 jti：只拒绝这一个令牌。")
    reason: Reason
    until: AwareDatetime = Field(description="此后不再记住；不得早于令牌的有效期，最长 400 天。")

    @model_validator(mode="after")
    def _one_of_both(self) -> "NewRevocation":
        if (self.subject is None) == (self.token_id is None):
            raise ValueError("subject 和 token_id 须且只能填一个")
        return self


class RevocationView(BaseModel):
    """What is refused, why and until when."""

    id: str
    kind: Kind
    value: str
    reason: str
    until: datetime
    made_at: datetime


class RevocationPage(BaseModel):
    """A page of what is revoked now, oldest first."""

    revocations: list[RevocationView]
    next_cursor: str | None = None


@router.post(
    "/revocations",
    status_code=201,
    responses=problem.responses(
        TooManyRevocations, KeyedRequestRunning, KeyReused, Malformed, Unavailable
    ),
)
async def revoke(
    asked: NewRevocation, caller: CallerDep, request: Request, once: OnceDep
) -> RevocationView:
    """吊销一个用户的全部令牌，或一个令牌；本服务的每个进程在两秒内执行。"""
    now = machine_now()
    if not now < asked.until <= now + LONGEST:
        raise Malformed("until 须在此刻之后、400 天之内")
    if asked.subject == caller.subject:
        # Nothing takes a revocation back before its time: nobody locks the last one out.
        raise Malformed("不能吊销自己的全部令牌；丢失的令牌请以 token_id 吊销")
    revocations: Revocations = request.app.state.revocations
    audit: AuditLog = request.app.state.audit

    async def work(session: Session) -> RevocationView:
        made = await revocations.add(
            "token" if asked.subject is None else "subject",
            asked.subject or asked.token_id or "",
            reason=asked.reason,
            until=asked.until,
            session=session,
        )
        await audit.record(_entry(made, Who.of(caller)), session=session)
        return _view(made)

    return await once.within(RevocationView, work)


@router.get("/revocations", responses=problem.responses(Malformed, Unavailable))
async def list_revocations(
    request: Request,
    cursor: Annotated[str, Query(max_length=64)] = "",
    limit: Annotated[int, Query(ge=1, le=_MOST_PER_PAGE)] = 50,
) -> RevocationPage:
    """列出现在有效的吊销。"""
    revocations: Revocations = request.app.state.revocations
    found = await revocations.standing(after=cursor, limit=limit)
    return RevocationPage(
        revocations=[_view(one) for one in found],
        next_cursor=found[-1].id if len(found) == limit else None,
    )


def _entry(made: Revocation, who: Who) -> Entry:
    # A subject is a person: the audit names the revocation, which names them while it lasts.
    return Entry(
        action="access.revoked",
        about_kind="revocation",
        about_id=made.id,
        who=who,
        why=made.reason,
        details={"kind": made.kind, "until": made.until.isoformat()},
    )


def _view(made: Revocation) -> RevocationView:
    return RevocationView(
        id=made.id,
        kind=made.kind,
        value=made.value,
        reason=made.reason,
        until=made.until,
        made_at=made.made_at,
    )

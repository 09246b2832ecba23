"""Routes by which a teaching platform is added and its signing secrets change."""

from fastapi import APIRouter, FastAPI, Request
from pydantic import BaseModel, ConfigDict, Field

from shared import problem
from shared.access.enforcement import CallerDep
from shared.audit.log import Who
from shared.errors import Malformed, Unavailable
from shared.idempotency import KeyedRequestRunning, KeyReused, OnceDep
from shared.kernel import Kernel
from shared.mongo import Session
from shared.senders.api import SENDER_CODE, SecretsDesk, secrets_router
from shared.senders.platforms import (
    PLATFORMS,
    Platform,
    PlatformExists,
    PlatformNotFound,
    PlatformStore,
    add_platform,
)
from shared.senders.store import SecretStore

router = APIRouter(prefix="/v1/platforms", tags=["教学平台"])
_DESK = "platforms_desk"


class NewPlatform(BaseModel):
    """A platform to be added."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(pattern=SENDER_CODE)
    name: str | None = Field(default=None, min_length=1, max_length=64)


class AddedPlatform(BaseModel):
    """A platform just added; its secret is shown this once."""

    code: str
    name: str
    secret: str


@router.post(
    "",
    status_code=201,
    responses=problem.responses(
        PlatformExists, KeyedRequestRunning, KeyReused, Malformed, Unavailable
    ),
)
async def create_platform(
    platform: NewPlatform, caller: CallerDep, request: Request, once: OnceDep
) -> AddedPlatform:
    """登记一个教学平台；签名密钥只显示这一次，以同一 Idempotency-Key 重发时除外。"""
    desk: SecretsDesk = request.app.state.platforms_desk
    added = Platform(platform.code, platform.name or platform.code)

    async def work(session: Session) -> AddedPlatform:
        secret = await add_platform(
            added,
            platforms=PlatformStore(desk.db, desk.audit),
            sealer=desk.sealer,
            who=Who.of(caller),
            session=session,
        )
        return AddedPlatform(code=added.code, name=added.name, secret=secret)

    return await once.within(AddedPlatform, work, sealer=desk.sealer)


def mount_platforms(app: FastAPI, kernel: Kernel) -> None:
    """Give an application the routes of platforms and of their secrets."""
    app.state.platforms_desk = SecretsDesk(
        kind="platform",
        db=kernel.db,
        store=SecretStore(kernel.db, collection=PLATFORMS, absent=PlatformNotFound),
        sealer=kernel.sealer,
        audit=kernel.audit,
    )
    app.include_router(router)
    app.include_router(
        secrets_router("/v1/platforms", parameter="platform", absent=PlatformNotFound, desk=_DESK)
    )

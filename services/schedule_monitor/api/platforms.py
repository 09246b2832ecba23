"""Teaching platforms: how one is added, and how it tests its connection."""

import hashlib
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from services.schedule_monitor.api.deps import RoomsDep
from services.schedule_monitor.app.add_platform import add_platform
from services.schedule_monitor.domain.platform import Platform
from services.schedule_monitor.store.platforms import PlatformExists
from shared import problem
from shared.access.enforcement import CallerDep
from shared.audit.log import Who
from shared.clock import machine_now
from shared.errors import Malformed, TooLarge, Unauthenticated, Unavailable
from shared.idempotency import KeyedRequestRunning, KeyReused, OnceDep
from shared.mongo import Session
from shared.senders.api import SENDER_CODE
from shared.senders.lockout import LockedOut
from shared.senders.requests import SignedRequestDep

router = APIRouter(prefix="/v1/platforms", tags=["教学平台"])

MOST_TEST_BYTES: Final = 64 * 1024


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


class ConnectionTest(BaseModel):
    """What came in: the digest tells the platform whether its very bytes were signed."""

    platform: str
    webhook_id: str
    digest: str
    received_at: datetime


@router.post(
    "",
    status_code=201,
    responses=problem.responses(
        PlatformExists, KeyedRequestRunning, KeyReused, Malformed, Unavailable
    ),
)
async def create_platform(
    platform: NewPlatform, caller: CallerDep, rooms: RoomsDep, once: OnceDep
) -> AddedPlatform:
    """登记一个教学平台；签名密钥只显示这一次，以同一 Idempotency-Key 重发时除外。"""
    added = Platform(platform.code, platform.name or platform.code)

    async def work(session: Session) -> AddedPlatform:
        secret = await add_platform(
            added,
            platforms=rooms.platforms,
            sealer=rooms.sealer,
            who=Who.of(caller),
            session=session,
        )
        return AddedPlatform(code=added.code, name=added.name, secret=secret)

    return await once.within(AddedPlatform, work, sealer=rooms.sealer)


@router.post(
    "/{platform}/connection-test",
    responses=problem.responses(TooLarge, Unauthenticated, LockedOut, Unavailable),
)
async def test_connection(
    platform: Annotated[str, Path(description="平台代码")],
    signed: SignedRequestDep,
    rooms: RoomsDep,
) -> ConnectionTest:
    """联通测试：验证签名，回答收到的摘要和时间；不保存任何内容。"""
    read = await signed.read(platform, door=rooms.door, most_bytes=MOST_TEST_BYTES)
    rooms.door.verify(platform, await rooms.platforms.find(platform), read)
    return ConnectionTest(
        platform=platform,
        webhook_id=read.webhook_id,
        digest="sha256:" + hashlib.sha256(read.body).hexdigest(),
        received_at=machine_now(),
    )

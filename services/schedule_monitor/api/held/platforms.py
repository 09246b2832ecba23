"""How a teaching platform tests its connection."""

import hashlib
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Path
from pydantic import BaseModel

from services.schedule_monitor.api.deps import RoomsDep
from shared import problem
from shared.clock import machine_now
from shared.errors import TooLarge, TooSlow, Unauthenticated, Unavailable
from shared.senders.lockout import LockedOut
from shared.senders.requests import SignedRequestDep

router = APIRouter(prefix="/v1/platforms", tags=["教学平台"])

MOST_TEST_BYTES: Final = 64 * 1024


class ConnectionTest(BaseModel):
    """What came in: the digest tells the platform whether its very bytes were signed."""

    platform: str
    webhook_id: str
    digest: str
    received_at: datetime


@router.post(
    "/{platform}/connection-test",
    responses=problem.responses(TooLarge, TooSlow, Unauthenticated, LockedOut, Unavailable),
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

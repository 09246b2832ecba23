"""Teaching platforms and their sealed signing secrets; each service knows its own."""

from dataclasses import dataclass, replace
from typing import ClassVar, Final

from pymongo.errors import DuplicateKeyError

from shared.audit.log import AuditLog, Entry, Who
from shared.clock import machine_now
from shared.errors import Conflict, NotFound
from shared.mongo import Database, Row, Session
from shared.sealing import Sealer
from shared.senders.model import Secret
from shared.senders.signing import new_signing_secret, sealed_secret
from shared.senders.store import secret_row, secrets_of

PLATFORMS: Final = "platforms"


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform as the door knows it, with its secrets, the newest first."""

    code: str
    name: str
    secrets: tuple[Secret, ...] = ()


class PlatformExists(Conflict):
    """A platform of this code is there already; its secret is not shown again."""

    code: ClassVar[str] = "platform-exists"
    title: ClassVar[str] = "该平台代码已存在"


class PlatformNotFound(NotFound):
    """There is no platform of this code."""

    code: ClassVar[str] = "platform-not-found"
    title: ClassVar[str] = "没有这个平台"


class PlatformStore:
    """The platforms of one service."""

    def __init__(self, db: Database, audit: AuditLog) -> None:
        self._platforms = db[PLATFORMS]
        self._audit = audit

    async def add(self, platform: Platform, *, who: Who, session: Session) -> None:
        """Add a platform with its first secret, in the caller's transaction."""
        row: Row = {
            "_id": platform.code,
            "name": platform.name,
            "secrets": [secret_row(one) for one in platform.secrets],
            "added_at": machine_now(),
        }
        try:
            await self._platforms.insert_one(row, session=session)
        except DuplicateKeyError as error:
            raise PlatformExists(
                f"平台 {platform.code} 已登记，签名密钥只在登记时显示一次"
            ) from error
        entry = Entry(
            action="platform.added", about_kind="platform", about_id=platform.code, who=who
        )
        await self._audit.record(entry, session=session)

    async def find(self, code: str) -> Platform | None:
        """Return a platform, or nothing when there is none of this code."""
        row = await self._platforms.find_one({"_id": code})
        return None if row is None else Platform(row["_id"], row["name"], secrets_of(row))


async def add_platform(
    platform: Platform, *, platforms: PlatformStore, sealer: Sealer, who: Who, session: Session
) -> str:
    """Add a platform in the caller's transaction and return its signing secret."""
    secret = new_signing_secret()
    made = replace(platform, secrets=(sealed_secret(secret, sealer),))
    await platforms.add(made, who=who, session=session)
    return secret

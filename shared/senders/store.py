"""Signing secrets in MongoDB: an array in the document of the sender they belong to."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import ClassVar

from shared.clock import machine_now, milliseconds
from shared.errors import Conflict, NotFound
from shared.mongo import Database, Row, Session
from shared.senders.model import Secret
from shared.senders.signing import MOST_LIVE


class TwoSecretsLive(Conflict):
    """Both secrets of a sender are in use: a third would cut one of them off."""

    code: ClassVar[str] = "two-secrets-live"
    title: ClassVar[str] = "已有两个有效密钥"


class SecretNotFound(NotFound):
    """The sender has no live secret of this id."""

    code: ClassVar[str] = "secret-not-found"
    title: ClassVar[str] = "没有这个密钥"


class SecretStore:
    """The signing secrets of one kind of sender; ``absent`` is said of one that is not there."""

    def __init__(self, db: Database, *, collection: str, absent: type[NotFound]) -> None:
        self._senders = db[collection]
        self._absent = absent

    async def live(self, code: str, *, session: Session | None = None) -> list[Secret]:
        """Return a sender's live secrets, the newest first."""
        row = await self._senders.find_one({"_id": code}, {"secrets": 1}, session=session)
        if row is None:
            raise self._absent(f"没有代码为 {code} 的登记")
        now = machine_now()
        return [one for one in secrets_of(row) if one.is_live(now)]

    async def rotate(
        self, code: str, new: Secret, *, keep_previous: timedelta, session: Session
    ) -> Secret | None:
        """Add a secret; return the one before it, which holds for a while longer."""
        live = await self.live(code, session=session)
        if len(live) >= MOST_LIVE:
            raise TwoSecretsLive("请先等旧密钥到期，或用 DELETE 作废其中一个")
        previous = None
        if live and keep_previous:
            previous = replace(live[0], expires_at=milliseconds(machine_now() + keep_previous))
        kept = (new,) if previous is None else (new, previous)
        await self._write(code, kept, session=session)
        return previous

    async def revoke(self, code: str, secret_id: str, *, session: Session) -> None:
        """End a secret at once."""
        live = await self.live(code, session=session)
        left = [one for one in live if one.id != secret_id]
        if len(left) == len(live):
            raise SecretNotFound(f"{code} 没有编号为 {secret_id} 的有效密钥")
        await self._write(code, left, session=session)

    async def _write(self, code: str, secrets: Sequence[Secret], *, session: Session) -> None:
        rows = [secret_row(one) for one in secrets]
        await self._senders.update_one({"_id": code}, {"$set": {"secrets": rows}}, session=session)


def secrets_of(row: Row) -> tuple[Secret, ...]:
    """Return the secrets in a sender's document."""
    return tuple(
        Secret(
            id=one["id"],
            sealed=one["sealed"],
            created_at=one["created_at"],
            expires_at=one["expires_at"],
        )
        for one in row["secrets"]
    )


def secret_row(secret: Secret) -> Row:
    """Return a secret as it lies in its sender's document."""
    return {
        "id": secret.id,
        "sealed": secret.sealed,
        "created_at": secret.created_at,
        "expires_at": secret.expires_at,
    }

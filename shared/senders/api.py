"""Routes by which a sender's signing secrets change while everything runs, for each kind alike."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from shared import problem
from shared.access.enforcement import CallerDep
from shared.access.tokens import Caller
from shared.audit.log import AuditLog, Entry, Who
from shared.errors import Malformed, NotFound, Unavailable
from shared.idempotency import KeyedRequestRunning, KeyReused, OnceDep
from shared.mongo import Database, Session, transact
from shared.sealing import Sealer
from shared.senders.model import Secret
from shared.senders.signing import new_signing_secret, sealed_secret
from shared.senders.store import SecretNotFound, SecretStore, TwoSecretsLive

SENDER_CODE: Final = r"^[0-9A-Za-z_-]{2,32}$"
_USUAL_HOURS = 24
_MOST_HOURS = 7 * 24


class Rotation(BaseModel):
    """How long the secret in use holds beside the new one."""

    model_config = ConfigDict(extra="forbid")

    keep_previous_hours: int = Field(default=_USUAL_HOURS, ge=0, le=_MOST_HOURS)


class NewSecret(BaseModel):
    """A signing secret just made; it is shown in this answer only."""

    id: str
    secret: str
    created_at: datetime
    previous_valid_until: datetime | None


class SecretView(BaseModel):
    """A live secret, without itself."""

    id: str
    created_at: datetime
    expires_at: datetime | None


class SecretViews(BaseModel):
    """A sender's live secrets, the newest first; two at most."""

    secrets: list[SecretView]


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretsDesk:
    """Makes and ends the signing secrets of one kind of sender, each time with its audit row."""

    kind: str
    db: Database
    store: SecretStore
    sealer: Sealer
    audit: AuditLog

    async def rotate(
        self, code: str, *, keep: timedelta, caller: Caller, session: Session
    ) -> NewSecret:
        """Make a new secret beside the one in use."""
        secret = new_signing_secret()
        new = sealed_secret(secret, self.sealer)
        previous = await self.store.rotate(code, new, keep_previous=keep, session=session)
        await self._record("secret-made", code, new.id, caller, session)
        return NewSecret(
            id=new.id,
            secret=secret,
            created_at=new.created_at,
            previous_valid_until=None if previous is None else previous.expires_at,
        )

    async def revoke(self, code: str, secret_id: str, *, caller: Caller) -> None:
        """End a secret at once."""

        async def work(session: Session) -> None:
            await self.store.revoke(code, secret_id, session=session)
            await self._record("secret-revoked", code, secret_id, caller, session)

        await transact(self.db, work)

    async def _record(
        self, action: str, code: str, secret_id: str, caller: Caller, session: Session
    ) -> None:
        entry = Entry(
            action=f"{self.kind}.{action}",
            about_kind=self.kind,
            about_id=code,
            who=Who.of(caller),
            details={"secret": secret_id},
        )
        await self.audit.record(entry, session=session)


def secrets_router(
    prefix: str, *, parameter: str, absent: type[NotFound], desk: str = "secrets_desk"
) -> APIRouter:
    """Return the routes of one kind of sender; ``desk`` names its desk in the app's state."""
    router = APIRouter(prefix=prefix, tags=["签名密钥"])

    @router.post(
        f"/{{{parameter}}}/secrets",
        status_code=201,
        responses=problem.responses(
            absent, TwoSecretsLive, KeyedRequestRunning, KeyReused, Malformed, Unavailable
        ),
    )
    async def make_secret(
        code: Annotated[str, Path(alias=parameter, pattern=SENDER_CODE)],
        caller: CallerDep,
        request: Request,
        once: OnceDep,
        asked: Rotation | None = None,
    ) -> NewSecret:
        """换发签名密钥：新密钥只显示这一次，旧密钥在所述时间内继续有效。"""
        found = _desk(request, desk)
        keep = timedelta(hours=(asked or Rotation()).keep_previous_hours)

        async def work(session: Session) -> NewSecret:
            return await found.rotate(code, keep=keep, caller=caller, session=session)

        return await once.within(NewSecret, work, sealer=found.sealer)

    @router.get(
        f"/{{{parameter}}}/secrets", responses=problem.responses(absent, Malformed, Unavailable)
    )
    async def list_secrets(
        code: Annotated[str, Path(alias=parameter, pattern=SENDER_CODE)], request: Request
    ) -> SecretViews:
        """列出有效的签名密钥，只有编号和时间，没有密钥本身。"""
        live = await _desk(request, desk).store.live(code)
        return SecretViews(secrets=[_view(one) for one in live])

    @router.delete(
        f"/{{{parameter}}}/secrets/{{secret_id}}",
        status_code=204,
        responses=problem.responses(absent, SecretNotFound, Malformed, Unavailable),
    )
    async def revoke_secret(
        code: Annotated[str, Path(alias=parameter, pattern=SENDER_CODE)],
        secret_id: Annotated[str, Path(max_length=64)],
        caller: CallerDep,
        request: Request,
    ) -> None:
        """立即作废一个签名密钥。"""
        await _desk(request, desk).revoke(code, secret_id, caller=caller)

    return router


def _desk(request: Request, name: str) -> SecretsDesk:
    desk: SecretsDesk = getattr(request.app.state, name)
    return desk


def _view(secret: Secret) -> SecretView:
    return SecretView(id=secret.id, created_at=secret.created_at, expires_at=secret.expires_at)

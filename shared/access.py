"""Who is asking: bearer tokens of the city's issuer, and what they vouch for."""

import asyncio
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import httpx
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from shared.errors import Forbidden, Unauthenticated

ROLES = ("staff", "institution", "platform", "bank", "bank_admin", "admin")
ALGORITHMS = ["ES256", "RS256"]
_LEEWAY_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Caller:
    """The bearer of a token, as far as the token vouches for them."""

    subject: str
    role: str
    department: str | None = None
    town: str | None = None
    institution: str | None = None
    bank: str | None = None
    scopes: frozenset[str] = frozenset()

    def require_role(self, *roles: str) -> None:
        """Refuse every other role; an administrator may do what any role may."""
        if self.role != "admin" and self.role not in roles:
            raise Forbidden(f"此操作仅限以下角色：{'、'.join(roles)}")

    def require_department(self, *codes: str) -> None:
        """Refuse staff of other departments and every other role."""
        self.require_role("staff")
        if self.role != "admin" and not {self.department, self.town} & set(codes):
            raise Forbidden("此操作不属于您所在部门的职责")

    def require_bank(self, code: str) -> None:
        """Refuse another bank; staff may read every bank's."""
        self.require_role("bank", "staff")
        if self.role == "bank" and self.bank != code:
            raise Forbidden("银行只能查询自己的记录")


class Verifier:
    """Checks bearer tokens against the issuer's published keys."""

    def __init__(self, *, jwks: str, issuer: str, audience: str) -> None:
        self._jwks = jwks
        self._keys: KeySet | None = None
        self._claims = jwt.JWTClaimsRegistry(
            now=lambda: int(time.time()),
            leeway=_LEEWAY_SECONDS,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            sub={"essential": True},
        )

    async def load(self) -> None:
        """Read the issuer's keys, from a file or an address."""
        if self._jwks.startswith(("http://", "https://")):
            async with httpx.AsyncClient(timeout=10) as client:
                document = (await client.get(self._jwks)).raise_for_status().json()
        else:
            document = json.loads(await asyncio.to_thread(Path(self._jwks).read_text))
        self._keys = KeySet.import_key_set(document)

    def caller_of(self, token: str) -> Caller:
        """Return the bearer of a token; refuse one that is forged, expired or for another door."""
        if self._keys is None:
            raise Unauthenticated("令牌公钥尚未载入")
        try:
            claims = jwt.decode(token, self._keys, algorithms=ALGORITHMS).claims
            self._claims.validate(claims)
            return _caller(claims)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise Unauthenticated("令牌无效或已过期") from error


def _caller(claims: dict[str, Any]) -> Caller:
    if claims.get("role") not in ROLES:
        raise ValueError
    return Caller(
        subject=str(claims["sub"]),
        role=claims["role"],
        scopes=frozenset(str(claims.get("scope", "")).split()),
        **{name: claims.get(name) for name in ("department", "town", "institution", "bank")},
    )


_bearer = HTTPBearer(auto_error=False, description="JWT of the city's issuer")


def caller(
    request: Request,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Caller:
    """Return who asks; 401 without a valid token. The app's ``state.verifier`` checks it."""
    if credentials is None:
        raise Unauthenticated("缺少 Bearer 令牌")
    verifier: Verifier = request.app.state.verifier
    return verifier.caller_of(credentials.credentials)


CallerDep = Annotated[Caller, Depends(caller)]

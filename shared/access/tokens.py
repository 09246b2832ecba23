"""Who is asking: bearer tokens of the city's issuer, and what they vouch for."""

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import httpx
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from shared.access.scopes import default_scopes
from shared.errors import Forbidden, Unauthenticated
from shared.logs import log

ROLES: Final = ("staff", "institution", "platform", "bank", "bank_admin", "admin")
ALGORITHMS: Final = ["ES256", "RS256"]
_LEEWAY_SECONDS = 30
_KEYS_TIMEOUT_SECONDS = 3.0
# Anybody may send a token with a made-up key id: the issuer must not be asked for each.
_RELOAD_PAUSE_SECONDS = 5.0
_LONGEST_CLAIM = 255
_NAMING_CLAIMS = ("sub", "jti", "department", "town", "institution", "bank", "platform")


@dataclass(frozen=True, slots=True)
class Caller:
    """The bearer of a token, as far as the token vouches for them."""

    subject: str
    role: str
    department: str | None = None
    town: str | None = None
    institution: str | None = None
    bank: str | None = None
    platform: str | None = None
    scopes: frozenset[str] = frozenset()
    token_id: str | None = None

    @property
    def office(self) -> str | None:
        """The department or town that staff act for."""
        return (self.department or self.town) if self.role == "staff" else None

    def require_role(self, *roles: str) -> None:
        """Refuse every other role; an administrator may do what any role may."""
        if self.role != "admin" and self.role not in roles:
            raise Forbidden(f"此操作仅限以下角色：{'、'.join(roles)}")

    def require_department(self, *codes: str) -> None:
        """Refuse staff of other departments: where the body or the thing names whose it is."""
        self.require_role("staff")
        if self.role != "admin" and self.office not in codes:
            raise Forbidden("此操作不属于您所在部门的职责")


class Verifier:
    """Checks bearer tokens against the issuer's published keys."""

    def __init__(
        self,
        *,
        jwks: str,
        issuer: str,
        audience: str,
        reload_pause_seconds: float = _RELOAD_PAUSE_SECONDS,
    ) -> None:
        self._jwks = jwks
        self._keys: KeySet | None = None
        self._pause = reload_pause_seconds
        self._asked_at = float("-inf")
        self._asking = asyncio.Lock()
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
        self._asked_at = time.monotonic()
        if self._jwks.startswith(("http://", "https://")):
            async with httpx.AsyncClient(timeout=_KEYS_TIMEOUT_SECONDS) as client:
                document = (await client.get(self._jwks)).raise_for_status().json()
        else:
            document = json.loads(await asyncio.to_thread(Path(self._jwks).read_text))
        self._keys = KeySet.import_key_set(document)

    async def caller_of(self, token: str) -> Caller:
        """Return the bearer of a token; refuse one that is forged, expired or for another door.

        A key that is not known yet may be the issuer's newest: its keys are read again, seldom.
        """
        seen = self._keys
        try:
            try:
                return self._checked(token)
            except InvalidKeyIdError:
                await self._load_newer_than(seen)
                return self._checked(token)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise Unauthenticated("令牌无效或已过期") from error

    def _checked(self, token: str) -> Caller:
        if self._keys is None:
            raise Unauthenticated("令牌公钥尚未载入")
        claims = jwt.decode(token, self._keys, algorithms=ALGORITHMS).claims
        self._claims.validate(claims)
        return _caller(claims)

    async def _load_newer_than(self, seen: KeySet | None) -> None:
        async with self._asking:
            if self._keys is not seen or time.monotonic() - self._asked_at < self._pause:
                return
            try:
                await self.load()
            except (httpx.HTTPError, OSError, ValueError, JoseError) as error:
                # The keys at hand stay good; the token in question is refused.
                log.warning("access.keys_not_read", error=type(error).__name__)


def _caller(claims: Mapping[str, Any]) -> Caller:
    role = claims.get("role")
    if role not in ROLES:
        raise ValueError
    named = {claim: _text(claims.get(claim)) for claim in _NAMING_CLAIMS}
    if not named["sub"]:
        raise ValueError
    known = Caller(
        subject=named["sub"],
        role=role,
        department=named["department"],
        town=named["town"],
        institution=named["institution"],
        bank=named["bank"],
        platform=named["platform"],
        token_id=named["jti"],
    )
    scopes = default_scopes(role, known.office)
    if (scope := claims.get("scope")) is not None:
        scopes &= frozenset(str(scope).split())
    return replace(known, scopes=scopes)


def _text(claim: object) -> str | None:
    """Return a claim that names something; what is no text, or too long for a name, is refused."""
    if claim is None:
        return None
    if not isinstance(claim, str) or len(claim) > _LONGEST_CLAIM:
        raise ValueError
    return claim

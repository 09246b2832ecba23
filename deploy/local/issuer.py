"""The token issuer of the local stack: what the city's OIDC issuer is in production."""

import json
import time
from dataclasses import dataclass
from pathlib import Path

from joserfc import jwt
from joserfc.jwk import ECKey

from deploy.local.problem import StackProblem
from shared.ids import new_id

ISSUER = "urn:haining:local-issuer"
AUDIENCE = "urn:haining:services"
_SECONDS_AN_HOUR = 3600
_BINDING = ("department", "town", "institution", "bank", "platform")


@dataclass(frozen=True, slots=True)
class Issuer:
    """Signs tokens with the private key of this stack."""

    key_file: Path

    def token(self, *, role: str, hours: float = 1, **claims: str | None) -> str:
        """Return a bearer token for a role, with the claims that bind or narrow it."""
        given = {claim: value for claim, value in claims.items() if value is not None}
        bound = [given[claim] for claim in _BINDING if claim in given]
        # Tokens live by the machine's clock, never by the service clock of --as-of.
        now = int(time.time())
        said: dict[str, object] = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": ":".join((role, *bound)),
            "jti": new_id(),
            "role": role,
            "iat": now,
            "exp": now + int(hours * _SECONDS_AN_HOUR),
            **given,
        }
        key = self._key()
        return jwt.encode({"alg": "ES256", "kid": key.kid}, said, key)

    def _key(self) -> ECKey:
        try:
            return ECKey.import_key(json.loads(self.key_file.read_text()))
        except FileNotFoundError as error:
            raise StackProblem("还没有密钥：请先执行 ./run up") from error

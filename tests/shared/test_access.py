"""Bearer tokens: who is let in, and as whom."""

import base64
import hmac
import json
import time
from collections.abc import Callable

import httpx
import pytest
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from shared import problem
from shared.access import ROLES, Caller, CallerDep, Verifier
from shared.errors import Forbidden, Unauthenticated
from tests.conftest import AUDIENCE, ISSUER, KEY

LEEWAY_SECONDS = 30


def seconds_from_now(seconds: int) -> int:
    return int(time.time()) + seconds


def by_hand(alg: str, sign: Callable[[bytes], bytes]) -> str:
    """Return a token that no decent library would make."""
    parts = ({"alg": alg, "kid": "tests"}, CLAIMS)
    text = b".".join(base64url(json.dumps(part).encode()) for part in parts)
    return b".".join([text, base64url(sign(text))]).decode()


def base64url(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


CLAIMS = {
    "sub": "test",
    "iss": ISSUER,
    "aud": AUDIENCE,
    "exp": 2**33,
    "role": "staff",
}


class TestVerifier:
    @pytest.mark.parametrize("role", ROLES)
    def test_lets_every_known_role_in(self, access, token, role):
        assert access.caller_of(token(role=role)).role == role

    def test_says_what_the_token_vouches_for(self, access, token):
        claims = {"role": "staff", "department": "pboc", "town": "changan", "scope": "read write"}

        assert access.caller_of(token(**claims)) == Caller(
            subject="test",
            role="staff",
            department="pboc",
            town="changan",
            scopes=frozenset({"read", "write"}),
        )

    @pytest.mark.parametrize(
        "claims",
        [
            {"exp": seconds_from_now(-LEEWAY_SECONDS - 5)},
            {"exp": None},
            {"exp": "soon"},
            {"nbf": seconds_from_now(7200)},
            {"aud": "urn:another:city"},
            {"aud": None},
            {"iss": "urn:another:issuer"},
            {"iss": None},
            {"sub": None},
            {"role": "king"},
            {"role": None},
            {"role": ["staff"]},
            {"role": {"staff": True}},
        ],
        ids=str,
    )
    def test_refuses_claims_that_are_not_for_this_door(self, access, token, claims):
        with pytest.raises(Unauthenticated):
            access.caller_of(token(**{"role": "staff", **claims}))

    @pytest.mark.parametrize(
        "forged",
        [
            jwt.encode({"alg": "ES256", "kid": "tests"}, CLAIMS, ECKey.generate_key("P-256")),
            jwt.encode({"alg": "ES256", "kid": "unknown"}, CLAIMS, KEY),
            # The public key, which everybody has, taken for a shared secret.
            by_hand("HS256", lambda text: hmac.digest(KEY.as_pem(private=False), text, "sha256")),
            by_hand("none", lambda _: b""),
            "",
            "not.a.token",
            "中文",
        ],
        ids=[
            "wrong key",
            "unknown key",
            "public key as secret",
            "unsigned",
            "none",
            "junk",
            "text",
        ],
    )
    @pytest.mark.filterwarnings("ignore")
    def test_refuses_what_the_issuer_did_not_sign(self, access, forged):
        with pytest.raises(Unauthenticated):
            access.caller_of(forged)

    def test_refuses_everybody_before_it_has_keys(self, token):
        verifier = Verifier(jwks="", issuer=ISSUER, audience=AUDIENCE)

        with pytest.raises(Unauthenticated):
            verifier.caller_of(token(role="admin"))

    async def test_takes_a_new_key_of_the_issuer_once_loaded(self, tmp_path, token):
        file = tmp_path / "jwks.json"
        file.write_text(json.dumps(KeySet([ECKey.generate_key("P-256", {"kid": "old"})]).as_dict()))
        verifier = Verifier(jwks=str(file), issuer=ISSUER, audience=AUDIENCE)
        await verifier.load()
        with pytest.raises(Unauthenticated):
            verifier.caller_of(token(role="admin"))

        file.write_text(json.dumps(KeySet([KEY]).as_dict(private=False)))
        await verifier.load()

        assert verifier.caller_of(token(role="admin")).role == "admin"


class TestCaller:
    @pytest.mark.parametrize(
        ("caller", "let_in"),
        [
            (Caller("s", "bank", bank="a"), {"role", "bank a"}),
            (Caller("s", "bank"), {"role"}),
            (Caller("s", "staff", department="pboc"), {"bank a", "bank b", "department"}),
            (Caller("s", "staff", department="health"), {"bank a", "bank b"}),
            (Caller("s", "staff", town="changan"), {"bank a", "bank b", "town"}),
            (Caller("s", "staff"), {"bank a", "bank b"}),
            (Caller("s", "institution", department="pboc", bank="a"), set()),
            (Caller("s", "bank_admin", bank="a"), set()),
            (
                Caller("s", "admin"),
                {"role", "bank a", "bank b", "department", "town"},
            ),
        ],
        ids=str,
    )
    def test_may_do_what_the_role_may_and_no_more(self, caller, let_in):
        doors = {
            "role": lambda: caller.require_role("bank"),
            "bank a": lambda: caller.require_bank("a"),
            "bank b": lambda: caller.require_bank("b"),
            "department": lambda: caller.require_department("pboc"),
            "town": lambda: caller.require_department("changan"),
        }
        refused = set()
        for name, enter in doors.items():
            try:
                enter()
            except Forbidden:
                refused.add(name)

        assert set(doors) - refused == let_in


class TestDoor:
    @pytest.fixture
    async def http(self, access):
        app = FastAPI()
        problem.install(app)
        app.state.verifier = access

        @app.get("/me")
        async def me(caller: CallerDep) -> dict[str, str]:
            caller.require_role("bank")
            return {"role": caller.role}

        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            yield client

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Authorization": "Bearer"},
            {"Authorization": "Bearer junk"},
            {"Authorization": "Basic dGVzdDp0ZXN0"},
        ],
        ids=str,
    )
    async def test_answers_401_as_a_problem(self, http, headers):
        answer = await http.get("/me", headers=headers)

        assert answer.status_code == 401
        assert answer.headers["content-type"] == problem.MEDIA_TYPE
        assert answer.headers["www-authenticate"] == "Bearer"

    @pytest.mark.parametrize(("role", "status"), [("bank", 200), ("admin", 200), ("staff", 403)])
    async def test_answers_by_the_role(self, http, token, role, status):
        bearer = {"Authorization": f"Bearer {token(role=role)}"}

        assert (await http.get("/me", headers=bearer)).status_code == status

    async def test_answers_401_to_an_expired_token(self, http, token):
        expired = token(role="bank", exp=seconds_from_now(-60))

        answer = await http.get("/me", headers={"Authorization": f"Bearer {expired}"})

        assert answer.status_code == 401

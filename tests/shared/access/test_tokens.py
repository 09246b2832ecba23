"""Bearer tokens: who is let in, and as whom."""

import base64
import hmac
import json
import time
from collections.abc import Callable

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from shared.access.scopes import SCOPES, default_scopes
from shared.access.tokens import ROLES, Caller, Verifier
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
    async def test_lets_every_known_role_in(self, access, token, role):
        assert (await access.caller_of(token(role=role))).role == role

    async def test_says_what_the_token_vouches_for(self, access, token):
        claims = {"role": "staff", "department": "pboc", "town": "changan", "jti": "t-1"}

        assert await access.caller_of(token(**claims)) == Caller(
            subject="test",
            role="staff",
            department="pboc",
            town="changan",
            token_id="t-1",
            scopes=default_scopes("staff", "pboc"),
        )

    @pytest.mark.parametrize(
        ("scope", "left"),
        [
            ("alerts:read", {"alerts:read"}),
            ("alerts:read registry:write openid", {"alerts:read"}),
            ("", set()),
        ],
    )
    async def test_narrows_a_role_to_the_scopes_of_its_token(self, access, token, scope, left):
        caller = await access.caller_of(token(role="staff", department="pboc", scope=scope))

        assert caller.scopes == left

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
            {"sub": ""},
            {"sub": "s" * 256},
            {"department": ["pboc"]},
            {"jti": 7},
        ],
    )
    async def test_refuses_claims_that_are_not_for_this_door(self, access, token, claims):
        with pytest.raises(Unauthenticated):
            await access.caller_of(token(**{"role": "staff", **claims}))

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
    async def test_refuses_what_the_issuer_did_not_sign(self, access, forged):
        with pytest.raises(Unauthenticated):
            await access.caller_of(forged)

    async def test_refuses_everybody_before_it_has_keys(self, token):
        verifier = Verifier(jwks="", issuer=ISSUER, audience=AUDIENCE)

        with pytest.raises(Unauthenticated):
            await verifier.caller_of(token(role="admin"))


class TestRotationOfTheIssuersKeys:
    @pytest.fixture
    def published(self, tmp_path):
        """Publish keys where the verifier reads them."""
        file = tmp_path / "jwks.json"

        def publish(*keys):
            file.write_text(json.dumps(KeySet(list(keys)).as_dict(private=False)))
            return str(file)

        return publish

    @pytest.fixture
    async def verifier(self, published):
        jwks = published(ECKey.generate_key("P-256", {"kid": "old"}))
        verifier = Verifier(jwks=jwks, issuer=ISSUER, audience=AUDIENCE, reload_pause_seconds=0)
        await verifier.load()
        return verifier

    async def test_a_key_that_is_not_known_yet_is_read(self, verifier, published, token):
        published(KEY)

        assert (await verifier.caller_of(token(role="admin"))).role == "admin"

    async def test_a_key_that_the_issuer_withdrew_is_good_no_longer(
        self, verifier, published, token
    ):
        published(KEY)
        await verifier.caller_of(token(role="admin"))
        published(ECKey.generate_key("P-256", {"kid": "newest"}))
        with pytest.raises(Unauthenticated):
            await verifier.caller_of(_signed_by(ECKey.generate_key("P-256", {"kid": "another"})))

        with pytest.raises(Unauthenticated):
            await verifier.caller_of(token(role="admin"))

    async def test_the_keys_at_hand_stay_while_the_issuer_is_away(self, verifier, tmp_path, token):
        (tmp_path / "jwks.json").write_text(json.dumps(KeySet([KEY]).as_dict(private=False)))
        await verifier.caller_of(token(role="admin"))
        (tmp_path / "jwks.json").unlink()
        with pytest.raises(Unauthenticated):
            await verifier.caller_of(_signed_by(ECKey.generate_key("P-256", {"kid": "made-up"})))

        assert (await verifier.caller_of(token(role="admin"))).role == "admin"

    async def test_made_up_keys_do_not_make_it_ask_each_time(self, published, token):
        jwks = published(ECKey.generate_key("P-256", {"kid": "old"}))
        verifier = Verifier(jwks=jwks, issuer=ISSUER, audience=AUDIENCE, reload_pause_seconds=3_600)
        await verifier.load()
        published(KEY)

        with pytest.raises(Unauthenticated):
            await verifier.caller_of(token(role="admin"))


class TestCaller:
    @pytest.mark.parametrize(
        ("caller", "let_in"),
        [
            (Caller("s", "bank", bank="a"), {"role"}),
            (Caller("s", "staff", department="pboc"), {"department"}),
            (Caller("s", "staff", department="health"), set()),
            (Caller("s", "staff", town="changan"), {"town"}),
            (Caller("s", "staff"), set()),
            (Caller("s", "institution", department="pboc"), set()),
            (Caller("s", "admin"), {"role", "department", "town"}),
        ],
        ids=lambda one: str(sorted(one) if isinstance(one, set) else one),
    )
    def test_may_do_what_the_role_may_and_no_more(self, caller, let_in):
        doors = {
            "role": lambda: caller.require_role("bank"),
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


class TestDefaultScopes:
    def test_an_administrator_has_all_of_them(self):
        assert default_scopes("admin", None) == set(SCOPES)

    @pytest.mark.parametrize(
        ("office", "has", "has_not"),
        [
            ("education", {"registry:write", "funds:read"}, {"platforms:admin", "banks:admin"}),
            ("civil_affairs", {"registry:write"}, {"funds:read"}),
            ("pboc", {"funds:read"}, {"registry:write"}),
            ("economy_it", {"platforms:admin"}, {"registry:write", "funds:read"}),
            ("xiashi", {"alerts:read"}, {"funds:read", "registry:write"}),
        ],
    )
    def test_staff_have_those_of_their_departments_duties(self, office, has, has_not):
        given = default_scopes("staff", office)

        assert has <= given
        assert not has_not & given

    @pytest.mark.parametrize("role", ROLES)
    def test_no_scope_is_without_a_description(self, role):
        assert default_scopes(role, "education") <= set(SCOPES)

    def test_a_department_gives_nothing_to_another_role(self):
        assert "registry:write" not in default_scopes("bank", "education")


def _signed_by(key):
    return jwt.encode({"alg": "ES256", "kid": key.kid}, CLAIMS, key)

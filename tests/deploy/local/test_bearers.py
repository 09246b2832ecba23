"""For whom the command line makes a token, and what it says of what does not go together."""

import pytest

from deploy.local.bearers import Bearer
from deploy.local.issuer import AUDIENCE, ISSUER, Issuer
from deploy.local.keys import Keys
from deploy.local.problem import StackProblem
from shared.access.tokens import Verifier


class TestBearer:
    @pytest.mark.parametrize(
        ("named", "role"),
        [
            ({"department": "pboc"}, "staff"),
            ({"town": "xiashi"}, "staff"),
            ({"institution": "i-1"}, "institution"),
            ({"bank": "alpha"}, "bank"),
            ({"platform": "alpha"}, "platform"),
            ({"role": "bank_admin"}, "bank_admin"),
            ({"role": "admin"}, "admin"),
            ({"role": "staff", "department": "pboc", "scope": "alerts:read"}, "staff"),
            ({"role": "admin", "subject": "zhang"}, "admin"),
        ],
        ids=str,
    )
    def test_has_the_role_of_whom_it_is_for(self, named, role):
        claims = Bearer(**named).claims()

        assert claims["role"] == role
        assert {claims.get("sub"), *named.values()} >= set(named.values())

    @pytest.mark.parametrize(
        ("named", "says"),
        [
            ({}, "--department"),
            ({"role": "king"}, "没有 king 这个角色"),
            ({"role": "staff"}, "--department 或 --town"),
            ({"role": "bank"}, "bank 令牌须说明 --bank"),
            ({"role": "platform"}, "platform 令牌须说明 --platform"),
            ({"role": "admin", "bank": "alpha"}, "admin 令牌不能带 --bank"),
            ({"bank": "alpha", "department": "pboc"}, "不能带"),
            ({"department": "pboc", "town": "xiashi"}, "只能填一个"),
            ({"department": "pbocc"}, "没有 pbocc 这个部门"),
            ({"town": "pboc"}, "--department pboc"),
            ({"department": "pboc", "scope": "registry:write"}, "没有权限 registry:write"),
            ({"bank": "alpha", "scope": "nonsense"}, "没有权限 nonsense"),
        ],
        ids=str,
    )
    def test_says_what_does_not_go_together(self, named, says):
        with pytest.raises(StackProblem, match=says):
            Bearer(**named).claims()

    async def test_is_the_one_that_services_see(self, tmp_path):
        keys = Keys(tmp_path)
        keys.make()
        verifier = Verifier(jwks=str(keys.issuer_jwks), issuer=ISSUER, audience=AUDIENCE)
        await verifier.load()
        bearer = Bearer(department="pboc", scope="alerts:read", subject="wang")

        caller = await verifier.caller_of(Issuer(keys.issuer_key).token(**bearer.claims()))

        assert (caller.subject, caller.department) == ("wang", "pboc")
        assert caller.scopes == {"alerts:read"}
        assert caller.token_id

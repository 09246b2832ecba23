"""The secret files of the containers: made once, and good for tokens that the services take."""

import pytest

from deploy.containers import secrets
from deploy.local.issuer import AUDIENCE, ISSUER
from deploy.local.problem import StackProblem
from shared.access.tokens import Verifier


class TestMake:
    def test_keeps_what_is_there(self, tmp_path):
        folder = secrets.make(tmp_path)
        first = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}

        secrets.make(tmp_path)

        again = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
        assert again == first

    def test_leaves_other_lines_of_the_environment_alone(self, tmp_path):
        (tmp_path / ".env").write_text("REGISTRY_PORT=28800\nHAINING_UID=1\n")

        secrets.make(tmp_path)

        lines = (tmp_path / ".env").read_text().splitlines()
        assert lines[0] == "REGISTRY_PORT=28800"
        assert "HAINING_UID=1" not in lines


class TestIssuer:
    async def test_signs_what_the_services_take(self, tmp_path):
        folder = secrets.make(tmp_path)
        verifier = Verifier(jwks=str(folder / "issuer_jwks"), issuer=ISSUER, audience=AUDIENCE)
        await verifier.load()

        token = secrets.issuer(tmp_path).token(role="staff", department="pboc")

        assert (await verifier.caller_of(token)).department == "pboc"

    def test_says_what_makes_the_keys(self, tmp_path):
        with pytest.raises(StackProblem, match=r"\./run secrets"):
            secrets.issuer(tmp_path)

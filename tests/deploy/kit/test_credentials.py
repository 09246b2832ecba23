import pytest

from deploy.kit.credentials import check_seed
from deploy.local.keys import Keys


@pytest.fixture
def seed(tmp_path):
    keys = Keys(tmp_path)
    keys.make_nats_seeds(["pboc"])
    return keys.nats_seed("pboc")


class TestCheckSeed:
    def test_shows_the_public_key_and_never_the_seed(self, seed):
        check = check_seed(seed)

        assert check.ok
        assert check.detail.startswith("公钥 U")
        assert seed.read_text() not in check.detail

    def test_says_how_to_make_one_that_is_missing(self, seed):
        seed.unlink()

        assert "./run up" in check_seed(seed).advice

    def test_refuses_one_that_others_can_read(self, seed):
        seed.chmod(0o640)

        check = check_seed(seed)

        assert not check.ok
        assert "chmod 600" in check.advice

    @pytest.mark.parametrize("content", ["", "no seed", "SUAAAA"])
    def test_refuses_what_is_no_seed(self, seed, content):
        seed.write_text(content)

        assert not check_seed(seed).ok

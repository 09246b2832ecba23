"""The kit at a door of TLS: a private authority, and a certificate that the bank has registered."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.bank_kit.cases import booking
from deploy.bank_kit.connecting import Trust, connected
from deploy.bank_kit.running import run
from deploy.commands.banks import app
from deploy.local.problem import StackProblem
from shared.access.tokens import Verifier
from shared.mongo import Database
from tests.deploy.bank_kit.plans import SECRET, a_plan
from tests.fund_monitor.api.test_bank_access import put
from tests.support.certificates import Authority, Issued
from tests.support.fund import FundMonitor, fund_monitor
from tests.support.servers import NatsServer
from tests.support.tls_port import served_over_tls

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]


@pytest.fixture
def city(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "city")


@pytest.fixture
def banks(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "banks")


@pytest.fixture
def alpha(banks: Authority) -> Issued:
    return banks.issue("alpha")


@pytest.fixture
async def fund(
    database: Database, bus: NatsServer, access: Verifier, token: Callable[..., str], alpha: Issued
) -> AsyncIterator[FundMonitor]:
    """A door that knows the bank by this one certificate only."""
    async with fund_monitor(database, bus, access, token) as running:
        await running.add_bank("alpha")
        assert (await put(running, certificates=[alpha.fingerprint])).status_code == 200
        yield running


@pytest.fixture
async def url(fund: FundMonitor, city: Authority, banks: Authority) -> AsyncIterator[str]:
    async with served_over_tls(fund.app, city, clients=banks) as served:
        yield served


async def test_passes_with_the_certificate_that_is_registered_and_fails_without(
    fund: FundMonitor, url: str, city: Authority, alpha: Issued
):
    plan = a_plan(
        url=url, secret=fund.secrets["alpha"], reader=fund.token(role="bank", bank="alpha")
    )
    shown = Trust(
        ca_file=city.root.certificate, client_cert_file=alpha.certificate, client_key_file=alpha.key
    )

    async with connected(url, shown) as client:
        with_it = await run(client, plan, cases=booking.CASES[:1])
    async with connected(url, Trust(ca_file=city.root.certificate)) as client:
        without = await run(client, plan, cases=booking.CASES[:1])

    assert with_it.passed, with_it.cases[0].seen
    assert "403 client-certificate-refused" in without.cases[0].seen


async def test_names_the_option_where_nobody_it_trusts_vouches_for_the_door(url: str):
    with pytest.raises(StackProblem, match="--ca-file"):
        async with connected(url, Trust()):
            pass


class TestFiles:
    @pytest.mark.parametrize("name", ["--ca-file", "--client-cert-file"])
    def test_that_are_no_certificates_are_named(self, tmp_path: Path, name: str):
        nothing = tmp_path / "nothing.pem"
        nothing.write_text("nothing")
        secret = tmp_path / "secret"
        secret.write_text(SECRET)
        asked = ["--url", "https://127.0.0.1:1", "--bank", "alpha", "--secret-file", str(secret)]

        told = CliRunner().invoke(
            app, ["bank-kit", *asked, "--token-file", str(secret), name, str(nothing)]
        )

        assert isinstance(told.exception, StackProblem)
        assert str(nothing) in str(told.exception)

    def test_a_key_without_its_certificate_is_refused(self, tmp_path: Path):
        with pytest.raises(StackProblem, match="--client-cert-file"):
            Trust(client_key_file=tmp_path / "alpha.key").context()

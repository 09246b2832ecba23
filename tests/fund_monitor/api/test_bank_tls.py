"""The door without a proxy: TLS of its own, and certificates that banks show to it."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_network
from pathlib import Path

import httpx
import pytest

from tests.fund_monitor.api.test_bank_access import CERTIFICATE, code_of, put
from tests.shared.test_origin import FINGERPRINT
from tests.support.certificates import Authority, Issued
from tests.support.fund import FundMonitor, opened
from tests.support.tls_port import served_over_tls

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]


@pytest.fixture
def banks_authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "banks")


@pytest.fixture
def city_authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "city")


class Door:
    """A running port of TLS, as clients with this or that certificate reach it."""

    def __init__(self, fund: FundMonitor, url: str, city: Authority) -> None:
        self._fund = fund
        self._url = url
        self._city = city

    @asynccontextmanager
    async def shown(self, issued: Issued | None) -> AsyncIterator[FundMonitor]:
        """Let the bank send to the port of TLS, showing a certificate or none."""
        context = ssl.create_default_context(cafile=self._city.root.certificate)
        if issued is not None:
            context.load_cert_chain(issued.certificate, issued.key)
        within = self._fund.client
        async with httpx.AsyncClient(
            base_url=self._url, verify=context, trust_env=False
        ) as outside:
            self._fund.client = outside
            try:
                yield self._fund
            finally:
                self._fund.client = within


@pytest.fixture
async def door(
    fund: FundMonitor, city_authority: Authority, banks_authority: Authority
) -> AsyncIterator[Door]:
    async with served_over_tls(fund.app, city_authority, clients=banks_authority) as url:
        yield Door(fund, url, city_authority)


async def test_takes_events_over_tls_and_asks_nothing_more_where_nothing_is_asked(door: Door):
    async with door.shown(None) as bank:
        assert await bank.accepted([opened()]) == ["accepted"]


async def test_a_pinned_certificate_is_known_by_what_the_connection_itself_showed(
    fund: FundMonitor, door: Door, banks_authority: Authority
):
    pinned, other = banks_authority.issue("alpha"), banks_authority.issue("beta")
    assert (await put(fund, certificates=[pinned.fingerprint])).status_code == 200

    async with door.shown(pinned) as bank:
        assert await bank.accepted([opened()]) == ["accepted"]
        bearer = bank.bearer(role="bank", bank="alpha")
        assert (await bank.client.get("/v1/banks/alpha/outcomes", headers=bearer)).is_success
    for shown in (other, None):
        async with door.shown(shown) as bank:
            answer = await bank.send([opened()])
            assert (answer.status_code, code_of(answer)) == (403, "client-certificate-refused")


async def test_a_certificate_of_a_header_is_none_of_the_connection(fund: FundMonitor, door: Door):
    await put(fund, certificates=[FINGERPRINT])

    async with door.shown(None) as bank:
        bank.client.headers.update(CERTIFICATE)
        assert (await bank.send([opened()])).status_code == 403


async def test_a_proxys_own_certificate_is_not_the_banks(
    fund: FundMonitor, door: Door, banks_authority: Authority
):
    proxy = banks_authority.issue("proxy")
    await put(fund, certificates=[FINGERPRINT])
    fund.app.state.trusted_proxies = (ip_network("127.0.0.0/8"),)

    async with door.shown(proxy) as bank:
        bank.client.headers.update(CERTIFICATE)
        assert (await bank.send([opened()])).status_code == 202
        del bank.client.headers["x-ssl-client-cert"]
        assert (await bank.send([opened()])).status_code == 403
    await put(fund, certificates=[proxy.fingerprint])
    async with door.shown(proxy) as bank:
        assert (await bank.send([opened()])).status_code == 403


async def test_whom_nobody_vouches_for_gets_no_connection(door: Door, tmp_path: Path):
    stranger = Authority(tmp_path, "elsewhere").issue("stranger")

    async with door.shown(stranger) as bank:
        with pytest.raises(httpx.TransportError):
            await bank.send([opened()])

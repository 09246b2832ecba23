"""A bank's requests come from where it said, with the certificate it said, or they are refused."""

from ipaddress import ip_network
from typing import Any

import httpx
import pytest

from shared.senders.lockout import MOST_BAD
from tests.shared.test_origin import FINGERPRINT, PEM, quote
from tests.support.fund import FundMonitor, opened

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]

CERTIFICATE = {"x-ssl-client-cert": quote(PEM)}
FROM_NETWORK = {"x-forwarded-for": "10.1.2.3"}
FROM_ELSEWHERE = {"x-forwarded-for": "10.9.2.3"}


@pytest.fixture
def behind(fund: FundMonitor) -> FundMonitor:
    """The service behind a proxy that the city trusts: the one that this test is."""
    fund.app.state.trusted_proxies = (ip_network("127.0.0.0/8"),)
    return fund


async def put(fund: FundMonitor, bank: str = "alpha", **asked: Any) -> httpx.Response:
    return await fund.client.put(
        f"/v1/banks/{bank}/access",
        json={"reason": "银行来函登记", **asked},
        headers=fund.bearer(role="bank_admin"),
    )


async def send(fund: FundMonitor, headers: dict[str, str], **how: Any) -> httpx.Response:
    fund.client.headers.update(headers)
    try:
        return await fund.send([opened()], **how)
    finally:
        for name in headers:
            del fund.client.headers[name]


async def read(fund: FundMonitor, headers: dict[str, str]) -> httpx.Response:
    bearer = fund.bearer(role="bank", bank="alpha")
    return await fund.client.get("/v1/banks/alpha/outcomes", headers={**bearer, **headers})


def code_of(answer: httpx.Response) -> str:
    return str(answer.json()["type"]).rpartition(":")[2]


class TestNetworks:
    async def test_bound_what_a_bank_sends_and_reads(self, behind: FundMonitor):
        assert (await put(behind, networks=["10.1.0.0/16"])).status_code == 200

        outside = await send(behind, FROM_ELSEWHERE)

        assert (outside.status_code, code_of(outside)) == (403, "source-address-refused")
        assert code_of(await read(behind, FROM_ELSEWHERE)) == "source-address-refused"
        assert (await send(behind, FROM_NETWORK)).status_code == 202
        assert (await read(behind, FROM_NETWORK)).status_code == 200
        assert (await behind.read("/v1/banks/alpha/outcomes")).status_code == 200

    async def test_are_not_told_to_whoever_cannot_sign(self, behind: FundMonitor):
        await put(behind, networks=["10.1.0.0/16"])
        await behind.add_bank("beta")

        assert (await send(behind, FROM_ELSEWHERE, signed_by="beta")).status_code == 401

    async def test_of_a_header_from_no_proxy_of_ours_are_nothing(self, fund: FundMonitor):
        await put(fund, networks=["10.1.0.0/16"])

        assert (await send(fund, FROM_NETWORK)).status_code == 403

    async def test_may_be_taken_away_again(self, behind: FundMonitor):
        await put(behind, networks=["10.1.0.0/16"])
        await put(behind)

        assert (await send(behind, FROM_ELSEWHERE)).status_code == 202

    async def test_lock_a_strange_place_out_and_are_audited_once_a_day(self, behind: FundMonitor):
        await put(behind, networks=["10.1.0.0/16"])

        answers = [await send(behind, FROM_ELSEWHERE) for _ in range(MOST_BAD + 1)]

        assert [answer.status_code for answer in answers] == [403] * MOST_BAD + [429]
        assert (await send(behind, FROM_NETWORK)).status_code == 202
        entries = behind.db["audit"].find({"action": "bank.origin_refused"})
        [entry] = await entries.to_list()
        assert entry["details"] == {"address": "10.9.2.3", "refusal": "source-address-refused"}


class TestCertificates:
    async def test_bound_what_a_bank_sends_and_reads(self, behind: FundMonitor):
        await put(behind, certificates=[FINGERPRINT])

        without = await send(behind, {})

        assert (without.status_code, code_of(without)) == (403, "client-certificate-refused")
        assert (await send(behind, CERTIFICATE)).status_code == 202
        assert (await read(behind, CERTIFICATE)).status_code == 200
        assert (await read(behind, {})).status_code == 403

    async def test_are_two_while_one_takes_the_others_place(self, behind: FundMonitor):
        await put(behind, certificates=["0" * 64, FINGERPRINT])

        assert (await send(behind, CERTIFICATE)).status_code == 202


class TestSetting:
    async def test_is_read_back_and_audited(self, fund: FundMonitor):
        answer = await put(fund, networks=["10.1.0.0/16", "2001:db8::/32"])

        shown = await fund.read("/v1/banks/alpha/access", role="bank_admin")
        assert answer.json() == shown.json()
        assert shown.json()["networks"] == ["10.1.0.0/16", "2001:db8::/32"]
        entry = await fund.db["audit"].find_one({"action": "bank.access_changed"})
        assert (entry["details"]["networks"], entry["why"] is None) == (2, False)

    @pytest.mark.parametrize(
        "asked",
        [
            {"networks": ["10.1.0.1/16"]},
            {"networks": ["10.1.0.0/16"] * 65},
            {"certificates": ["A" * 64]},
            {"certificates": [FINGERPRINT], "reason": ""},
        ],
    )
    async def test_of_what_is_none_is_refused(self, fund: FundMonitor, asked):
        assert (await put(fund, **asked)).status_code == 422

    async def test_of_a_bank_that_is_not_there_is_refused(self, fund: FundMonitor):
        assert (await put(fund, "nobody")).status_code == 404

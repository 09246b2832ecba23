"""A bank's signing secrets change while it goes on sending."""

import httpx
import pytest

from shared.senders.lockout import MOST_BAD
from tests.support.fund import FundMonitor, opened

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]

URL = "/v1/banks/alpha/secrets"
ADMIN = {"role": "bank_admin"}


async def rotate(fund: FundMonitor, keep_hours: int | None = None, **headers: str):
    body = None if keep_hours is None else {"keep_previous_hours": keep_hours}
    return await fund.client.post(URL, json=body, headers=fund.bearer(**ADMIN) | headers)


async def status_with(fund: FundMonitor, secret: str) -> int:
    fund.secrets["alpha"] = secret
    return (await fund.send([opened()])).status_code


class TestRotation:
    async def test_both_secrets_are_good_until_the_old_one_is_revoked(self, fund: FundMonitor):
        old = fund.secrets["alpha"]

        answer = await rotate(fund)

        new = answer.json()["secret"]
        assert answer.status_code == 201
        assert answer.json()["previous_valid_until"]
        assert [await status_with(fund, secret) for secret in (old, new)] == [202, 202]
        listed = (await fund.read(URL, **ADMIN)).json()["secrets"]
        assert [set(one) for one in listed] == [{"id", "created_at", "expires_at"}] * 2
        assert "whsec_" not in str(listed)

        gone = await fund.client.delete(f"{URL}/{listed[1]['id']}", headers=fund.bearer(**ADMIN))

        assert gone.status_code == 204
        assert [await status_with(fund, secret) for secret in (old, new)] == [401, 202]

    async def test_the_old_secret_ends_at_once_when_so_asked(self, fund: FundMonitor):
        old = fund.secrets["alpha"]

        answer = await rotate(fund, keep_hours=0)

        assert answer.json()["previous_valid_until"] is None
        assert await status_with(fund, old) == 401
        assert await status_with(fund, answer.json()["secret"]) == 202

    async def test_a_third_secret_waits_for_the_end_of_the_first(self, fund: FundMonitor):
        await rotate(fund)

        again = await rotate(fund)

        assert again.status_code == 409
        assert again.json()["type"] == "urn:haining:problem:two-secrets-live"

    @pytest.mark.parametrize("hours", [-1, 169])
    async def test_the_old_secret_is_kept_for_a_week_at_most(self, fund: FundMonitor, hours):
        assert (await rotate(fund, keep_hours=hours)).status_code == 422

    async def test_is_in_the_audit(self, fund: FundMonitor):
        made = (await rotate(fund)).json()
        await fund.client.delete(f"{URL}/{made['id']}", headers=fund.bearer(**ADMIN))

        rows = await fund.db["audit"].find().sort("_id").to_list()

        assert [row["action"] for row in rows] == [
            "bank.added",
            "bank.secret-made",
            "bank.secret-revoked",
        ]
        assert {row["about"]["id"] for row in rows} == {"alpha"}
        assert "whsec_" not in str(rows)

    async def test_of_a_bank_or_secret_that_is_not_there_is_refused(self, fund: FundMonitor):
        headers = fund.bearer(**ADMIN)

        unknown = await fund.client.post("/v1/banks/nobody/secrets", headers=headers)
        no_secret = await fund.client.delete(f"{URL}/none", headers=headers)

        assert (unknown.status_code, no_secret.status_code) == (404, 404)
        assert unknown.json()["type"] == "urn:haining:problem:bank-not-found"
        assert no_secret.json()["type"] == "urn:haining:problem:secret-not-found"


class TestUnderAKey:
    async def test_a_lost_answer_with_a_secret_comes_again(self, fund: FundMonitor):
        key = {"Idempotency-Key": "rotation-1"}
        first = await rotate(fund, **key)
        again = await rotate(fund, **key)

        assert first.status_code == again.status_code == 201
        assert again.json() == first.json()
        assert len((await fund.read(URL, **ADMIN)).json()["secrets"]) == 2

    async def test_a_new_banks_secret_comes_again_and_lies_sealed(self, fund: FundMonitor):
        headers = fund.bearer(**ADMIN) | {"Idempotency-Key": "bank-1"}

        async def create(code: str) -> httpx.Response:
            return await fund.client.post("/v1/banks", json={"code": code}, headers=headers)

        first, again, other = await create("beta"), await create("beta"), await create("gamma")

        assert first.status_code == again.status_code == 201
        assert again.json() == first.json()
        assert other.json()["type"] == "urn:haining:problem:idempotency-key-reused"
        kept = await fund.db["idempotency"].find_one()
        assert "whsec_" not in str(kept)

    async def test_without_it_a_secret_is_not_shown_again(self, fund: FundMonitor):
        again = await fund.client.post(
            "/v1/banks", json={"code": "alpha"}, headers=fund.bearer(**ADMIN)
        )

        assert again.status_code == 409
        assert "whsec_" not in again.text


class TestLockout:
    @pytest.mark.parametrize("bank", ["alpha", "nobody"])
    async def test_guessing_is_stopped_and_the_bank_goes_on(self, fund: FundMonitor, bank):
        await fund.add_bank("beta")

        async def guess() -> httpx.Response:
            return await fund.send([opened()], bank=bank, signed_by="beta")

        answers = [await guess() for _ in range(MOST_BAD + 1)]

        assert [answer.status_code for answer in answers] == [401] * MOST_BAD + [429]
        assert answers[-1].json()["type"] == "urn:haining:problem:sender-locked-out"
        assert 0 < int(answers[-1].headers["retry-after"]) <= 901
        elsewhere = httpx.ASGITransport(fund.app, client=("198.51.100.7", 1))
        async with httpx.AsyncClient(transport=elsewhere, base_url="http://fund") as client:
            fund.client = client
            assert (await fund.send([opened()])).status_code == 202

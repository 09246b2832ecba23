"""Packs of contracts that platforms sign, on a real store."""

import json
import time
from datetime import UTC, datetime

import httpx
import pytest
from standardwebhooks import Webhook

from services.fund_monitor.api.contracts.packs import MOST_CONTRACTS
from services.fund_monitor.app.contracts.file_contracts import MOST_IN_ONE_GO
from tests.support.contracts import a_filing
from tests.support.fund import FundMonitor, an_institution

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]

OWNER = {"role": "institution", "institution": "inst-1"}


@pytest.fixture
async def city(fund: FundMonitor) -> FundMonitor:
    await fund.institutions.take(an_institution())
    for code in ("cloud", "other"):
        answer = await fund.client.post(
            "/v1/platforms", json={"code": code}, headers=fund.bearer(role="bank_admin")
        )
        fund.secrets[code] = answer.json()["secret"]
    return fund


async def send(
    fund: FundMonitor, contracts: object, *, platform: str = "cloud", signed_by: str | None = None
) -> httpx.Response:
    body = json.dumps({"contracts": contracts})
    moment, name = datetime.now(UTC), f"msg-{time.monotonic_ns()}"
    headers = {
        "webhook-id": name,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(fund.secrets[signed_by or platform]).sign(name, moment, body),
    }
    return await fund.client.post(
        f"/v1/platforms/{platform}/contracts", content=body, headers=headers
    )


async def results(fund: FundMonitor, contracts: object, **how: str) -> list[dict[str, object]]:
    answer = await send(fund, contracts, **how)
    assert answer.status_code == 200, answer.text
    return answer.json()["results"]


class TestReceiveContracts:
    async def test_answers_each_contract_for_itself(self, city):
        pack = [a_filing(), a_filing(contract_no="坏"), a_filing(contract_no="C2", lessons=None)]

        first, unread, misshapen = await results(city, pack)

        assert (first["status"], first["version"]) == ("filed", 1)
        assert unread["problem"]["errors"][0]["pointer"] == "/contract_no"
        assert misshapen["problem"]["errors"][0]["pointer"] == "/lessons"
        assert await city.db["contracts"].count_documents({}) == 1

    async def test_takes_a_repeat_as_one_and_another_body_as_a_new_version(self, city):
        await results(city, [a_filing()])

        again = await results(city, [a_filing(), a_filing(price_fen=1), a_filing(price_fen=1)])

        assert [one["status"] for one in again] == ["duplicate", "changed", "duplicate"]
        assert again[1]["version"] == 2

    async def test_wins_over_what_was_entered_by_hand_and_is_kept_from_hands(self, city):
        await city.client.post("/v1/contracts", json=a_filing(), headers=city.bearer(**OWNER))

        [taken] = await results(city, [a_filing()])
        by_hand = await city.client.post(
            "/v1/contracts", json=a_filing(price_fen=5), headers=city.bearer(**OWNER)
        )
        [by_another] = await results(city, [a_filing(price_fen=5)], platform="other")

        assert (taken["status"], taken["version"]) == ("changed", 2)
        assert by_hand.status_code == 409
        assert by_hand.json()["type"].endswith("contract-of-platform")
        assert by_another["problem"]["type"].endswith("contract-of-platform")

    async def test_takes_a_pack_that_needs_several_transactions(self, city):
        pack = [a_filing(contract_no=f"C{number}") for number in range(MOST_IN_ONE_GO + 5)]

        answered = await results(city, pack)

        assert {one["status"] for one in answered} == {"filed"}
        assert [one["index"] for one in answered] == list(range(MOST_IN_ONE_GO + 5))
        assert await city.db["contracts"].count_documents({"platform": "cloud"}) == len(pack)

    async def test_is_for_the_platform_that_signed(self, city):
        assert (await send(city, [a_filing()], signed_by="other")).status_code == 401

    @pytest.mark.parametrize("pack", [[], "C1", [{}] * (MOST_CONTRACTS + 1)])
    async def test_refuses_what_is_no_pack(self, city, pack):
        assert (await send(city, pack)).status_code == 422

"""A bank is certified, goes live, is suspended and comes back; the door follows at once."""

from dataclasses import replace
from datetime import datetime, timedelta

import httpx
import pytest

from tests.support.fund import SEEN_AT, FundMonitor, opened

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]

DIGEST = "sha256:" + "0" * 64


async def move(
    fund: FundMonitor, to: str, *, bank: str = "alpha", **more: object
) -> httpx.Response:
    return await fund.client.post(
        f"/v1/banks/{bank}/state",
        json={"state": to, "reason": "会议决定", **more},
        headers=fund.bearer(role="staff", department="finance_office"),
    )


async def add(fund: FundMonitor, code: str, state: str) -> None:
    answer = await fund.client.post(
        "/v1/banks",
        json={"code": code, "state": state},
        headers=fund.bearer(role="bank_admin"),
    )
    assert answer.json()["state"] == state
    fund.secrets[code] = answer.json()["secret"]


def code_of(answer: httpx.Response) -> str:
    return str(answer.json()["type"]).rpartition(":")[2]


async def test_what_happened_when_is_told_by_the_services_own_clock(fund):
    added = (await fund.read("/v1/banks/alpha/state")).json()
    moved = (await move(fund, "suspended")).json()

    for told in (added, moved):
        assert abs(datetime.fromisoformat(told["since"]) - SEEN_AT) < timedelta(minutes=5)


class TestSuspending:
    async def test_a_suspended_bank_is_told_to_keep_its_events_and_loses_none(self, fund):
        suspended = await move(fund, "suspended")

        refused = await fund.send([opened()])

        assert (suspended.status_code, suspended.json()["state"]) == (200, "suspended")
        assert (refused.status_code, code_of(refused)) == (403, "bank-suspended")
        assert "保留" in refused.json()["detail"]
        assert (await move(fund, "live")).status_code == 200
        assert await fund.accepted([opened()]) == ["accepted"]

    async def test_whoever_cannot_sign_does_not_learn_the_state(self, fund):
        await move(fund, "suspended")
        await add(fund, "beta", "live")

        assert (await fund.send([opened()], signed_by="beta")).status_code == 401

    async def test_is_in_the_audit_chain_once_however_often_it_is_asked(self, fund):
        for _ in range(2):
            assert (await move(fund, "suspended")).status_code == 200

        found = [row async for row in fund.db["audit"].find({"action": "bank.state_changed"})]
        assert [row["details"]["to"] for row in found] == ["suspended"]


class TestGoingLive:
    async def test_goes_from_the_sandbox_by_a_certificate_and_only_so(self, fund):
        await add(fund, "beta", "sandbox")
        refused = await fund.send([opened()], bank="beta")
        leap = await move(fund, "live", bank="beta")
        bare = await move(fund, "certified", bank="beta")

        assert (refused.status_code, code_of(refused)) == (403, "bank-not-live")
        assert (leap.status_code, code_of(leap)) == (409, "bank-state-not-next")
        assert (bare.status_code, code_of(bare)) == (422, "conformance-missing")
        assert bare.json()["errors"][0]["pointer"] == "/conformance_digest"

        await move(fund, "certified", bank="beta", conformance_digest=DIGEST)
        await move(fund, "live", bank="beta")

        assert await fund.accepted([opened()], bank="beta") == ["accepted"]
        seen = (await fund.read("/v1/banks/beta/state")).json()
        assert (seen["state"], seen["conformance_digest"]) == ("live", DIGEST)

    async def test_a_bank_without_a_state_is_live_as_before_there_were_states(self, fund):
        await fund.db["banks"].update_one({"_id": "alpha"}, {"$unset": {"state": ""}})

        assert await fund.accepted([opened()]) == ["accepted"]
        assert (await fund.read("/v1/banks/alpha/state")).json()["state"] == "live"

    async def test_a_bank_that_is_not_there_has_no_state(self, fund):
        assert (await move(fund, "live", bank="nobody")).status_code == 404


class TestSandbox:
    async def test_takes_events_before_a_bank_is_live_and_begins_banks_there(self, fund):
        fund.app.state.rooms = replace(fund.app.state.rooms, sandbox=True)
        await fund.add_bank("beta")

        assert (await fund.read("/v1/banks/beta/state")).json()["state"] == "sandbox"
        assert await fund.accepted([opened()], bank="beta") == ["accepted"]

"""Tokens that are refused though their time is not over, in every process within two seconds."""

import time
from datetime import timedelta

import httpx
import pytest

from shared.access.revocation import Revocations
from shared.clock import machine_now
from shared.errors import Unauthenticated
from shared.mongo import transact
from tests.support.apps import applications

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]

URL = "/v1/access/revocations"
PROMISED_SECONDS = 2.0
PATIENCE_SECONDS = 20.0


def bearer(token, **claims):
    return {"Authorization": f"Bearer {token(**claims)}"}


def client_of(app):
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service")


@pytest.fixture
async def processes(database, access):
    """Two processes of one service: each has its own copy of what is revoked."""
    first = (await applications(database, access))["ads_watch"]
    second = (await applications(database, access))["ads_watch"]
    async with client_of(first) as one, client_of(second) as other:
        yield one, other


@pytest.fixture
def revoke(processes, token):
    async def post(**asked):
        until = (machine_now() + timedelta(hours=1)).isoformat()
        headers = bearer(token, role="admin", sub="root")
        body = {"reason": "令牌遗失", "until": until, **asked}
        return await processes[0].post(URL, json=body, headers=headers)

    return post


async def refused_after(client, headers):
    """Ask until the token is refused, and return how long that took."""
    began = time.monotonic()
    while (answer := await client.get("/v1/alerts", headers=headers)).status_code == 200:
        assert time.monotonic() - began < PATIENCE_SECONDS
    assert answer.status_code == 401
    return time.monotonic() - began


class TestRevoke:
    async def test_refuses_every_token_of_a_subject_in_every_process(
        self, processes, token, revoke, database
    ):
        lost = bearer(token, role="staff", department="pboc", sub="li")
        for process in processes:
            assert (await process.get("/v1/alerts", headers=lost)).status_code == 200

        answer = await revoke(subject="li")

        assert answer.status_code == 201
        for process in processes:
            assert await refused_after(process, lost) < PATIENCE_SECONDS
        [row] = await database["audit"].find({"action": "access.revoked"}).to_list()
        assert row["about"]["id"] == answer.json()["id"]
        assert "li" not in (row["why"], row["about"]["id"])

    async def test_refuses_one_token_and_not_its_bearers_next(self, processes, token, revoke):
        lost = bearer(token, role="staff", department="pboc", sub="li", jti="t-1")
        kept = bearer(token, role="staff", department="pboc", sub="li", jti="t-2")

        await revoke(token_id="t-1")

        await refused_after(processes[0], lost)
        assert (await processes[0].get("/v1/alerts", headers=kept)).status_code == 200

    async def test_is_listed_with_its_reason(self, processes, token, revoke):
        made = (await revoke(subject="li")).json()

        answer = await processes[1].get(URL, headers=bearer(token, role="admin", sub="root"))

        assert answer.json() == {"revocations": [made], "next_cursor": None}
        assert (made["kind"], made["value"], made["reason"]) == ("subject", "li", "令牌遗失")

    @pytest.mark.parametrize(
        "asked",
        [
            {},
            {"subject": "li", "token_id": "t-1"},
            {"subject": "li", "reason": " "},
            {"subject": ""},
            {"subject": "root"},
            {"subject": "li", "until": "2020-01-01T00:00:00Z"},
            {"subject": "li", "until": "2099-01-01T00:00:00Z"},
            {"subject": "li", "until": "2030-01-01T00:00:00"},
        ],
        ids=str,
    )
    async def test_refuses_what_it_cannot_read(self, revoke, asked):
        answer = await revoke(**asked)

        assert answer.status_code == 422
        assert answer.json()["type"] == "urn:haining:problem:invalid-request"


class TestTheCopy:
    async def test_is_no_older_than_promised(self):
        assert Revocations.__init__.__kwdefaults__["copy_seconds"] * 2 <= PROMISED_SECONDS

    async def test_forgets_what_is_over(self, database, access, token):
        caller = await access.caller_of(token(role="admin"))
        revocations = Revocations(database, copy_seconds=0)

        async def until(moment):
            await transact(
                database,
                lambda session: revocations.add(
                    "subject", caller.subject, reason="r", until=moment, session=session
                ),
            )

        await until(machine_now() - timedelta(seconds=1))
        await revocations.refuse_revoked(caller)
        await until(machine_now() + timedelta(hours=1))
        with pytest.raises(Unauthenticated):
            await revocations.refuse_revoked(caller)

    async def test_is_not_read_again_while_it_is_fresh(self, database, access, token):
        caller = await access.caller_of(token(role="admin"))
        revocations = Revocations(database, copy_seconds=3_600)
        await revocations.refuse_revoked(caller)
        until = machine_now() + timedelta(hours=1)
        await database["revocations"].insert_one(
            {"_id": "r", "kind": "subject", "value": caller.subject, "until": until}
        )

        await revocations.refuse_revoked(caller)

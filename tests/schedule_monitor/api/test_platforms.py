"""Teaching platforms: added, told apart by their signatures, and testing their connection."""

import hashlib
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from standardwebhooks import Webhook

from services.schedule_monitor.api.held.platforms import MOST_TEST_BYTES
from tests.support.apps import applications

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]

URL = "/v1/platforms"


@pytest.fixture
async def client(database, access):
    app = (await applications(database, access))["schedule_monitor"]
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://schedule") as client:
        yield client


@pytest.fixture
def keeper(token):
    return {"Authorization": f"Bearer {token(role='staff', department='economy_it')}"}


@pytest.fixture
async def secret(client, keeper):
    answer = await client.post(URL, json={"code": "alpha", "name": "甲平台"}, headers=keeper)
    assert answer.status_code == 201, answer.text
    return answer.json()["secret"]


async def connect(client, secret, *, body=b'{"hello": 1}', code="alpha", ago=0):
    now = datetime.now(UTC) - timedelta(minutes=ago)
    headers = {
        "webhook-id": "m-1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign("m-1", now, body.decode()),
    }
    return await client.post(f"{URL}/{code}/connection-test", content=body, headers=headers)


class TestAdd:
    async def test_shows_the_secret_once(self, client, keeper, secret, database):
        again = await client.post(URL, json={"code": "alpha"}, headers=keeper)

        assert secret.startswith("whsec_")
        assert again.json()["type"] == "urn:haining:problem:platform-exists"
        assert "whsec_" not in str(await database["platforms"].find_one())
        [row] = await database["audit"].find().to_list()
        assert (row["action"], row["who"]["office"]) == ("platform.added", "economy_it")

    async def test_shows_it_again_under_the_same_key(self, client, keeper):
        headers = keeper | {"Idempotency-Key": "platform-1"}

        answers = [await client.post(URL, json={"code": "beta"}, headers=headers) for _ in range(2)]

        assert [answer.status_code for answer in answers] == [201, 201]
        assert answers[0].json() == answers[1].json()


class TestConnectionTest:
    async def test_says_what_came_in(self, client, secret):
        answer = await connect(client, secret)

        assert answer.status_code == 200
        said = answer.json()
        digest = hashlib.sha256(b'{"hello": 1}').hexdigest()
        assert (said["platform"], said["webhook_id"]) == ("alpha", "m-1")
        assert said["digest"] == f"sha256:{digest}"

    async def test_refuses_the_unknown_as_it_refuses_a_wrong_signature(self, client, secret):
        wrong = await connect(client, "whsec_" + "A" * 43 + "=")
        stale = await connect(client, secret, ago=6)
        unknown = await connect(client, secret, code="nobody")

        assert wrong.status_code == stale.status_code == unknown.status_code == 401
        assert wrong.json()["detail"] == stale.json()["detail"] == unknown.json()["detail"]

    async def test_takes_both_secrets_of_a_rotation(self, client, keeper, secret):
        made = await client.post(f"{URL}/alpha/secrets", headers=keeper)

        for live in (secret, made.json()["secret"]):
            assert (await connect(client, live)).status_code == 200

    async def test_reads_no_more_than_it_says(self, client, secret):
        answer = await connect(client, secret, body=b" " * (MOST_TEST_BYTES + 1))

        assert answer.status_code == 413

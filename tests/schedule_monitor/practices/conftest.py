"""The steps that tests of reports take, over HTTP and a real MongoDB."""

import pytest

from tests.schedule_monitor.practices.reports import A_QUESTION, DIGEST, REPORTS


@pytest.fixture(autouse=True)
async def told_of(registered):
    return registered


@pytest.fixture
def town(bearer):
    return bearer(role="staff", town="xiashi")


@pytest.fixture
def culture(bearer):
    return bearer(role="staff", department="culture_tourism_sports")


@pytest.fixture
def economy(bearer):
    return bearer(role="staff", department="economy_it")


@pytest.fixture
def report(client, education):
    async def work(body, headers=None, status=201):
        answer = await client.post(REPORTS, json=body, headers=headers or education)
        assert answer.status_code == status, answer.text
        return answer.json()

    return work


@pytest.fixture
def act(client, education):
    async def work(report, action, body, *, headers=None, status=200, method="POST"):
        path = f"{REPORTS}/{report['report_id']}/{action}"
        answer = await client.request(method, path, json=body, headers=headers or education)
        assert answer.status_code == status, answer.text
        return answer.json()

    return work


@pytest.fixture
def heard(act):
    """Ask an expert and keep what they say."""

    async def work(report, says, *, expert="沈一"):
        asked = await act(report, "opinions", {**A_QUESTION, "expert": expert})
        number = asked["opinions"][-1]["number"]
        body = {"says": says, "reasons": "对照课程标准逐条比对", "paper": DIGEST}
        return await act(report, f"opinions/{number}", body, method="PUT")

    return work


@pytest.fixture
def alerts(db, judged):
    """Judge what is marked, and return alerts by rule: month, level and state."""

    async def work():
        await judged()
        return {
            it["rule"]["code"].removeprefix("schedule."): (it["window"], it["level"], it["state"])
            async for it in db["alerts"].find().sort("_id", 1)
        }

    return work

"""The check over HTTP."""

import pytest

from services.ads_watch.domain.content import LONGEST_TEXT

pytestmark = pytest.mark.integration

URL = "/v1/ads/check"


async def test_answers_three_verdicts(client, bearer):
    body = {"text": "语数英保135+", "medium": "elevator", "advertiser": "training_institution"}

    answer = await client.post(URL, json=body, headers=bearer(department="publicity"))

    said = answer.json()
    assert answer.status_code == 200
    by_label = {one["label"]: one for one in said["content"]["labels"]}
    assert set(by_label) == {"guarantee", "subject_training_ad"}
    assert by_label["guarantee"]["article"]["clause"] == "第二十四条第（一）项"
    start, end = by_label["guarantee"]["start"], by_label["guarantee"]["end"]
    assert body["text"][start:end] == by_label["guarantee"]["phrase"]
    assert said["placement"]["verdict"] == "banned"
    assert said["placement"]["article"]["rule"] == "ads.placement_outdoor"
    assert said["filing_state"]["state"] == "unknown"
    assert said["filing_state"]["reason"]


async def test_keeps_nothing(client, bearer, db):
    body = {"text": "保过", "medium": "elevator"}

    await client.post(URL, json=body, headers=bearer("institution", institution="i-1"))

    assert await db["sightings"].count_documents({}) == 0
    assert await db["outbox"].count_documents({}) == 0


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, 200),
        ({"text": "字" * LONGEST_TEXT}, 200),
        ({"text": "字" * (LONGEST_TEXT + 1)}, 422),
        ({"text": ""}, 422),
        ({"medium": "a" * 33}, 422),
        ({"medium": "电梯"}, 422),
        ({"advertiser": "nobody"}, 422),
        ({"more": 1}, 422),
    ],
)
async def test_takes_what_is_bounded(client, bearer, change, status):
    body = {"text": "少儿美术", "medium": "leaflet", **change}

    answer = await client.post(URL, json=body, headers=bearer(department="publicity"))

    assert answer.status_code == status

"""The key of students' references is changed, and nobody who is known gets another reference."""

import pytest

from tests.support.contracts import INSTITUTION, STUDENT, a_filing
from tests.support.fund import FundMonitor, an_institution

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]

KEYS = "/v1/student-keys"
OWNER = {"role": "institution", "institution": INSTITUTION}
OTHER = {**STUDENT, "number": "33048119990101001X"}
NEWCOMER = {**STUDENT, "number": "330481199901010028"}


async def issue(fund: FundMonitor, who: dict[str, str]) -> str:
    answer = await fund.client.post("/v1/students", json=who, headers=fund.bearer(**OWNER))
    assert answer.status_code == 200, answer.text
    return str(answer.json()["student_ref"])


async def rotate(fund: FundMonitor):
    return await fund.client.post(
        KEYS, json={"reason": "例行更换"}, headers=fund.bearer(role="admin")
    )


async def retire(fund: FundMonitor, name: str):
    return await fund.client.delete(
        f"{KEYS}/{name}", params={"reason": "停用"}, headers=fund.bearer(role="admin")
    )


async def test_known_students_keep_their_references_and_new_ones_get_the_new_key(fund):
    await fund.institutions.take(an_institution())
    first, other = await issue(fund, STUDENT), await issue(fund, OTHER)
    before = (await fund.read(KEYS)).json()

    answer = await rotate(fund)

    assert answer.status_code == 201
    assert (before["not_carried_over"], answer.json()["not_carried_over"]) == (0, 2)
    current, former = answer.json()["keys"]
    assert (current["state"], former["name"]) == ("current", before["keys"][0]["name"])
    assert await issue(fund, STUDENT) == first
    newcomer = await issue(fund, NEWCOMER)
    assert (await fund.db["students"].find_one({"_id": newcomer}))["key"] == current["name"]
    assert (await fund.read(KEYS)).json()["not_carried_over"] == 1
    filing = a_filing(student_ref=other)
    filed = await fund.client.post("/v1/contracts", json=filing, headers=fund.bearer(**OWNER))
    assert filed.status_code == 201, filed.text


async def test_whoever_was_seen_again_outlives_the_former_key(fund):
    seen, unseen = await issue(fund, STUDENT), await issue(fund, OTHER)
    former = (await rotate(fund)).json()["keys"][1]["name"]
    await issue(fund, STUDENT)

    assert (await retire(fund, former)).status_code == 204

    assert await issue(fund, STUDENT) == seen
    assert await issue(fund, OTHER) != unseen
    assert await fund.db["students"].count_documents({"_id": unseen}) == 1
    assert (await rotate(fund)).status_code == 201
    assert await issue(fund, STUDENT) == seen


async def test_references_of_before_keys_were_rotated_are_found(fund):
    first = await issue(fund, STUDENT)
    await fund.db["students"].update_many({}, {"$unset": {"digests": ""}})

    await rotate(fund)

    assert await issue(fund, STUDENT) == first
    assert await fund.db["students"].count_documents({}) == 1


async def test_a_third_key_is_refused_and_the_one_in_use_is_not_retired(fund):
    current = (await rotate(fund)).json()["keys"][0]["name"]

    again = await rotate(fund)

    assert (again.status_code, again.json()["type"][-21:]) == (409, "two-student-keys-live")
    assert (await retire(fund, current)).status_code == 409
    assert (await retire(fund, "nobody")).status_code == 404
    actions = fund.db["audit"].find({"action": {"$regex": "^student_key"}})
    assert [row["action"] for row in await actions.to_list()] == ["student_key.rotated"]


async def test_students_are_found_by_an_index(fund):
    await issue(fund, STUDENT)

    plan = await fund.db["students"].find({"digests": {"$in": ["stu_a", "stu_b"]}}).explain()

    assert "COLLSCAN" not in str(plan["queryPlanner"]["winningPlan"])

"""A release by hand needs papers, a second person and a balance, and is yellow all the same."""

import httpx
import pytest

from services.fund_monitor.store.lessons.lessons import LessonStore
from tests.fund_monitor.app.judging.test_releases import a_contract, a_session, found
from tests.support.fund import FundMonitor, an_institution, at, money, opened

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]

URL = "/v1/manual-releases"
OWN = {"role": "institution", "institution": "inst-1", "sub": "owner"}
FIRST = {"role": "staff", "department": "culture_tourism_sports", "sub": "first"}
SECOND = FIRST | {"sub": "second"}
OTHER = FIRST | {"department": "education"}


async def ask(fund: FundMonitor, by: dict[str, str] = OWN, **changes: object) -> httpx.Response:
    body = {
        "institution_id": "inst-1",
        "contract_no": "C1",
        "amount_fen": 12_000,
        "reason": "教学系统停用",
        "papers": [{"name": "签到表.pdf", "sha256": "a" * 64}],
    }
    return await fund.client.post(URL, json=body | changes, headers=fund.bearer(**by))


async def answer(
    fund: FundMonitor, asked: httpx.Response, by: dict[str, str], *, refuse: str | None = None
) -> httpx.Response:
    verb, body = ("approve", None) if refuse is None else ("refuse", {"reason": refuse})
    url = f"{URL}/{asked.json()['release_id']}/{verb}"
    return await fund.client.post(url, json=body, headers=fund.bearer(**by))


@pytest.fixture
async def paid(fund: FundMonitor) -> FundMonitor:
    await fund.institutions.take(an_institution())
    await a_contract(fund)
    await fund.accepted([opened(), money("deposit", "d1", 30_000, contract_no="C1", lessons="3")])
    await fund.settled()
    return fund


class TestManualRelease:
    async def test_is_matched_to_the_banks_event_and_always_yellow(self, paid: FundMonitor):
        await LessonStore(paid.db).take(a_session(1, "C1"))
        asked = await ask(paid)
        assert asked.status_code == 201, asked.text

        assert (await answer(paid, asked, SECOND)).json()["state"] == "approved"
        by_hand = money(
            "release", "r1", 12_000, contract_no="C1", occurred_at=at("06-30", "18:04:00")
        )
        await paid.accepted([by_hand])

        assert await found(paid) == {("fund.unmatched_release", "2026-06", "yellow")}
        url = "/v1/institutions/inst-1/lesson-matches"
        match = (await paid.read(f"{url}/C1")).json()
        assert (match["consumed_fen"], match["released_fen"]) == (10_000, 12_000)
        assert [one["kind"] for one in match["differences"]] == ["manual_release"]
        assert (await paid.read(url)).json()["contracts"] == [match]
        actions = [
            row["action"] async for row in paid.db["audit"].find({"who.role": {"$ne": "service"}})
        ]
        assert actions[-2:] == ["manual-release.asked", "manual-release.approved"]

    async def test_is_approved_by_another_person_of_the_department_in_charge(
        self, paid: FundMonitor
    ):
        asked = await ask(paid, FIRST)

        same, other = [await answer(paid, asked, by) for by in (FIRST, OTHER)]
        await answer(paid, asked, SECOND, refuse="材料不全")
        late = await answer(paid, asked, SECOND)

        assert same.json()["type"] == "urn:haining:problem:second-person-needed"
        assert other.status_code == 403
        assert late.json()["type"] == "urn:haining:problem:manual-release-answered"
        listed = [(await paid.read(URL, **by)).json()["releases"] for by in (OWN, SECOND, OTHER)]
        assert [[one["state"] for one in some] for some in listed] == [["refused"], ["refused"], []]

    @pytest.mark.parametrize(
        ("changes", "status"),
        [
            pytest.param({"amount_fen": 29_999}, 201, id="less than the balance"),
            pytest.param({"amount_fen": 30_000}, 422, id="all of it"),
            pytest.param({"papers": []}, 422, id="without papers"),
            pytest.param({"reason": ""}, 422, id="without a reason"),
            pytest.param({"contract_no": "C9"}, 422, id="of a contract without money"),
            pytest.param({"institution_id": "inst-2"}, 403, id="of another institution"),
        ],
    )
    async def test_asks_for_less_than_is_there(self, paid: FundMonitor, changes, status):
        assert (await ask(paid, **changes)).status_code == status

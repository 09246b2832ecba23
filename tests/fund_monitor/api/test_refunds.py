"""Refunds over HTTP on real servers: asked for, answered, paid by a bank, and returned."""

import asyncio

import httpx
import pytest

from services.fund_monitor.store.lessons.lessons import LessonStore
from tests.support.contracts import INSTITUTION, a_filing
from tests.support.fund import FundMonitor, an_institution, at, money, opened
from tests.support.lessons import HELD_UNTIL, a_held_session

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]

URL = "/v1/refunds"
OWNER = {"role": "institution", "institution": INSTITUTION}
CULTURE = {"role": "staff", "department": "culture_tourism_sports"}
WHY = {"reason": "情况属实"}


@pytest.fixture
async def city(fund: FundMonitor) -> FundMonitor:
    """An institution with one contract, paid in March and half consumed."""
    await fund.institutions.take(an_institution())
    filed = await fund.client.post(
        "/v1/contracts", json=a_filing(), headers=fund.bearer(role="admin")
    )
    assert filed.status_code == 201, filed.text
    await fund.accepted(
        [
            opened(),
            money("deposit", "d1", 120_000, contract_no="C1", lessons="48.00"),
            money("release", "l1", 60_000, contract_no="C1", lessons="24.00"),
        ]
    )
    await fund.settled()
    return fund


async def post(fund: FundMonitor, path: str, body: object, **claims: str) -> httpx.Response:
    return await fund.client.post(path, json=body, headers=fund.bearer(**(claims or OWNER)))


async def ask(fund: FundMonitor, *, by: dict[str, str] = OWNER, **more: object) -> httpx.Response:
    body = {
        "institution_id": INSTITUTION,
        "contract_no": "C1",
        "requested_on": "2026-06-01",
        "reason": "搬家",
        **more,
    }
    return await post(fund, URL, body, **by)


async def file_of(fund: FundMonitor, refund_id: str) -> dict[str, object]:
    return dict((await fund.read(f"{URL}/{refund_id}")).json())


class TestPostRefund:
    async def test_takes_a_request_once_with_what_is_refundable(self, city):
        answers = [await ask(city), await ask(city)]

        assert [answer.status_code for answer in answers] == [201, 200]
        assert [answer.json()["refundable_fen"] for answer in answers] == [60_000, 60_000]
        assert await city.db["audit"].count_documents({"action": "refund.requested"}) == 1

    async def test_takes_one_of_several_requests_at_once(self, city):
        days = [f"2026-06-{day:02d}" for day in range(1, 5)]

        answers = await asyncio.gather(*(ask(city, requested_on=day) for day in days))

        assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]

    async def test_gives_the_whole_principal_within_the_cooling_off_period(self, city):
        answer = await ask(city, requested_on="2026-03-09")

        assert answer.json()["refundable_fen"] == 120_000

    @pytest.mark.parametrize(
        ("requested_on", "refundable_fen"),
        [
            pytest.param("2026-06-01", 60_000 + 30_000, id="long after"),
            pytest.param("2026-03-09", 120_000 + 30_000, id="within the cooling-off period"),
        ],
    )
    async def test_counts_what_was_allocated_to_the_contract_as_paid_when_it_came(
        self, city, requested_on, refundable_fen
    ):
        await city.accepted([money("deposit", "d2", 30_000), money("deposit", "d3", 500)])
        await city.settled()
        for serial_no in ("d2", "d3"):
            given = {"bank": "alpha", "account_no": "A1", "serial_no": serial_no}
            answer = await post(
                city, "/v1/allocations", {**given, "contract_no": "C1", "reason": "补缴"}
            )
            assert answer.status_code == 201, answer.text
        back = {"reverses_serial_no": "d3"}
        await city.accepted([money("reversal", "b3", 500, **back)])
        await city.settled()

        answer = await ask(city, requested_on=requested_on)

        assert answer.json()["refundable_fen"] == refundable_fen

    @pytest.mark.parametrize(
        ("by", "status"),
        [
            pytest.param(CULTURE, 201, id="the competent department"),
            pytest.param({"role": "staff", "department": "education"}, 403, id="another one"),
            pytest.param({"role": "institution", "institution": "inst-2"}, 403, id="another's"),
            pytest.param({"role": "platform", "platform": "cloud"}, 403, id="not its platform"),
        ],
    )
    async def test_is_for_the_institution_and_its_department(self, city, by, status):
        assert (await ask(city, by=by)).status_code == status

    @pytest.mark.parametrize(
        ("more", "status"),
        [({"contract_no": "C9"}, 404), ({"requested_on": "2026-07-09"}, 422)],
    )
    async def test_refuses_what_cannot_be_asked_for(self, city, more, status):
        assert (await ask(city, **more)).status_code == status
        assert await city.db["timers"].count_documents({}) == 0


class TestRefund:
    async def test_is_paid_by_the_banks_events_and_open_again_when_one_is_returned(self, city):
        refund_id = (await ask(city)).json()["refund_id"]
        agreed = await post(city, f"{URL}/{refund_id}/agree", WHY)
        assert (agreed.json()["state"], agreed.json()["owed_fen"]) == ("agreed", 60_000)
        assert await city.db["timers"].count_documents({}) == 0
        again = await post(city, f"{URL}/{refund_id}/object", WHY)
        assert again.status_code == 409

        part = {"contract_no": "C1", "occurred_at": at("06-20")}
        await city.accepted([money("refund", f"r{n}", 30_000, **part) for n in (1, 2)])
        await city.settled()

        paid = await city.read(f"{URL}?institution_id={INSTITUTION}&state=paid", **OWNER)
        assert [one["refund_id"] for one in paid.json()["refunds"]] == [refund_id]

        back = {"contract_no": "C1", "occurred_at": at("06-25")}
        await city.accepted([money("refund_returned", "b1", 30_000, **back)])
        await city.settled()

        found = await file_of(city, refund_id)
        assert found["refund"]["state"] == "returned"
        assert [step["state"] for step in found["steps"]] == [
            "requested",
            "agreed",
            "paid",
            "returned",
        ]

    async def test_is_decided_by_the_department_after_an_objection(self, city):
        refund_id = (await ask(city)).json()["refund_id"]
        early = await post(city, f"{URL}/{refund_id}/decide", {"amount_fen": 1, **WHY}, **CULTURE)
        assert early.status_code == 409
        await post(city, f"{URL}/{refund_id}/object", WHY)

        answers = [
            await post(city, f"{URL}/{refund_id}/decide", {"amount_fen": fen, **WHY}, **CULTURE)
            for fen in (120_001, 70_000)
        ]

        assert [answer.status_code for answer in answers] == [422, 200]
        assert answers[1].json()["owed_fen"] == 70_000
        actions = [row["action"] async for row in city.db["audit"].find()]
        assert {"refund.requested", "refund.objected", "refund.decided"} <= set(actions)

    async def test_is_found_out_of_an_account_that_was_paid_nothing(self, city):
        await ask(city)
        other = {"account_no": "A2", "contract_no": "C1", "occurred_at": at("06-02")}
        await city.accepted([opened("A2"), money("refund", "r1", 500, **other)])
        await city.settled()

        found = {(rule, window) for _, rule, window, _, _ in await city.standing()}
        assert ("fund.refund_route", "2026-06") in found

    async def test_shows_its_reason_to_those_who_settle_it(self, city):
        await ask(city)

        pages = [
            (await city.read(f"{URL}?institution_id={INSTITUTION}", role="staff", department=one))
            for one in ("education", "pboc")
        ]

        [seen], [unseen] = (page.json()["refunds"] for page in pages)
        assert ("reason" in seen, "reason" in unseen) == (True, False)

    async def test_is_not_for_another_institution(self, city):
        refund_id = (await ask(city)).json()["refund_id"]
        stranger = {"role": "institution", "institution": "inst-2"}

        assert (await city.read(f"{URL}/{refund_id}", **stranger)).status_code == 403
        answer = await post(city, f"{URL}/{refund_id}/agree", WHY, **stranger)
        assert answer.status_code == 403


class TestConsumedByLessons:
    """What a refund leaves to the institution are the lessons held by the request."""

    async def held(self, city: FundMonitor, *days: int) -> None:
        for day in days:
            held = a_held_session(session_id=f"s{day}", day=day)
            await LessonStore(city.db).take(held)

    async def test_counts_lessons_held_by_the_request_and_what_was_released_before_them(self, city):
        await self.held(city, -2, -1, 0, 1)
        of_yesterday = f"{HELD_UNTIL:%Y-%m-%d}"

        answer = await ask(city, requested_on=of_yesterday)

        # 24 lessons were released in March, of which nobody told; three of 25 yuan were held.
        assert answer.json()["refundable_fen"] == 120_000 - 60_000 - 3 * 2_500

    async def test_counts_at_the_answer_what_was_told_late_but_not_what_was_held_late(self, city):
        await self.held(city, -1)
        refund_id = (await ask(city, requested_on=f"{HELD_UNTIL:%Y-%m-%d}")).json()["refund_id"]
        await self.held(city, 0, 1)

        agreed = await post(city, f"{URL}/{refund_id}/agree", WHY)

        assert agreed.json()["owed_fen"] == 60_000 - 2 * 2_500

    async def test_names_what_the_institution_states_otherwise(self, city):
        await self.held(city, -1, 0)
        refund_id = (await ask(city, requested_on=f"{HELD_UNTIL:%Y-%m-%d}")).json()["refund_id"]

        said = {**WHY, "consumed_fen": 90_000}
        answered = await post(city, f"{URL}/{refund_id}/agree", said)
        await city.settled()

        assert answered.json()["stated_consumed_fen"] == 90_000
        assert answered.json()["owed_fen"] == 60_000 - 2 * 2_500
        match = await city.read(f"/v1/institutions/{INSTITUTION}/lesson-matches/C1")
        named = {one["kind"]: one for one in match.json()["differences"]}
        assert named["refund_stated_otherwise"]["amount_fen"] == 90_000 - 65_000
        found = {(rule, window) for _, rule, window, _, _ in await city.standing()}
        assert ("fund.lesson_mismatch", "2026-06") in found

    async def test_has_no_quarrel_with_what_agrees(self, city):
        await self.held(city, 0)
        refund_id = (await ask(city, requested_on=f"{HELD_UNTIL:%Y-%m-%d}")).json()["refund_id"]
        await post(city, f"{URL}/{refund_id}/object", {**WHY, "consumed_fen": 62_500})

        match = await city.read(f"/v1/institutions/{INSTITUTION}/lesson-matches/C1")

        assert match.json()["differences"] == []

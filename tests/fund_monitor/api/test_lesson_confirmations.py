"""消课确认 over HTTP on real servers: stated, answered, decided, and what that consumes."""

import asyncio
import json
import time
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook

from services.fund_monitor.api.lessons.confirmation_bodies import MOST_STATEMENTS
from services.fund_monitor.app.lessons.state_lessons import MOST_SESSIONS
from services.fund_monitor.store.lessons.lessons import LessonStore
from tests.support.contracts import INSTITUTION, a_filing
from tests.support.fund import FundMonitor, an_institution, at, money, opened
from tests.support.lessons import a_held_session, a_statement

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]

URL = "/v1/lesson-confirmations"
OWNER = {"role": "institution", "institution": INSTITUTION}
CULTURE = {"role": "staff", "department": "culture_tourism_sports"}
CLOUD = {"role": "platform", "platform": "cloud"}
MATCH = f"/v1/institutions/{INSTITUTION}/lesson-matches/C1"
WHY = {"reason": "家长电话反映当日未上课"}


@pytest.fixture
async def city(fund: FundMonitor) -> FundMonitor:
    """An institution with a contract of 48 lessons at 25 yuan, paid in March."""
    await fund.institutions.take(an_institution())
    filed = await fund.client.post(
        "/v1/contracts", json=a_filing(), headers=fund.bearer(role="admin")
    )
    assert filed.status_code == 201, filed.text
    paid = money("deposit", "d1", 120_000, contract_no="C1", lessons="48.00")
    await fund.accepted([opened(), paid])
    await fund.settled()
    return fund


@pytest.fixture
async def platform(city: FundMonitor) -> FundMonitor:
    """The same, with a platform that has filed contract P1."""
    answer = await city.client.post(
        "/v1/platforms", json={"code": "cloud"}, headers=city.bearer(role="bank_admin")
    )
    city.secrets["cloud"] = answer.json()["secret"]
    filed = await signed(city, "contracts", {"contracts": [a_filing(contract_no="P1")]})
    assert filed.json()["results"][0]["status"] == "filed", filed.text
    return city


async def signed(fund: FundMonitor, path: str, content: object) -> httpx.Response:
    body = json.dumps(content)
    moment, name = datetime.now(UTC), f"msg-{time.monotonic_ns()}"
    headers = {
        "webhook-id": name,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(fund.secrets["cloud"]).sign(name, moment, body),
    }
    return await fund.client.post(f"/v1/platforms/cloud/{path}", content=body, headers=headers)


async def post(fund: FundMonitor, path: str, body: object, **claims: str) -> httpx.Response:
    return await fund.client.post(path, json=body, headers=fund.bearer(**(claims or OWNER)))


async def state(fund: FundMonitor, *some: dict[str, Any], **claims: str) -> list[dict[str, Any]]:
    body = {"institution_id": INSTITUTION, "confirmations": list(some)}
    answer = await post(fund, URL, body, **claims)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["results"])


async def stated(fund: FundMonitor, **more: object) -> str:
    [result] = await state(fund, a_statement(**more))
    [one] = result["confirmations"]
    return str(one["confirmation_id"])


async def say(
    fund: FundMonitor, confirmation_id: str, word: str, body: object = WHY, **claims: str
) -> httpx.Response:
    return await post(fund, f"{URL}/{confirmation_id}/{word}", body, **(claims or CULTURE))


async def consumed(fund: FundMonitor) -> tuple[str, int, list[str]]:
    """Return lessons and fen that count of the contract, and its named differences."""
    await fund.settled()
    found = (await fund.read(MATCH)).json()
    return (
        found["consumed_lessons"],
        found["consumed_fen"],
        [one["kind"] for one in found["differences"]],
    )


class TestState:
    async def test_answers_each_statement_for_itself_and_repeats_alike(self, city):
        pack = [a_statement(), a_statement(2, contract_no="C9"), a_statement(3, day=60)]

        first, again = await state(city, *pack), await state(city, *pack)

        assert [one["status"] for one in first] == ["stated", "refused", "refused"]
        assert [one["status"] for one in again] == ["duplicate", "refused", "refused"]
        assert [one["problem"]["type"].rpartition(":")[2] for one in first[1:]] == [
            "contract-not-found",
            "lesson-not-over",
        ]
        assert again[0]["confirmations"] == first[0]["confirmations"]
        assert await city.db["lesson_confirmations"].count_documents({}) == 1
        assert await city.db["timers"].count_documents({"kind": "fund.lesson_silence"}) == 1
        assert await city.db["audit"].count_documents({"action": "lessons.stated"}) == 1

    async def test_refuses_another_statement_under_the_same_reference(self, city):
        await state(city, a_statement())

        [other] = await state(city, a_statement(lessons="2.00"))
        [same] = await state(city, a_statement(lessons="1"))

        assert other["problem"]["type"].endswith("confirmation-stated-otherwise")
        assert same["status"] == "duplicate"

    async def test_takes_a_statement_once_however_many_send_it_at_once(self, city):
        await asyncio.gather(*(state(city, a_statement()) for _ in range(4)))

        assert await city.db["lesson_confirmations"].count_documents({}) == 1

    async def test_of_a_session_is_of_all_its_filed_contracts_and_grows_with_them(self, city):
        await city.client.post(
            "/v1/contracts", json=a_filing(contract_no="C2"), headers=city.bearer(role="admin")
        )
        lessons = LessonStore(city.db)
        await lessons.take(a_held_session("C1", "unfiled"))
        whole = {"reference": "n-1", "session_id": "s-1"}

        [first] = await state(city, whole)
        await lessons.take(a_held_session("C1", "C2", version=2))
        [grown], [again] = await state(city, whole), await state(city, whole)

        assert [one["contract_no"] for one in first["confirmations"]] == ["C1"]
        assert [one["contract_no"] for one in grown["confirmations"]] == ["C1", "C2"]
        assert again["status"] == "duplicate"
        [unheard] = await state(city, {"reference": "n-2", "session_id": "s-9"})
        assert unheard["problem"]["type"].endswith("session-unknown")

    @pytest.mark.parametrize(
        ("more", "says"),
        [
            pytest.param({"contract_no": None}, "合同编号或课次", id="of nothing"),
            pytest.param({"ended_at": None}, "须同时填写", id="half a time"),
            pytest.param({"started_at": None, "ended_at": None}, "起止时间", id="no time"),
            pytest.param({"lessons": "0.00"}, "课时数", id="no lesson"),
            pytest.param({"lessons": "10.01"}, "课时数", id="too many lessons"),
        ],
    )
    async def test_refuses_what_says_too_little_or_too_much(self, city, more, says):
        body = {"institution_id": INSTITUTION, "confirmations": [a_statement(**more)]}

        answer = await post(city, URL, body)

        assert answer.status_code == 422
        assert says in answer.text

    async def test_is_bounded(self, city):
        many = [a_statement(number) for number in range(MOST_STATEMENTS + 1)]
        whole = [
            {"reference": f"w-{number}", "session_id": "s-1"} for number in range(MOST_SESSIONS + 1)
        ]

        for some in ([], many, whole):
            body = {"institution_id": INSTITUTION, "confirmations": some}
            assert (await post(city, URL, body)).status_code == 422

    @pytest.mark.parametrize(
        ("by", "status"),
        [
            pytest.param(CULTURE, 200, id="the competent department"),
            pytest.param({"role": "staff", "department": "education"}, 403, id="another one"),
            pytest.param({"role": "institution", "institution": "inst-2"}, 403, id="another's"),
            pytest.param(CLOUD, 403, id="a platform without its signature"),
        ],
    )
    async def test_is_for_the_institution_and_its_department(self, city, by, status):
        body = {"institution_id": INSTITUTION, "confirmations": [a_statement()]}

        assert (await post(city, URL, body, **by)).status_code == status


class TestPlatform:
    async def test_states_by_signature_for_its_own_contracts_only(self, platform):
        mine = a_statement(contract_no="P1", institution_id=INSTITUTION)
        other = a_statement(2, institution_id=INSTITUTION)
        pack = {"confirmations": [mine, other, a_statement(3)]}

        answer = await signed(platform, "lesson-confirmations", pack)

        results = answer.json()["results"]
        assert [one["status"] for one in results] == ["stated", "refused", "refused"]
        assert results[1]["problem"]["type"].endswith("forbidden")
        assert results[2]["problem"]["errors"][0]["pointer"] == "/institution_id"

    async def test_speaks_for_the_student_of_its_contract_and_sees_no_other(self, platform):
        theirs = await stated(platform, contract_no="P1")
        other = await stated(platform, number=2)

        listed = await platform.read(f"{URL}?institution_id={INSTITUTION}", **CLOUD)
        answers = [
            await say(platform, one, "confirm", {}, **CLOUD) for one in (theirs, theirs, other)
        ]

        assert [one["contract_no"] for one in listed.json()["confirmations"]] == ["P1"]
        assert [answer.status_code for answer in answers] == [200, 409, 403]
        assert (await platform.read(f"{URL}/{other}", **CLOUD)).status_code == 403

    @pytest.mark.parametrize("content", [[], {"confirmations": []}, {"a": 1}])
    async def test_refuses_what_is_no_pack(self, platform, content):
        assert (await signed(platform, "lesson-confirmations", content)).status_code == 422


class TestAnswers:
    async def test_a_confirmed_lesson_counts_and_is_given_back_when_withdrawn(self, city):
        one = await stated(city)
        before = await consumed(city)
        await say(city, one, "confirm", {})
        counted = await consumed(city)
        taken_back = await say(city, one, "withdraw", **OWNER)

        assert before == ("0.00", 0, [])
        assert counted == ("1.00", 2_500, [])
        assert taken_back.json()["state"] == "withdrawn"
        assert await consumed(city) == ("0.00", 0, [])
        steps = (await city.read(f"{URL}/{one}")).json()["steps"]
        assert [step["state"] for step in steps] == ["stated", "confirmed", "withdrawn"]

    async def test_an_objection_stops_it_until_the_department_decides(self, city):
        one = await stated(city)
        await say(city, one, "object")

        assert await consumed(city) == ("0.00", 0, ["objected"])
        assert {rule for _, rule, *_ in await city.standing()} == {"fund.lesson_mismatch"}
        summary = (await city.summary())["lessons"]
        assert (summary["stated"], summary["objected"]) == (0, 1)
        listed = await city.read(f"{URL}?institution_id={INSTITUTION}&state=objected")
        assert [each["confirmation_id"] for each in listed.json()["confirmations"]] == [one]

        decided = await say(city, one, "decide", {"taken": True, **WHY})
        again = await say(city, one, "decide", {"taken": False, **WHY})

        assert (decided.json()["state"], again.status_code) == ("taken", 409)
        assert await consumed(city) == ("1.00", 2_500, [])
        assert {rule for _, rule, *_ in await city.standing()} == set()

    async def test_a_decision_against_a_lesson_strikes_the_session_that_tells_it(self, city):
        await LessonStore(city.db).take(a_held_session("C1"))
        one = await stated(city, session_id="s-1")
        assert await consumed(city) == ("1.00", 2_500, [])
        await say(city, one, "object")
        assert await consumed(city) == ("1.00", 2_500, ["objected"])

        await say(city, one, "decide", {"taken": False, **WHY})

        assert await consumed(city) == ("0.00", 0, [])

    async def test_is_not_for_the_institution_to_confirm_or_to_decide(self, city):
        one = await stated(city)

        for word, body in (("confirm", {}), ("object", WHY), ("decide", {"taken": True, **WHY})):
            assert (await say(city, one, word, body, **OWNER)).status_code == 403
        assert (await say(city, one, "withdraw", **CULTURE)).status_code == 403
        education = {"role": "staff", "department": "education"}
        assert (await say(city, one, "object", **education)).status_code == 403
        assert (await say(city, "nobody", "object")).status_code == 404


class TestConsumption:
    async def test_held_and_confirmed_is_one_lesson_and_two_senders_are_one(self, city):
        lessons = LessonStore(city.db)
        one = await stated(city, session_id="s-1")
        await say(city, one, "confirm", {})
        await lessons.take(a_held_session("C1"))
        assert await consumed(city) == ("1.00", 2_500, [])

        await lessons.take(a_held_session("C1", session_id="s-2", minutes=5))

        assert await consumed(city) == ("1.00", 2_500, ["told_twice"])
        await lessons.take(a_held_session("C2", session_id="s-2", minutes=5, version=2))
        assert await consumed(city) == ("1.00", 2_500, [])

    async def test_a_session_that_turns_out_to_be_without_the_pupil_is_named(self, city):
        lessons = LessonStore(city.db)
        one = await stated(city, session_id="s-1")
        await say(city, one, "confirm", {})
        await lessons.take(a_held_session("C1"))
        await lessons.take(a_held_session("C2", version=2))

        assert await consumed(city) == ("1.00", 2_500, ["confirmed_otherwise"])

    async def test_shows_in_the_contract_and_in_the_summary(self, city):
        before = (await city.read(f"/v1/contracts/{INSTITUTION}/C1")).json()["consumption"]
        await LessonStore(city.db).take(a_held_session("C1"))

        after = (await city.read(f"/v1/contracts/{INSTITUTION}/C1")).json()["consumption"]

        assert (before["basis"], before["unconsumed_fen"]) == ("releases", 120_000)
        assert after == {
            "basis": "lessons",
            "consumed_lessons": "1.00",
            "consumed_fen": 2_500,
            "unconsumed_fen": 117_500,
        }
        found = (await city.summary())["lessons"]
        assert (found["contracts"], found["counted"]) == (1, "1.00")

    async def test_moves_coverage_and_is_given_back_by_a_correction(self, city):
        """All lessons held leave nothing to cover; half of them taken back, a withdrawal shows."""
        out = money("withdrawal", "w1", 119_000, occurred_at=at("06-29"))
        await city.accepted([out])
        await city.settled()
        red = ("fund.coverage", "2026-06", "red")
        assert red in {(rule, *rest) for _, rule, *rest, _ in await city.standing()}

        lessons = LessonStore(city.db)
        for number in range(26):
            for half in (0, 60):
                held = a_held_session(session_id=f"s-{number}-{half}", day=-number, minutes=half)
                await lessons.take(held)
        await city.settled()
        assert "fund.coverage" not in {rule for _, rule, *_ in await city.standing()}

        for number in range(26):
            held = a_held_session("C9", session_id=f"s-{number}-0", day=-number, version=2)
            await lessons.take(held)
        await city.settled()
        assert red in {(rule, *rest) for _, rule, *rest, _ in await city.standing()}

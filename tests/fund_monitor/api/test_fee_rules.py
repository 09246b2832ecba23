"""Dated data of the fee rules over HTTP, and the check before a contract is filed."""

import httpx
import pytest

from tests.support.contracts import INSTITUTION, a_contract_body, a_filing
from tests.support.fund import FundMonitor, an_institution

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]

OWNER = {"role": "institution", "institution": INSTITUTION}
PRICES = {"role": "staff", "department": "development_reform"}
FINANCE = {"role": "staff", "department": "finance_office"}
NOTICE = {
    "doc_no": "示例〔2026〕1号",
    "under_10_fen": 6_000,
    "from_10_to_35_fen": 4_500,
    "over_35_fen": 3_000,
    "reason": "执行新的收费标准",
}
SUBJECT = {"subject": "数学", "course_kind": "subject", "lessons": "40.00"}


async def put(fund: FundMonitor, path: str, body: object, **claims: str) -> httpx.Response:
    return await fund.client.put(path, json=body, headers=fund.bearer(**claims))


async def check(fund: FundMonitor, **more: object) -> dict[str, dict[str, str]]:
    body = {"institution_id": INSTITUTION, **a_contract_body(**more)}
    answer = await fund.client.post("/v1/fee-checks", json=body, headers=fund.bearer(**OWNER))
    assert answer.status_code == 200, answer.text
    return {one["rule"]: one for one in answer.json()["rules"]}


class TestDecisions:
    async def test_a_notice_is_a_version_once_and_has_filed_contracts_judged_again(
        self, fund: FundMonitor
    ):
        await fund.institutions.take(an_institution())
        filing = a_filing(**SUBJECT, price_fen=198_001)
        await fund.client.post("/v1/contracts", json=filing, headers=fund.bearer(**OWNER))
        await fund.settled()
        before = await fund.standing()

        path = "/v1/guide-prices/offline/2026-01-01"
        answers = [await put(fund, path, NOTICE, **PRICES) for _ in range(2)]
        await fund.settled()
        found = {(rule, level) for _, rule, _, level, _ in await fund.standing()}
        await put(fund, path, NOTICE | {"effective_until": "2026-01-01"}, **PRICES)
        await fund.settled()

        assert before == set()
        assert [(answer.status_code, answer.json()["version"]) for answer in answers] == [
            (200, 1),
            (200, 1),
        ]
        assert found == {("fund.guide_price", "red")}
        assert await fund.standing() == set()
        rows = fund.db["audit"].find({"action": "guide_price.decided"})
        assert [row["details"]["version"] async for row in rows] == [1, 2]
        page = (await fund.read("/v1/guide-prices/versions?limit=1")).json()
        assert page["guide_prices"][0]["version"] == 2
        assert page["next_cursor"]

    async def test_thresholds_are_read_as_of_a_day_with_defaults_where_none_are_set(
        self, fund: FundMonitor
    ):
        body = {"window_days": 14, "ceiling_subject_fen": None, "reason": "会议决定"}
        answer = await put(fund, "/v1/fee-policies/2026-07-01", body, **FINANCE)

        read = [
            (await fund.read(f"/v1/fee-policies?on={day}")).json()
            for day in ("2026-06-30", "2026-07-01")
        ]

        assert answer.status_code == 200
        assert [(one["version"], one["window_days"]) for one in read] == [(0, 7), (1, 14)]
        assert read[1]["office"] == "finance_office"

    async def test_nobody_else_sets_a_price_and_a_wrong_one_names_its_field(
        self, fund: FundMonitor
    ):
        path = "/v1/guide-prices/online/2026-01-01"
        others = [await put(fund, path, NOTICE, **who) for who in (FINANCE, {"role": "admin"})]
        wrong = await put(fund, path, NOTICE | {"effective_until": "2025-12-31"}, **PRICES)

        assert [answer.status_code for answer in others] == [403, 403]
        assert wrong.status_code == 422
        assert wrong.json()["errors"] == [
            {"pointer": "/effective_until", "detail": "不得早于起始日"}
        ]
        assert await fund.db["fee_rules"].count_documents({}) == 0


class TestFeeCheck:
    async def test_says_of_every_rule_why_and_what_would_be_lawful(self, fund: FundMonitor):
        rules = await check(fund, lessons="60.50", starts_on="2026-04-02", price_fen=500_001)

        outcomes = {name.removeprefix("fund."): one["outcome"] for name, one in rules.items()}
        assert outcomes == {
            "fee_lessons": "unlawful",
            "fee_period": "lawful",
            "fee_ceiling": "unlawful",
            "fee_early": "unlawful",
            "guide_price": "not_judged",
        }
        assert rules["fund.fee_lessons"]["why"] == "一次收取60.5课时，超过60课时"
        assert "最早2026-03-02" in rules["fund.fee_early"]["lawful_is"]

    async def test_without_a_guide_price_it_says_that_it_does_not_judge(self, fund: FundMonitor):
        rules = await check(fund, **SUBJECT)

        assert rules["fund.guide_price"]["outcome"] == "not_judged"
        assert "没有载入" in rules["fund.guide_price"]["why"]

    async def test_filed_contracts_of_the_pupil_are_summed_and_nothing_is_kept(
        self, fund: FundMonitor
    ):
        await fund.institutions.take(an_institution())
        filed = await fund.client.post(
            "/v1/contracts", json=a_filing(), headers=fund.bearer(**OWNER)
        )
        row = await fund.db["contracts"].find_one({})

        alone = await check(fund, contract_no="C2")
        summed = await check(fund, contract_no="C2", student_ref=row["student_ref"])

        assert filed.status_code == 201
        assert alone["fund.fee_lessons"]["outcome"] == "lawful"
        assert "一次收取96课时" in summed["fund.fee_lessons"]["why"]
        assert await fund.db["contracts"].count_documents({}) == 1

"""What the judge says of institutions by the mode of supervision they have filed."""

import pytest

from tests.support.contracts import INSTITUTION, a_filing
from tests.support.fund import Event, FundMonitor, an_institution, at, money, opened

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]

OURS = {"role": "institution", "institution": INSTITUTION}
COMPETENT = {"role": "staff", "department": "culture_tourism_sports"}
PREPAID = (INSTITUTION, "fund.post_paid_prepayment", "2026-03", "yellow", "culture_tourism_sports")

DEPOSIT_RULE = "fund.risk_deposit"
DEPOSIT_OPENED: Event = {
    "account_kind": "risk_deposit",
    "account_name": "甲培训机构风险保证金专户",
}
DEPOSIT_FILED: Event = {
    **DEPOSIT_OPENED,
    "bank": "alpha",
    "account_no": "D1",
    "agreement_no": "X-1",
}


@pytest.fixture
async def fund(fund: FundMonitor) -> FundMonitor:
    await fund.institutions.take(an_institution())
    return fund


async def filed(fund: FundMonitor, mode: str, filed_on: str = "2026-03-02", **more: object) -> str:
    body: Event = {"institution_id": INSTITUTION, "mode": mode, "filed_on": filed_on, **more}
    headers = fund.bearer(**COMPETENT)
    answer = await fund.client.post("/v1/custody-accounts", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["account_id"])


async def decided(fund: FundMonitor, account_id: str, how: str, **body: str) -> None:
    path = f"/v1/custody-accounts/{account_id}/{how}"
    answer = await fund.client.post(path, json=body or None, headers=fund.bearer(**COMPETENT))
    assert answer.status_code == 200, answer.text


async def contract(fund: FundMonitor, **more: object) -> None:
    answer = await fund.client.post(
        "/v1/contracts", json=a_filing(**more), headers=fund.bearer(**OURS)
    )
    assert answer.status_code == 201, answer.text


async def found(fund: FundMonitor, rule: str) -> set[tuple[str, str, str, str, str]]:
    await fund.settled()
    return {alert for alert in await fund.standing() if alert[1] == rule}


class TestPostPaidPrepayment:
    async def test_is_found_once_the_exemption_is_confirmed_and_ends_with_the_money(
        self, fund: FundMonitor
    ):
        paid = money("deposit", "d", 900, lessons="9.00", occurred_at=at("03-02"))
        await fund.accepted([opened(), paid])
        account_id = await filed(fund, "post_paid")
        before = await found(fund, PREPAID[1])

        await decided(fund, account_id, "confirm")
        after = await found(fund, PREPAID[1])
        undone = {"reverses_serial_no": "d", "occurred_at": at("04-07")}
        await fund.accepted([money("reversal", "r", 900, **undone)])

        assert (before, after) == (set(), {PREPAID})
        assert await found(fund, PREPAID[1]) == set()

    async def test_is_no_more_once_the_money_is_of_a_contract_that_is_paid_after(
        self, fund: FundMonitor
    ):
        await decided(fund, await filed(fund, "post_paid"), "confirm")
        paid = money("deposit", "d", 900, lessons="9.00", occurred_at=at("03-20"))
        await fund.accepted([opened(), paid])
        before = await found(fund, PREPAID[1])

        await contract(fund, supervision="post_paid", signed_on="2026-03-02")
        body = {"bank": "alpha", "account_no": "A1", "serial_no": "d", "contract_no": "C1"}
        answer = await fund.client.post(
            "/v1/allocations", json={**body, "reason": "上课后缴费"}, headers=fund.bearer(**OURS)
        )

        assert answer.status_code == 201, answer.text
        assert before == {PREPAID}
        assert await found(fund, PREPAID[1]) == set()

    async def test_is_found_of_a_contract_and_no_more_once_it_is_filed_as_paid_after(
        self, fund: FundMonitor
    ):
        await decided(fund, await filed(fund, "post_paid"), "confirm")
        await contract(fund, signed_on="2026-03-03")
        before = await found(fund, PREPAID[1])

        await contract(fund, signed_on="2026-03-03", supervision="post_paid")

        assert before == {PREPAID}
        assert await found(fund, PREPAID[1]) == set()


class TestRiskDeposit:
    """F02: what is deposited against what filed contracts make due in a cycle of three months."""

    @pytest.mark.parametrize("mode", ["risk_deposit", "transitional_full_deposit"])
    async def test_rises_from_red_to_yellow_to_enough_as_it_is_topped_up(
        self, fund: FundMonitor, mode
    ):
        """The contracts ask 1,200 yuan in June; it is 30 June."""
        await contract(fund, signed_on="2026-06-01", starts_on="2026-06-08")
        account_id = await filed(fund, mode, "2026-06-01", **DEPOSIT_FILED)
        levels: list[set[tuple[str, str]]] = []

        async def look() -> None:
            alerts = await found(fund, DEPOSIT_RULE)
            assert {about for about, *_ in alerts} <= {INSTITUTION}
            levels.append({(window, level) for _, _, window, level, _ in alerts})

        paid_in = {"account_no": "D1", "occurred_at": at("06-29")}
        await fund.accepted(
            [opened("D1", **DEPOSIT_OPENED), money("deposit", "d1", 119_999, **paid_in)]
        )
        await look()
        await decided(fund, account_id, "confirm")
        await look()
        await fund.accepted([money("deposit", "d2", 1, **paid_in)])
        await look()
        await fund.accepted([money("deposit", "d3", 12_000, **paid_in)])
        await look()

        assert levels == [set(), {("2026-06", "red")}, {("2026-06", "yellow")}, set()]

    async def test_an_account_of_which_no_bank_has_told_is_not_an_empty_one(
        self, fund: FundMonitor
    ):
        await contract(fund, signed_on="2026-06-01", starts_on="2026-06-08")
        await decided(
            fund, await filed(fund, "risk_deposit", "2026-06-01", **DEPOSIT_FILED), "confirm"
        )
        before = await found(fund, DEPOSIT_RULE)

        await fund.accepted([opened("D1", **DEPOSIT_OPENED)])

        after = await found(fund, DEPOSIT_RULE)
        assert before == set()
        assert after == {(INSTITUTION, DEPOSIT_RULE, "2026-06", "red", "culture_tourism_sports")}

    async def test_goes_by_what_contracts_say_now(self, fund: FundMonitor):
        await contract(fund, signed_on="2026-04-01", starts_on="2026-04-08")
        await fund.accepted([opened("D1", **DEPOSIT_OPENED)])
        await decided(
            fund, await filed(fund, "risk_deposit", "2026-04-01", **DEPOSIT_FILED), "confirm"
        )
        months = {window for _, _, window, *_ in await found(fund, DEPOSIT_RULE)}

        await contract(
            fund, signed_on="2026-04-01", starts_on="2026-04-08", supervision="post_paid"
        )

        assert months == {"2026-04", "2026-05", "2026-06"}
        assert await found(fund, DEPOSIT_RULE) == set()

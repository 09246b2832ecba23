"""What the judge says of institutions by the mode of supervision they have filed."""

import pytest

from tests.support.contracts import INSTITUTION, a_filing
from tests.support.fund import Event, FundMonitor, an_institution, at, money, opened

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]

OURS = {"role": "institution", "institution": INSTITUTION}
COMPETENT = {"role": "staff", "department": "culture_tourism_sports"}
PREPAID = (INSTITUTION, "fund.post_paid_prepayment", "2026-03", "yellow", "culture_tourism_sports")


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

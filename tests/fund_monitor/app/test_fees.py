"""Filed contracts and their payments are judged by the fee rules, group by group."""

import pytest

from tests.support.contracts import INSTITUTION, a_filing
from tests.support.fund import FundMonitor, an_institution, at, money, opened

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]

OWNER = {"role": "institution", "institution": INSTITUTION}


async def file(fund: FundMonitor, number: str, **more: object) -> None:
    answer = await fund.client.post(
        "/v1/contracts",
        json=a_filing(contract_no=number, **more),
        headers=fund.bearer(**OWNER),
    )
    assert answer.status_code == 201, answer.text
    await fund.settled()


async def fees(fund: FundMonitor) -> set[tuple[str, str, str]]:
    """Return the alerts of the fee rules that stand: rule, month and level."""
    return {
        (rule, window, level)
        for _, rule, window, level, _ in await fund.standing()
        if rule.startswith(("fund.fee_", "fund.guide_"))
    }


class TestFeesAssessor:
    async def test_payments_of_split_contracts_are_summed_until_one_is_taken_back(
        self, fund: FundMonitor
    ):
        await fund.institutions.take(an_institution())
        await file(fund, "C1", price_fen=300_000)
        await file(fund, "C2", price_fen=300_000, signed_on="2026-04-01")
        await fund.accepted([opened(), money("deposit", "D1", 300_000, contract_no="C1")])
        await fund.settled()
        before = await fees(fund)

        second = {"contract_no": "C2", "occurred_at": at("03-09")}
        await fund.accepted([money("deposit", "D2", 300_000, **second)])
        await fund.settled()
        found = await fees(fund)
        back = {"reverses_serial_no": "D2", "occurred_at": at("03-10")}
        await fund.accepted([money("reversal", "R1", 300_000, **back)])
        await fund.settled()

        assert before == set()
        assert found == {
            ("fund.fee_lessons", "2026-03", "red"),
            ("fund.fee_ceiling", "2026-03", "yellow"),
        }
        assert await fees(fund) == set()

    async def test_a_filing_brings_judgement_and_an_amended_one_takes_it_back(
        self, fund: FundMonitor
    ):
        await fund.institutions.take(an_institution())
        await fund.accepted([opened(), money("deposit", "D1", 900_000, contract_no="C1")])
        await fund.settled()
        unfiled = await fees(fund)

        await file(fund, "C1", price_fen=900_000)
        filed = await fees(fund)
        await fund.accepted([money("deposit", "D2", 1, contract_no="C9")])
        await fund.settled()
        again = await fees(fund)
        await file(fund, "C1", price_fen=900_000, subject="书法", supervision="post_paid")

        assert unfiled == set()
        assert filed == again == {("fund.fee_ceiling", "2026-03", "red")}
        # Agreed is nothing in advance any more, but the money came before the course.
        assert await fees(fund) == filed
        [kept] = [row async for row in fund.db["fee_groups"].find()]
        assert kept["_id"].endswith("|书法")

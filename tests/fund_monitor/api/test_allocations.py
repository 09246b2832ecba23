"""Money without a contract over HTTP on a real store: it waits, is allocated, and is judged."""

import asyncio

import httpx
import pytest

from tests.support.books import verified
from tests.support.contracts import INSTITUTION, a_filing
from tests.support.fund import FundMonitor, an_institution, at, money, opened

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]

OWNER = {"role": "institution", "institution": INSTITUTION}
RULE = "fund.unallocated_money"


@pytest.fixture
async def city(fund: FundMonitor) -> FundMonitor:
    """A city in which one deposit waits, of an institution that has filed contracts."""
    await fund.institutions.take(an_institution())
    for number in ("C1", "C2"):
        filed = await fund.client.post(
            "/v1/contracts", json=a_filing(contract_no=number), headers=fund.bearer(**OWNER)
        )
        assert filed.status_code == 201, filed.text
    await fund.accepted([opened(), money("deposit", "d", 900, lessons="9.00")])
    await fund.settled()
    return fund


async def allocate(
    fund: FundMonitor, contract_no: str = "C1", claims: dict[str, str] = OWNER, **more: object
) -> httpx.Response:
    body = {
        "bank": "alpha",
        "account_no": "A1",
        "contract_no": contract_no,
        "reason": "家长提供的缴费凭证与合同一致",
        **({} if "event" in more else {"serial_no": "d"}),
        **more,
    }
    return await fund.client.post("/v1/allocations", json=body, headers=fund.bearer(**claims))


async def waiting(fund: FundMonitor) -> list[dict[str, object]]:
    page = await fund.read(f"/v1/unallocated?institution_id={INSTITUTION}", **OWNER)
    return list(page.json()["waiting"])


async def paid(fund: FundMonitor, contract_no: str = "C1") -> int:
    read = await fund.read(f"/v1/contracts/{INSTITUTION}/{contract_no}", **OWNER)
    return int(read.json()["position"]["paid_fen"])


async def differences(fund: FundMonitor) -> tuple[str, ...]:
    await fund.settled()
    return (await verified(fund.db)).differences


async def late(fund: FundMonitor) -> set[str]:
    await fund.settled()
    return {alert[2] for alert in await fund.standing() if alert[1] == RULE}


def reversal(serial_no: str = "v", **more: object) -> dict[str, object]:
    return money("reversal", serial_no, 900, reverses_serial_no="d", **more)


class TestPostAllocation:
    async def test_gives_the_money_to_the_contract_once(self, city):
        [one] = await waiting(city)

        answers = [await allocate(city), await allocate(city, event=one["event"])]

        assert [answer.status_code for answer in answers] == [201, 200]
        assert [answer.json()["status"] for answer in answers] == ["allocated", "duplicate"]
        assert await paid(city) == 900
        assert await waiting(city) == []
        entry = await city.db["entries"].find_one({"type": "allocation"})
        assert (entry["contract_no"], entry["lessons"]) == ("C1", "9.00")
        assert await city.db["audit"].count_documents({"action": "deposit.allocated"}) == 1
        assert await differences(city) == ()

    async def test_happens_once_when_two_ask_at_the_same_time(self, city):
        answers = await asyncio.gather(*(allocate(city, number) for number in ("C1", "C2")))

        assert sorted(answer.status_code for answer in answers) == [201, 409]
        assert await paid(city) + await paid(city, "C2") == 900
        assert await differences(city) == ()

    @pytest.mark.parametrize(
        ("more", "status", "code"),
        [
            ({"contract_no": "C9"}, 404, "contract-not-found"),
            ({"account_no": "A9"}, 404, "account-not-found"),
            ({"serial_no": "open-A1"}, 409, "nothing-to-allocate"),
            ({"event": "beta|A1|d"}, 409, "nothing-to-allocate"),
            ({"event": "alpha|A1|d", "serial_no": "d"}, 422, "invalid-request"),
            ({"claims": {"role": "institution", "institution": "inst-2"}}, 403, "forbidden"),
            ({"claims": {"role": "staff", "department": "education"}}, 403, "forbidden"),
        ],
    )
    async def test_refuses_what_is_not_there_or_not_theirs(self, city, more, status, code):
        answer = await allocate(city, **more)

        assert answer.status_code == status, answer.text
        assert answer.json()["type"].endswith(code)
        assert len(await waiting(city)) == 1

    async def test_refuses_another_contract_and_a_reversed_deposit(self, city):
        await allocate(city)
        assert (await allocate(city, "C2")).json()["type"].endswith("already-allocated")

        await city.accepted([money("deposit", "e", 900), reversal(), reversal("w")])
        await city.accepted([money("reversal", "u", 900, reverses_serial_no="e")])
        await city.settled()

        for refused in (await allocate(city), await allocate(city, serial_no="e")):
            assert refused.json()["type"].endswith("nothing-to-allocate")


class TestAReversal:
    async def test_of_an_allocated_deposit_takes_the_allocation_back(self, city):
        await allocate(city)

        await city.accepted([reversal()])
        await city.settled()

        assert await paid(city) == 0
        assert await city.balance("A1") == 0
        assert await waiting(city) == []
        assert await differences(city) == ()

    async def test_that_an_earlier_one_displaces_takes_it_back_no_further(self, city):
        await allocate(city)
        await city.accepted([reversal(occurred_at=at("03-05"))])
        await city.settled()

        await city.accepted([reversal("earlier", occurred_at=at("03-04"))])
        await city.settled()

        assert await paid(city) == 0
        turns = await city.db["entries"].count_documents({"type": "allocation"})
        assert turns == 4, "given, taken back, given again and taken back"
        assert await differences(city) == ()

    async def test_ends_the_waiting_of_a_deposit(self, city):
        await city.accepted([reversal()])
        await city.settled()

        assert await waiting(city) == []
        assert await differences(city) == ()


class TestListUnallocated:
    async def test_tells_the_deadline_and_pages(self, city):
        await city.accepted([money("deposit", "e", 50)])
        await city.settled()
        url = f"/v1/unallocated?institution_id={INSTITUTION}&limit=1"

        first = (await city.read(url, **OWNER)).json()
        second = (await city.read(f"{url}&cursor={first['next_cursor']}", **OWNER)).json()

        # Paid on a Monday: Tuesday to Thursday, until the midnight of the city.
        assert first["waiting"][0]["due_at"] == "2026-03-06T00:00:00+08:00"
        assert first["waiting"][0]["provisional"] is False
        assert [one["amount_fen"] for page in (first, second) for one in page["waiting"]] == [
            900,
            50,
        ]

    async def test_is_closed_to_other_institutions(self, city):
        other = {"role": "institution", "institution": "inst-2"}
        answer = await city.read(f"/v1/unallocated?institution_id={INSTITUTION}", **other)

        assert answer.status_code == 403


class TestTheFinding:
    async def test_stands_from_the_deadline_until_the_money_is_allocated(self, city):
        assert await late(city) == {"2026-03"}

        await allocate(city)

        assert await late(city) == set()

    async def test_needs_a_filed_contract(self, fund):
        await fund.institutions.take(an_institution())
        await fund.accepted([opened(), money("deposit", "d", 900)])
        assert await late(fund) == set()

        await fund.client.post("/v1/contracts", json=a_filing(), headers=fund.bearer(**OWNER))
        assert await late(fund) == {"2026-03"}


class TestWhatWasCollected:
    """Allocated money counts under its contract, on the day it was paid, and not alone as well."""

    async def over(self, fund: FundMonitor) -> list[tuple[str, str]]:
        await fund.settled()
        found = await fund.standing()
        return sorted((one[2], one[3]) for one in found if one[1] == "fund.over_collection")

    async def test_lessons_of_one_contract_are_summed(self, city):
        paid = [money("deposit", name, 900, lessons="60.00") for name in ("e", "f")]
        await city.accepted(paid)
        assert await self.over(city) == []

        await allocate(city, serial_no="e")
        await allocate(city, serial_no="f")
        assert await self.over(city) == [("2026-03", "red")]

        await city.accepted([money("reversal", "v", 900, reverses_serial_no="f")])
        assert await self.over(city) == []

    async def test_one_payment_over_the_limit_stays_one(self, city):
        await city.accepted([money("deposit", "e", 900, lessons="61.00")])
        assert await self.over(city) == [("2026-03", "yellow")]

        await allocate(city, serial_no="e")

        assert await self.over(city) == [("2026-03", "yellow")]
        facts = [row async for row in city.db["pupil_facts"].find({})]
        assert [(row["name"], len(row["over"])) for row in facts] == [("C1", 1)]

    async def test_the_fee_rules_see_it_as_paid(self, city):
        filed = await city.client.post(
            "/v1/contracts",
            json=a_filing(contract_no="C3", lessons="100.00"),
            headers=city.bearer(**OWNER),
        )
        assert filed.status_code == 201
        await city.settled()
        before = await city.standing()
        await city.accepted([money("deposit", "e", 600_000, lessons="50.00")])
        await city.settled()

        await allocate(city, "C3", serial_no="e")
        await city.settled()

        fees = {one[1] for one in await city.standing() - before}
        assert any(rule.startswith("fund.fee_") for rule in fees), fees

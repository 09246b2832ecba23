"""What a bank reads of its events' outcomes, while they are posted, on real servers."""

import asyncio

import pytest

from tests.support.fund import Event, FundMonitor, at, fund_monitor, money, opened

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]

OUTCOMES = "/v1/banks/alpha/outcomes"
ALPHA = {"role": "bank", "bank": "alpha"}


async def page_after(fund: FundMonitor, cursor: str | None, **query: object) -> Event:
    asked = {**query, **({} if cursor is None else {"after": cursor})}
    answer = await fund.client.get(OUTCOMES, params=asked, headers=fund.bearer(**ALPHA))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def read_on(
    fund: FundMonitor, expected: int, cursor: str | None = None, limit: int = 7
) -> tuple[list[Event], str | None]:
    """Page on, as a bank does that asks again and again, until so many have come."""
    seen: list[Event] = []
    async with asyncio.timeout(60):
        while len(seen) < expected:
            page = await page_after(fund, cursor, limit=limit)
            seen += page["outcomes"]
            cursor = page["next_cursor"]
            await asyncio.sleep(0.02)
    return seen, cursor


async def posted_of(fund: FundMonitor, expected: int) -> list[Event]:
    """Page on until so many events are posted: each once, whatever was told of it before."""
    seen, cursor = await read_on(fund, 1)
    while sum(one["status"] == "posted" for one in seen) < expected:
        more, cursor = await read_on(fund, 1, cursor)
        seen += more
    return seen


async def test_a_reader_sees_everything_once_while_two_processes_post(database, bus, access, token):
    accounts = [f"A{number}" for number in range(8)]
    async with fund_monitor(database, bus, access, token, workers=2) as fund:
        await fund.add_bank("alpha")
        expected = len(accounts) * 21

        async def send() -> None:
            for start in range(0, 20, 2):
                await fund.accepted(
                    [
                        money("deposit", f"{name}-{number}", account_no=name)
                        for name in accounts
                        for number in (start, start + 1)
                    ]
                )
                if start == 0:
                    await fund.accepted([opened(name) for name in accounts])

        reading = asyncio.create_task(posted_of(fund, expected))
        await send()
        seen = await reading
        whole = await page_after(fund, None, limit=1_000)

    posted = [one["serial_no"] for one in seen if one["status"] == "posted"]
    assert len(posted) == len(set(posted)) == expected
    assert seen == whole["outcomes"]


async def test_every_standing_of_an_event_is_told(fund):
    await fund.accepted([money("deposit", "d1", booked_on="2026-03-02", entry_no="7")])
    first, cursor = await read_on(fund, 1)
    await fund.accepted([opened(), money("opening_balance", "ob", occurred_at=at("02-17"))])
    opening, cursor = await read_on(fund, 3, cursor)
    await fund.accepted([money("opening_balance", "earlier", occurred_at=at("02-16"))])
    displaced, _ = await read_on(fund, 2, cursor)

    assert standing(first) == {("d1", "parked")}
    assert standing(opening) == {("d1", "posted"), ("open-A1", "posted"), ("ob", "posted")}
    assert standing(displaced) == {("earlier", "posted"), ("ob", "set_aside")}
    assert first[0]["reason"]
    assert (first[0]["booked_on"], first[0]["entry_no"]) == ("2026-03-02", "7")


async def test_a_refusal_and_a_conflict_are_told_once_however_often_they_come(fund):
    wrong = {**money("deposit", "bad"), "amount_fen": "much"}
    await fund.accepted([opened(), money("deposit", "d1")])
    _, cursor = await read_on(fund, 2)
    for _ in range(2):
        await fund.accepted([wrong, money("deposit", "d1", 2_000)])
        await fund.settled()
    await fund.accepted([money("deposit", "d2")])
    seen, _ = await read_on(fund, 3, cursor)

    told = [(one["serial_no"], one["status"]) for one in seen]
    assert sorted(told) == [("bad", "refused"), ("d1", "conflict"), ("d2", "posted")]
    [refused] = [one for one in seen if one["status"] == "refused"]
    assert refused["problems"][0]["pointer"] == "/amount_fen"


async def test_another_bank_is_refused_and_a_broken_cursor_is_named(fund):
    other = await fund.read(OUTCOMES, role="bank", bank="beta")
    broken = await fund.read(f"{OUTCOMES}?after=%21%21")

    assert other.status_code == 403
    assert broken.status_code == 422


async def test_a_cursor_without_news_stays_as_it_is(fund):
    await fund.accepted([opened()])
    _, cursor = await read_on(fund, 1)

    page = await page_after(fund, cursor)

    assert page == {"outcomes": [], "next_cursor": cursor}


def standing(outcomes: list[Event]) -> set[tuple[str, str]]:
    return {(one["serial_no"], one["status"]) for one in outcomes}

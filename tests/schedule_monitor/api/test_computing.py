"""What takes the processor runs beside the event loop, a few at once, and the door stays open."""

import asyncio
from collections.abc import AsyncIterator
from threading import Event

import httpx
import pytest

from services.schedule_monitor.app.computing import Computing
from services.schedule_monitor.application import application
from shared.kernel import Kernel
from tests.schedule_monitor.builders import INSTITUTION

CLASS = {
    "date": "2026-03-04",
    "start": "18:30:00",
    "end": "20:00:00",
    "class_group": "1班",
    "stage": "compulsory",
}
FILING = {
    "institution_id": INSTITUTION,
    "label": "春季",
    "version": 1,
    "sessions": [CLASS],
}


@pytest.fixture
def app(kernel: Kernel):
    return application(kernel)


@pytest.fixture
async def client(app) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://schedule") as client:
        yield client


@pytest.fixture
async def held_up(app) -> AsyncIterator[Event]:
    """Hold every thread of the pool until the event is set, as a term of classes would."""
    computing: Computing = app.state.rooms.computing
    go_on = Event()
    begun = [Event() for _ in range(2)]

    def work(number: int) -> None:
        begun[number].set()
        go_on.wait()

    tasks = [asyncio.create_task(computing.run(work, number)) for number in range(len(begun))]
    try:
        for one in begun:
            await asyncio.to_thread(one.wait)
        yield go_on
    finally:
        go_on.set()
        await asyncio.gather(*tasks)


async def others_are_answered(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    """Ask often enough that whoever does not wait for a thread would be answered meanwhile."""
    for _ in range(20):
        alive = await client.get("/health/live")
        small = await client.get("/v1/calendar/switches", headers=headers)
        assert (alive.status_code, small.status_code) == (200, 200)


@pytest.mark.usefixtures("registered")
class TestWhileThePoolIsTaken:
    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("POST", "/v1/timetables/check", {"institution_id": INSTITUTION, "sessions": [CLASS]}),
            ("POST", "/v1/timetables", FILING),
            ("GET", "/v1/calendar/2026-03-04", None),
        ],
    )
    async def test_small_requests_are_answered_and_what_is_judged_waits_its_turn(
        self, client, education, held_up, method, path, body
    ):
        heavy = asyncio.create_task(client.request(method, path, json=body, headers=education))

        await others_are_answered(client, education)

        assert not heavy.done()
        held_up.set()
        assert (await heavy).status_code in (200, 201)

    async def test_a_file_is_judged_in_its_turn_as_well(self, client, own, held_up):
        heavy = asyncio.create_task(
            client.post(
                f"/v1/timetables/check/upload?institution_id={INSTITUTION}&label=春季",
                content="\ufeff日期,开始时间,结束时间,班级,学段\n2026-03-04,18:30,20:00,1班,义务教育\n",
                headers={**own, "Content-Type": "text/csv"},
            )
        )

        await others_are_answered(client, own)

        assert not heavy.done()
        held_up.set()
        assert (await heavy).status_code == 200


class TestComputing:
    async def test_returns_what_was_computed_and_raises_what_was_raised(self):
        computing = Computing()

        assert await computing.run(divmod, 7, 2) == (3, 1)
        with pytest.raises(ZeroDivisionError):
            await computing.run(divmod, 7, 0)

    async def test_runs_no_more_at_once_than_it_has_threads(self):
        computing = Computing(1)
        go_on, begun = Event(), Event()

        def first() -> None:
            begun.set()
            go_on.wait()

        holding = asyncio.create_task(computing.run(first))
        await asyncio.to_thread(begun.wait)
        waiting = asyncio.create_task(computing.run(int, "1"))
        await asyncio.sleep(0)

        assert not waiting.done()
        go_on.set()
        assert await waiting == 1
        await holding

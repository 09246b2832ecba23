"""Small batches handled as one: who goes with whom, and what each is told."""

import asyncio
from datetime import timedelta

import pytest
from pymongo.errors import ConnectionFailure

from shared.messaging.intake import FETCH_MESSAGES, Delivery
from shared.messaging.together import MOST_TOGETHER, Together


def some(name: str, messages: int = 1) -> list[Delivery]:
    return [Delivery("STREAM", at, "subject", f"{name}{at}".encode()) for at in range(messages)]


class Handler:
    """Holds each handling until it may go on."""

    def __init__(self) -> None:
        self.handled: list[list[bytes]] = []
        self.go_on = asyncio.Event()
        self.refused = b""
        self.error: Exception = ValueError("这一批无法处理")

    async def handle(self, deliveries) -> None:
        self.handled.append([one.body for one in deliveries])
        await self.go_on.wait()
        if self.refused in self.handled[-1]:
            raise self.error


@pytest.fixture
async def handler():
    return Handler()


async def begun(together, deliveries):
    task = asyncio.create_task(together.handle(deliveries))
    for _ in range(5):
        await asyncio.sleep(0)
    return task


async def test_what_comes_while_one_is_handled_goes_together_next(handler):
    together = Together(handler.handle, at_once=3)
    tasks = [await begun(together, some(name)) for name in "abc"]
    handler.go_on.set()
    await asyncio.gather(*tasks)

    assert handler.handled == [[b"a0"], [b"b0", b"c0"]]


async def test_a_full_batch_waits_for_no_small_one(handler):
    together = Together(handler.handle, at_once=2)
    small = await begun(together, some("a"))
    full = await begun(together, some("f", FETCH_MESSAGES))

    assert [len(bodies) for bodies in handler.handled] == [1, FETCH_MESSAGES]
    handler.go_on.set()
    await asyncio.gather(small, full)


async def test_no_more_go_together_than_one_handling_may_hold(handler):
    together = Together(handler.handle, at_once=3)
    small = FETCH_MESSAGES - 1
    tasks = [await begun(together, some(name, small)) for name in "abcdefg"]
    handler.go_on.set()
    await asyncio.gather(*tasks)

    fit = MOST_TOGETHER // small
    assert [len(bodies) for bodies in handler.handled] == [small, fit * small, (6 - fit) * small]


async def test_who_comes_within_a_moment_goes_with_the_first(handler):
    handler.go_on.set()
    together = Together(handler.handle, at_once=3, moment=timedelta(milliseconds=50))
    await asyncio.gather(*(together.handle(some(name)) for name in "abc"))

    assert handler.handled == [[b"a0", b"b0", b"c0"]]


async def test_nobody_answers_for_the_content_of_who_went_along(handler):
    handler.refused = b"c0"
    together = Together(handler.handle, at_once=3)
    tasks = [await begun(together, some(name)) for name in "abcd"]
    handler.go_on.set()

    told = await asyncio.gather(*tasks, return_exceptions=True)

    assert [type(each) for each in told] == [type(None), type(None), ValueError, type(None)]
    assert handler.handled[1:] == [[b"b0", b"c0", b"d0"], [b"b0"], [b"c0"], [b"d0"]]


async def test_all_are_told_at_once_that_the_store_is_away(handler):
    handler.refused, handler.error = b"c0", ConnectionFailure("away")
    together = Together(handler.handle, at_once=3)
    tasks = [await begun(together, some(name)) for name in "abc"]
    handler.go_on.set()

    told = await asyncio.gather(*tasks, return_exceptions=True)

    assert [type(each) for each in told] == [type(None), ConnectionFailure, ConnectionFailure]
    assert len(handler.handled) == 2


async def test_one_who_is_ended_while_it_waits_is_not_handled(handler):
    together = Together(handler.handle, at_once=3)
    first, gone, stays = [await begun(together, some(name)) for name in "abc"]

    gone.cancel()
    handler.go_on.set()

    await asyncio.gather(first, stays)
    with pytest.raises(asyncio.CancelledError):
        await gone
    assert handler.handled == [[b"a0"], [b"c0"]]


async def test_the_end_of_who_handles_ends_those_who_went_along():
    first_done, hanging = asyncio.Event(), asyncio.Event()

    async def handle(deliveries) -> None:
        if len(deliveries) == 1:
            await first_done.wait()
            return
        hanging.set()
        await asyncio.Event().wait()

    together = Together(handle, at_once=3)
    first, handles, along = [await begun(together, some(name)) for name in "abc"]
    first_done.set()
    await first
    await hanging.wait()

    handles.cancel()

    told = await asyncio.gather(handles, along, return_exceptions=True)
    assert [type(each) for each in told] == [asyncio.CancelledError] * 2

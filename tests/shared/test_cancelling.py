"""What is cancelled ends, also when it does not hear it at first."""

import asyncio

import pytest

from shared.cancelling import ended

pytestmark = pytest.mark.timeout(30)


class TestEnded:
    async def test_insists(self):
        heard = 0

        async def deaf() -> None:
            nonlocal heard
            while heard < 2:
                try:
                    await asyncio.Event().wait()
                except asyncio.CancelledError:
                    heard += 1

        task = asyncio.create_task(deaf())
        await asyncio.sleep(0)

        await ended(task)

        assert task.done()
        assert heard == 2

    async def test_passes_over_what_has_ended(self):
        async def fails() -> None:
            raise RuntimeError

        failed = asyncio.create_task(fails())
        await asyncio.wait({failed})

        await ended(failed)

        assert isinstance(failed.exception(), RuntimeError)

    async def test_has_nothing_to_do_for_nothing(self):
        await ended()

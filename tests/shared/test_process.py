import asyncio
import os
import signal

import pytest
from fastapi import FastAPI

from shared.process import run
from tests.support.servers import free_port

pytestmark = pytest.mark.timeout(30)


class TestRun:
    @pytest.mark.parametrize("with_port", [True, False])
    async def test_ends_on_a_signal_though_a_loop_does_not_hear_it_at_first(self, with_port):
        running = asyncio.Event()
        heard = 0

        async def deaf_at_first() -> None:
            nonlocal heard
            running.set()
            while heard < 2:
                try:
                    await asyncio.Event().wait()
                except asyncio.CancelledError:
                    heard += 1

        app = FastAPI() if with_port else None
        whole = asyncio.create_task(
            run([deaf_at_first], app=app, host="127.0.0.1", port=free_port())
        )
        await running.wait()

        os.kill(os.getpid(), signal.SIGTERM)
        await whole

        assert heard == 2

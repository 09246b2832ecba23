"""The supervisor, on real processes."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable

import pytest

from deploy.local.layout import CHECKOUT
from deploy.local.problem import StackProblem
from deploy.local.program import Program
from deploy.local.spawning import alive, started
from deploy.local.supervisor import Supervisor

pytestmark = pytest.mark.timeout(30)

_DEADLINE_SECONDS = 10


async def _works() -> None:
    """Be ready at once."""


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
async def supervisor(lines) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(lines.append, lambda: None)
    yield supervisor
    await supervisor.stop()


@pytest.fixture
def a_program(tmp_path) -> Callable[..., Program]:
    def make(*command: str, check=_works) -> Program:
        return Program(
            name="sleeper",
            command=command or ("sleep", "600"),
            environment=dict(os.environ),
            log=tmp_path / "sleeper.log",
            check=check,
        )

    return make


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(_DEADLINE_SECONDS):
        # What is waited for happens in other processes: there is no event to wait on.
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


class TestKeeper:
    async def test_restarts_what_dies_and_says_so(self, supervisor, lines, a_program):
        await supervisor.start([a_program()], patience_seconds=5)
        [before] = supervisor.records()

        os.kill(before.pid, signal.SIGKILL)

        await _until(lambda: supervisor.records()[0].restarts == 1)
        await _until(lambda: supervisor.records()[0].pid is not None)
        [after] = supervisor.records()
        assert after.pid != before.pid
        assert after.lives
        assert lines == ["sleeper 被信号 SIGKILL 终止，0.2 秒后重启"]

    async def test_waits_longer_each_time(self, supervisor, lines, a_program):
        await supervisor.start([a_program("false")], patience_seconds=5)

        await _until(lambda: len(lines) >= 3)

        assert [line.split("，")[1] for line in lines[:3]] == [
            "0.2 秒后重启",
            "0.4 秒后重启",
            "0.8 秒后重启",
        ]

    async def test_gives_up_on_a_start_that_always_fails(self, supervisor, a_program):
        async def never() -> None:
            raise RuntimeError("not yet")

        program = a_program("sh", "-c", "echo no such module; exit 3", check=never)

        with pytest.raises(StackProblem, match="sleeper 启动后总是退出：no such module"):
            await supervisor.start([program], patience_seconds=20)

    async def test_does_not_wait_for_ever(self, supervisor, a_program):
        async def never() -> None:
            raise RuntimeError("the door is shut")

        with pytest.raises(StackProblem, match=r"没有就绪（the door is shut）"):
            await supervisor.start([a_program(check=never)], patience_seconds=0.2)

    async def test_leaves_nothing_when_it_stops(self, supervisor, a_program):
        await supervisor.start([a_program(), a_program()], patience_seconds=5)
        records = supervisor.records()

        await supervisor.stop()

        assert [record.lives for record in records] == [False, False]

    async def test_stops_a_process_that_hangs(self, supervisor, a_program):
        await supervisor.start([a_program()], patience_seconds=5)
        [record] = supervisor.records()
        os.kill(record.pid, signal.SIGSTOP)

        await supervisor.stop()

        assert not record.lives

    async def test_stops_while_it_waits_to_restart(self, supervisor, lines, a_program):
        await supervisor.start([a_program("false")], patience_seconds=5)
        await _until(lambda: bool(lines))

        await supervisor.stop()

        assert supervisor.records()[0].pid is None


class TestSpawn:
    async def test_ties_the_child_to_its_parent(self, tmp_path):
        code = (
            "import sys; from pathlib import Path; from deploy.local.spawning import spawn;"
            f"print(spawn(['sleep', '600'], log=Path({str(tmp_path / 'log')!r})).pid, flush=True);"
            "sys.stdin.read()"
        )
        parent = subprocess.Popen(  # noqa: ASYNC220, S603  (its own Python; one line at once)
            [sys.executable, "-c", code],
            cwd=CHECKOUT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        with parent:
            child = int(parent.stdout.readline())
            began = started(child)
            assert alive(child, began)

            parent.kill()

        await _until(lambda: not alive(child, began))

    def test_does_not_take_a_reused_pid_for_its_own(self):
        assert alive(os.getpid(), started(os.getpid()))
        assert not alive(os.getpid(), "another boot/1")

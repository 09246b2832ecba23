"""Keep programs running: start them, restart what dies, stop all of it in order."""

import asyncio
import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from deploy.local.leftovers import remove_container
from deploy.local.problem import StackProblem
from deploy.local.program import Program
from deploy.local.record import ProcessRecord
from deploy.local.spawning import spawn, started
from shared.cancelling import ended

Say = Callable[[str], None]

_POLL_SECONDS = 0.05
_FIRST_DELAY_SECONDS = 0.2
_LONGEST_DELAY_SECONDS = 10.0
_STEADY_SECONDS = 30.0
_DEATHS_BEFORE_GIVING_UP = 4
_STOP_SECONDS = 15.0
_START_MARK = "=== started"


@dataclass(slots=True)
class Keeper:
    """Keeps one program running until it is told to stop."""

    program: Program
    say: Say
    changed: Callable[[], None]
    restarts: int = 0
    _process: subprocess.Popen[bytes] | None = None
    _began: str | None = None
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start the program now and begin to watch it."""
        self._spawn()
        self._task = asyncio.create_task(self._keep(), name=f"keep {self.program.name}")

    async def until_ready(self, *, patience_seconds: float) -> None:
        """Wait for the program's own round trip; say what its log says when it never comes."""
        deadline = time.monotonic() + patience_seconds
        while True:
            try:
                await self.program.check()
            except Exception as error:  # noqa: BLE001  (whatever fails, it is not ready)
                reason = str(error) or type(error).__name__
            else:
                return
            if self.restarts >= _DEATHS_BEFORE_GIVING_UP:
                raise StackProblem(f"{self.program.name} 启动后总是退出：{self._last_words()}")
            if time.monotonic() > deadline:
                raise StackProblem(
                    f"{self.program.name} 在 {patience_seconds:.0f} 秒内没有就绪"
                    f"（{reason[:200]}）：请看 {self.program.log}"
                )
            await asyncio.sleep(_POLL_SECONDS)

    async def stop(self) -> None:
        """Ask the program to end, then make it."""
        self._stopping.set()
        await self._end_process()
        if self._task is not None:
            await self._task

    def record(self) -> ProcessRecord:
        """Return what others may know of the process."""
        return ProcessRecord(
            name=self.program.name,
            pid=self._process.pid if self._process else None,
            began=self._began,
            port=self.program.port,
            restarts=self.restarts,
        )

    def _spawn(self) -> None:
        if self.program.container is not None:
            remove_container(self.program.container)
        _mark(self.program.log)
        self._process = spawn(
            self.program.command, log=self.program.log, environment=self.program.environment
        )
        self._began = started(self._process.pid)
        self.changed()

    async def _keep(self) -> None:
        delay = _FIRST_DELAY_SECONDS
        while True:
            born = time.monotonic()
            code = await self._until_dead()
            if self._stopping.is_set():
                return
            if time.monotonic() - born > _STEADY_SECONDS:
                delay = _FIRST_DELAY_SECONDS
            self.restarts += 1
            self.say(f"{self.program.name} {_how_it_ended(code)}，{delay:.1f} 秒后重启")
            if await self._stopped_within(delay):
                return
            self._spawn()
            delay = min(delay * 2, _LONGEST_DELAY_SECONDS)

    async def _until_dead(self) -> int:
        if self._process is None:
            raise RuntimeError(f"{self.program.name} was never started")
        code = None
        while code is None:
            code = await _ended_within(self._process, _STEADY_SECONDS)
        self._process, self._began = None, None
        self.changed()
        return code

    async def _stopped_within(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            # It may have been told to stop between the timeout and this line.
            return self._stopping.is_set()
        return True

    async def _end_process(self) -> None:
        process = self._process
        if process is None:
            return
        process.send_signal(signal.SIGTERM)
        # A process that was paused hears nothing until it goes on.
        process.send_signal(signal.SIGCONT)
        if await _ended_within(process, _STOP_SECONDS) is None:
            self.say(f"{self.program.name} 在 {_STOP_SECONDS:.0f} 秒内没有停止，强制结束")
            process.kill()

    def _last_words(self) -> str:
        output = self.program.log.read_text(errors="replace").rpartition(_START_MARK)[2]
        lines = output.strip().splitlines()[1:]
        last = lines[-1][:300] if lines else "没有输出"
        return f"{last}（全文见 {self.program.log}）"


def _mark(log: Path) -> None:
    """Begin a new part of a log: what stands before it was said by an earlier process."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a") as file:
        file.write(f"{_START_MARK} {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}\n")


async def _ended_within(process: subprocess.Popen[bytes], seconds: float) -> int | None:
    """Return the exit code of a process that ends in time."""
    deadline = time.monotonic() + seconds
    # Polled, because the child watchers of this Python either need a thread for each process or
    # take over the signal of all of them.
    while process.poll() is None and time.monotonic() < deadline:  # noqa: ASYNC110  (see above)
        await asyncio.sleep(_POLL_SECONDS)
    return process.returncode


def _how_it_ended(code: int) -> str:
    if code < 0:
        return f"被信号 {signal.Signals(-code).name} 终止"
    return f"意外退出（退出码 {code}）"


@dataclass(slots=True)
class Supervisor:
    """All programs of one stack."""

    say: Say
    changed: Callable[[], None]
    groups: list[list[Keeper]] = field(default_factory=list)

    async def start(self, programs: Iterable[Program], *, patience_seconds: float) -> None:
        """Start programs side by side and wait until each is ready."""
        fresh = [Keeper(program, self.say, self.changed) for program in programs]
        self.groups.append(fresh)
        for keeper in fresh:
            keeper.start()
        waits = [
            asyncio.create_task(keeper.until_ready(patience_seconds=patience_seconds))
            for keeper in fresh
        ]
        try:
            await asyncio.gather(*waits)
        finally:
            await ended(*waits)

    async def stop(self) -> None:
        """Stop everything, the last started first: services before the servers they use."""
        for group in reversed(self.groups):
            await asyncio.gather(*(keeper.stop() for keeper in group))

    def records(self) -> tuple[ProcessRecord, ...]:
        """Return what others may know of the processes."""
        return tuple(keeper.record() for group in self.groups for keeper in group)

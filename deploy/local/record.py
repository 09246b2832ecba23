"""What a running stack leaves on disk for other commands: who runs, where, since when."""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field

from deploy.local.files import write_json
from deploy.local.layout import Layout
from deploy.local.problem import StackProblem
from deploy.local.spawning import alive, started


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessRecord:
    """One process of the stack; without a pid while it is being restarted."""

    name: str
    pid: int | None
    began: str | None
    port: int | None
    restarts: int = 0

    @property
    def lives(self) -> bool:
        """Whether this very process is still there."""
        return self.pid is not None and alive(self.pid, self.began)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One run of the stack."""

    supervisor: ProcessRecord
    ready: bool
    urls: Mapping[str, str]
    containers: tuple[str, ...] = ()
    processes: tuple[ProcessRecord, ...] = field(default_factory=tuple)


def this_process() -> ProcessRecord:
    """Return the record of the supervisor that runs this code."""
    pid = os.getpid()
    return ProcessRecord(name="supervisor", pid=pid, began=started(pid), port=None)


def write(layout: Layout, record: Record) -> None:
    """Replace what is known of the running stack."""
    write_json(layout.record, asdict(record))


def read(layout: Layout) -> Record | None:
    """Return what the last run left, whether or not it still runs."""
    try:
        content = json.loads(layout.record.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    return Record(
        supervisor=ProcessRecord(**content["supervisor"]),
        ready=content["ready"],
        urls=content["urls"],
        containers=tuple(content["containers"]),
        processes=tuple(ProcessRecord(**process) for process in content["processes"]),
    )


def running(layout: Layout) -> Record | None:
    """Return the record of a stack whose supervisor lives."""
    record = read(layout)
    return record if record is not None and record.supervisor.lives else None


@contextmanager
def held(layout: Layout) -> Iterator[None]:
    """Be the only supervisor of this stack; the system lets go of the lock if we are killed."""
    layout.root.mkdir(mode=0o700, parents=True, exist_ok=True)
    with layout.lock.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            other = running(layout)
            who = f"（进程 {other.supervisor.pid}）" if other else ""
            raise StackProblem(
                f"本地栈已在运行或正在启动{who}：用 ./run status 查看，用 ./run down 停止"
            ) from error
        yield

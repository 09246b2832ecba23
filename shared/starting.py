"""How a service is started, run to its end, and what it says when it cannot begin."""

import asyncio
import gc
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Literal, TypeVar

import uvloop
from fastapi import FastAPI
from pydantic import ValidationError
from pymongo.errors import PyMongoError

from shared.access.enforcement import RouteWithoutRow, check_rows
from shared.calendar_file import CalendarUnreadable
from shared.cancelling import ended
from shared.logs import log
from shared.loops import figures_loop, kernel_loops, ready_loop
from shared.messaging.apply import TopologyDrift
from shared.process import Loop, run
from shared.settings import ServiceSettings, unknown_keys
from shared.timers import Timed
from shared.tls import TlsUnusable
from shared.wiring import Wires

Role = Literal["serve", "work", "both"]
S = TypeVar("S", bound=ServiceSettings)

_ROLES: tuple[Role, ...] = ("serve", "work", "both")
_COLLECTED_AFTER: Final = 50_000


def start(service: str, kind: type[S], main: Callable[[S, Role], Awaitable[None]]) -> None:
    """Read the command line and the environment and run; what stands in the way is one line."""
    role = next((r for r in _ROLES if r == (sys.argv[1:] or ["both"])[0]), None)
    if role is None:
        sys.exit(f"{service}：只能以 {'、'.join(_ROLES)} 方式启动")
    if misspelt := unknown_keys(kind):
        sys.exit(f"{service}：环境变量中有不认识的设置：{'、'.join(misspelt)}")
    try:
        settings = kind()
    except ValidationError as error:
        names = "、".join(".".join(map(str, one["loc"])) or one["msg"] for one in error.errors())
        sys.exit(f"{service}：环境变量缺少或有误：{names}")
    try:
        _collect_seldom()
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(to_the_end(main, settings, role))
    except (TopologyDrift, CalendarUnreadable, RouteWithoutRow, TlsUnusable) as wrong:
        sys.exit(f"{service}：{wrong}")
    except (PyMongoError, OSError, TimeoutError) as error:
        log.error("service.cannot_start", error=repr(error)[:300])
        sys.exit(f"{service}：启动时无法连接数据库或消息总线：{type(error).__name__}")


def _collect_seldom() -> None:
    """Have the garbage collector look less often: it took a tenth of posting's processor time.

    A batch makes tens of thousands of objects that live until its commit and hold no cycles. What
    is loaded by now stays for good, and need not be looked through again.
    """
    gc.freeze()
    gc.set_threshold(_COLLECTED_AFTER, 20, 20)


async def to_the_end(main: Callable[[S, Role], Awaitable[None]], settings: S, role: Role) -> None:
    """Run a service, and end whatever it leaves behind."""
    try:
        await main(settings, role)
    finally:
        # A connection that looks for its bus may go on with it: cancelled just then, its client
        # takes a refused attempt for the answer, and the loop itself would cancel it only once.
        await ended(*(asyncio.all_tasks() - {asyncio.current_task()}))


async def run_wired(
    wires: Wires,
    settings: ServiceSettings,
    role: Role,
    *,
    app: FastAPI,
    loops: Sequence[Loop],
    timed: Sequence[Timed] = (),
) -> None:
    """Run the HTTP side, the kernel's loops with a service's own, or both."""
    check_rows(app, wires.kernel.service)
    tls = settings.tls()
    working = [] if role == "serve" else [*kernel_loops(wires, settings, timed=timed), *loops]
    reporting = [
        wires.calendar.run,
        *ready_loop(settings, wires.kernel.checks),
        *figures_loop(settings, app),
    ]
    with wires.kernel.sight.of(app):
        await run(
            [*working, *reporting],
            app=None if role == "work" else app,
            host=settings.host,
            port=settings.port,
            tls=None if tls is None else tls.context(),
        )

"""Run a stack until somebody ends it: at a terminal, or detached from one."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

from deploy.local.layout import CHECKOUT, STACK_FOLDER, Layout
from deploy.local.options import Options
from deploy.local.problem import StackProblem
from deploy.local.stack import Say, local_stack

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_BACKGROUND = "deploy.local.background"
Urls = dict[str, str]


class Interrupted(Exception):
    """A person or the system asked the command to end; everything has been stopped."""


def interruptible(main: Callable[[], Coroutine[Any, Any, None]], *, say: Say) -> None:
    """Run async work so that Ctrl-C, TERM and a closed terminal end it in good order."""
    asyncio.run(_with_signals(main, say))


async def _with_signals(main: Callable[[], Coroutine[Any, Any, None]], say: Say) -> None:
    loop = asyncio.get_running_loop()
    work = loop.create_task(main())
    asked = False

    def end() -> None:
        nonlocal asked
        if not asked:
            asked = True
            say("正在停止…")
            work.cancel()

    for sign in _ENDING:
        loop.add_signal_handler(sign, end)
    try:
        await work
    except asyncio.CancelledError:
        if not asked:
            raise
        raise Interrupted from None
    finally:
        for sign in _ENDING:
            loop.remove_signal_handler(sign)


async def hold(options: Options, *, say: Say, ready: Callable[[Urls], None]) -> None:
    """Bring the stack up, report it, and keep it until cancelled."""
    async with local_stack(options, say=say) as stack:
        ready(stack.urls)
        await asyncio.Event().wait()


def detached(options: Options, *, say: Say, layout: Layout | None = None) -> Urls:
    """Start a supervisor in a session of its own and return once its stack is ready."""
    layout = layout or Layout()
    layout.make()
    reading, writing = os.pipe()
    with (layout.log / "supervisor.log").open("ab") as log:
        supervisor = subprocess.Popen(
            [sys.executable, "-m", _BACKGROUND, str(writing), options.as_json()],
            cwd=CHECKOUT,
            env={**os.environ, STACK_FOLDER: str(layout.root)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(writing,),
            start_new_session=True,
        )
    os.close(writing)
    try:
        return _follow(reading, say=say, log=layout.log)
    except BaseException:
        with suppress(ProcessLookupError):
            supervisor.terminate()
        supervisor.wait()
        raise


def _follow(reading: int, *, say: Say, log: Path) -> Urls:
    """Repeat what the supervisor says until it is ready or gone."""
    with os.fdopen(reading, encoding="utf-8") as lines:
        for line in lines:
            message: dict[str, Any] = json.loads(line)
            if "say" in message:
                say(message["say"])
            elif "ready" in message:
                urls: Urls = message["ready"]
                return urls
            else:
                raise StackProblem(message["problem"])
    raise StackProblem(f"后台进程意外退出：请看 {log / 'supervisor.log'}")

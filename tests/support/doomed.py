"""A service's real main in a process that kills itself at one named point of its work.

``python -m tests.support.doomed SERVICE LOG`` imports the service once and then forks a process for
each line it reads: the forked one is the service, with the same start as in production. Around the
named point stands nothing but ``kill -9``.
"""

import ctypes
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from importlib import import_module
from inspect import iscoroutinefunction
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, NoReturn

from nats.aio.msg import Msg
from nats.js import JetStreamContext
from pymongo.asynchronous.collection import AsyncCollection

from shared.outbox import Relay
from shared.settings import ServiceSettings
from shared.starting import start

When = Literal["before", "after"]
_PR_SET_PDEATHSIG = 1

# Where each service commits what it must not lose: the module that calls ``transact``.
_COMMITS = {
    "register": "services.registry.store.institutions",
    "post": "services.fund_monitor.store.ledger.postings",
    "judge": "services.fund_monitor.app.judging.judge",
    "replica": "services.fund_monitor.store.institutions",
    "tell": "services.schedule_monitor.app.held.take_held",
    "judge-held": "services.schedule_monitor.app.held.judge_held",
    "judge-classes": "services.schedule_monitor.app.judge_marked",
}


# What the file door does, step by step: in its store, and on disk.
_STORE = ("services.fund_monitor.store.banks.dropped_files", "DroppedFileStore")
_FOLDER = ("services.fund_monitor.app.banks.drop_folder", "BankFolder")
_FILES = {
    "file-held": (*_FOLDER, "hold"),
    "file-copied": (*_FOLDER, "spool"),
    "file-taken": (*_STORE, "take"),
    "file-answers": (*_STORE, "keep_answers"),
    "file-answered": (*_STORE, "answered"),
    "file-result": (*_FOLDER, "write_result"),
    "file-given": (*_FOLDER, "answer"),
    "file-moved": (*_FOLDER, "move"),
    "file-done": (*_STORE, "done"),
}


def die() -> NoReturn:
    """End this process as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("unreachable")


def arm(point: str, when: When) -> None:
    """Put the end of this process before or after one kind of step."""
    if point in _FILES:
        module, owner, name = _FILES[point]
        _around(getattr(import_module(module), owner), name, when, _any)
        return
    if point in _COMMITS:
        _around_commit(_COMMITS[point], when)
        return
    of_all, name, concerns = _STEPS[point]
    _around(of_all, name, when, concerns)


def _around(owner: Any, name: str, when: When, concerns: Callable[..., bool]) -> None:
    real = getattr(owner, name)
    if not iscoroutinefunction(real):
        _around_a_thread(owner, name, when)
        return

    async def armed(*args: Any, **kwargs: Any) -> Any:
        mine = concerns(*args, **kwargs)
        if mine and when == "before":
            die()
        result = await real(*args, **kwargs)
        if mine:
            die()
        return result

    setattr(owner, name, armed)


def _around_a_thread(owner: Any, name: str, when: When) -> None:
    real = getattr(owner, name)

    def armed(*args: Any, **kwargs: Any) -> Any:
        if when == "after":
            real(*args, **kwargs)
        die()

    setattr(owner, name, armed)


def _around_commit(place: str, when: When) -> None:
    """Die inside the transaction, when all of it is written, or when it has been committed."""
    module = import_module(place)
    real: Callable[..., Awaitable[Any]] = module.transact  # the name is imported there

    async def armed(db: Any, work: Callable[[Any], Awaitable[Any]]) -> Any:
        async def doomed(session: Any) -> Any:
            await work(session)
            die()

        if when == "before":
            return await real(db, doomed)
        await real(db, work)
        return die()

    module.transact = armed  # type: ignore[attr-defined]  # the name is imported there


def _published_to_intake(*_args: Any, **options: Any) -> bool:
    return options.get("stream") == "BANK_INTAKE"


def _published_by_relay(*_args: Any, **options: Any) -> bool:
    return options.get("stream") != "BANK_INTAKE"


def _of(stream: str) -> Callable[..., bool]:
    return lambda message, **_options: message.metadata.stream == stream


def _leased(collection: AsyncCollection[Any], _which: Any, update: Any, **_options: Any) -> bool:
    return collection.name == "outbox" and "leased_until" in update["$set"]


def _any(*_args: Any, **_options: Any) -> bool:
    return True


_STEPS: dict[str, tuple[Any, str, Callable[..., bool]]] = {
    "door": (JetStreamContext, "publish", _published_to_intake),
    "ack-intake": (Msg, "ack_sync", _of("BANK_INTAKE")),
    "ack-state": (Msg, "ack_sync", _of("REGISTRY_STATE")),
    "lease": (AsyncCollection, "update_many", _leased),
    "publish": (JetStreamContext, "publish", _published_by_relay),
    "mark": (Relay, "_mark_sent", _any),
}


def arm_receipt(stream: str) -> None:
    """Die with a message in hand: fetched from a stream and not yet looked at."""
    real = JetStreamContext.PullSubscription.fetch

    async def armed(*args: Any, **kwargs: Any) -> list[Msg]:
        messages = await real(*args, **kwargs)
        if any(message.metadata.stream == stream for message in messages):
            die()
        return messages

    setattr(JetStreamContext.PullSubscription, "fetch", armed)  # noqa: B010 - mypy's word for it


_RECEIPTS = {"receive-intake": "BANK_INTAKE", "receive-state": "REGISTRY_STATE"}


def _become(module: ModuleType, log: Path, order: dict[str, str]) -> NoReturn:
    """Be the service from here on; the parent's end is ours."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    with log.open("ab") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    point = order.get("point")
    if point in _RECEIPTS:
        arm_receipt(_RECEIPTS[point])
    elif point is not None:
        arm(point, "before" if order["when"] == "before" else "after")
    settings = next(
        found
        for found in vars(module).values()
        if isinstance(found, type)
        and issubclass(found, ServiceSettings)
        and found is not ServiceSettings
    )
    sys.argv = [module.SERVICE, order["role"]]
    try:
        start(module.SERVICE, settings, module.main)
    except SystemExit as ended:
        sys.stderr.write(f"{ended}\n")
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


def _tell(**what: int) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Fork the service for each order and tell how it ended."""
    service, log = sys.argv[1:]
    module = import_module(f"services.{service}.main")
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _become(module, Path(log), json.loads(line))
        _tell(pid=pid)
        _, status = os.waitpid(pid, 0)
        _tell(ended=os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()

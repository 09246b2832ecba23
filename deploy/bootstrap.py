"""Make an environment from the hashed lock when it is not there yet, then become the command.

Runs on the machine's own Python before anything is installed: only the standard library. The
environment is ``.venv``; another Python asked for by ``PYTHON=`` has one of its own beside it.
"""

import contextlib
import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

_CHECKOUT = Path(__file__).resolve().parents[1]
_CACHE = _CHECKOUT / ".cache"
# What the lock is made for, and what ``./run`` takes first.
_USUAL = (3, 11)
_NEED_DEVELOPMENT = {"test", "check", "contracts", "fuzz"}


class CannotInstall(Exception):
    """The environment cannot be made; the message is one line that says what to do."""


def folder_for(asked: str | None, version: tuple[int, int]) -> Path:
    """Return where an environment lies: a Python that was asked for never replaces the usual."""
    if not asked or version == _USUAL:
        return _CHECKOUT / ".venv"
    return _CACHE / "venv-{}.{}".format(*version)


_VENV = folder_for(os.environ.get("PYTHON"), sys.version_info[:2])
_PYTHON = _VENV / "bin" / "python"


def main() -> None:
    """Install what the command needs, then become it."""
    os.environ.update(_environment())
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    wanted = "dev" if command in _NEED_DEVELOPMENT else "local"
    try:
        if not _installed(wanted):
            _install_alone(wanted)
    except CannotInstall as problem:
        _say(f"✗ {problem}")
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    os.chdir(_CHECKOUT)
    os.execv(_PYTHON, [str(_PYTHON), "-m", "deploy.commands", *sys.argv[1:]])  # noqa: S606  (its own Python)


def _environment() -> dict[str, str]:
    """Keep caches and temporary files of this and every later process inside the checkout."""
    temporary = _CACHE / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    return {
        "TMPDIR": str(temporary),
        "PIP_CACHE_DIR": str(_CACHE / "pip"),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_ROOT_USER_ACTION": "ignore",
        "PIP_NO_INPUT": "1",
    }


def _lock(name: str) -> Path:
    return _CHECKOUT / "requirements" / f"{name}.txt"


def _stamp(name: str) -> Path:
    return _VENV / f".installed-{name}"


def _checksum(name: str) -> str:
    return hashlib.sha256(_lock(name).read_bytes()).hexdigest()


def _installed(wanted: str) -> bool:
    # What development needs holds everything that a person at a terminal needs.
    if not _PYTHON.exists():
        return False
    return any(
        _stamp(name).exists() and _stamp(name).read_text() == _checksum(name)
        for name in {wanted, "dev"}
    )


def _install_alone(wanted: str) -> None:
    with _only_one():
        # Another run may have done it while this one waited.
        if not _installed(wanted):
            _install(wanted)


@contextlib.contextmanager
def _only_one() -> Iterator[None]:
    """Wait for another run that installs; the system lets go of the lock if that one is killed."""
    with (_CACHE / "install.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("另一个 ./run 正在安装，等它完成…")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _install(wanted: str) -> None:
    _say("正在准备 Python 环境（首次需要下载，约一两分钟）…")
    if not _works():
        _execute([sys.executable, "-m", "venv", "--clear", str(_VENV)])
    for stamp in _VENV.glob(".installed-*"):
        stamp.unlink()
    _execute(
        [
            *(str(_PYTHON), "-m", "pip", "install", "--quiet"),
            *("--require-hashes", "--requirement", str(_lock(wanted))),
        ]
    )
    staged = _stamp(wanted).with_suffix(".new")
    staged.write_text(_checksum(wanted))
    staged.replace(_stamp(wanted))


def _works() -> bool:
    """Say whether an environment is there, whole, and of the Python that is asked for."""
    if not _PYTHON.exists():
        return False
    ask = "import sys, pip; print(sys.version_info[:2])"
    answer = subprocess.run([_PYTHON, "-c", ask], capture_output=True, text=True, check=False)
    return answer.returncode == 0 and answer.stdout.strip() == str(sys.version_info[:2])


def _execute(command: list[str]) -> None:
    log = _CACHE / "install.log"
    with log.open("w") as output:
        done = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        lines = [line.strip() for line in log.read_text(errors="replace").splitlines()]
        errors = [line for line in lines if line.startswith("ERROR")] or lines or ["没有输出"]
        raise CannotInstall(f"安装失败：{errors[-1]}（全文见 {log}；请检查网络后重试）")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()

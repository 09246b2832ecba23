"""Who may import whom, and what pure code may not ask for."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PURE = sorted(ROOT.glob("services/*/domain/**/*.py"))
# Time and chance come in as arguments, or a judgement could not be repeated.
IMPURE = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "new_id",
    "machine_now",
}
IMPURE_MODULES = {"random", "secrets", "time", "uuid", "uuid_utils", "os", "subprocess", "socket"}
# The one place that may read each clock.
CLOCKS = {"shared/clock.py"}


def sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in ROOT.glob(f"{folder}/**/*.py"))


def named(path: Path) -> set[str]:
    """Return the names a file uses, and what it asks of each: ``datetime.now``."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    return {node.id for node in nodes if isinstance(node, ast.Name)} | {
        f"{node.value.id}.{node.attr}"
        for node in nodes
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.timeout(60)
def test_every_import_contract_holds():
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    shown = subprocess.run(  # noqa: S603 - the tool of this environment
        command, cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert shown.returncode == 0, shown.stdout + shown.stderr


@pytest.mark.parametrize("path", PURE, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_domain_asks_for_no_time_and_no_chance(path):
    assert not named(path) & IMPURE
    assert not imported(path) & IMPURE_MODULES


def test_the_machine_is_asked_for_the_time_in_one_place():
    clocks = {name for name in IMPURE if "." in name}
    asking = {
        str(path.relative_to(ROOT))
        for path in sources("services", "shared")
        if named(path) & clocks
    }

    assert asking == CLOCKS


def test_no_service_makes_ids_or_chance_of_its_own():
    for path in sources("services"):
        assert not imported(path) & {"uuid", "uuid_utils", "random"}, path

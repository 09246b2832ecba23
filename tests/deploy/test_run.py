"""The script ``run``: what is missing on a machine is one line with the command to type."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.bootstrap import folder_for
from deploy.local.layout import CHECKOUT

_COMMANDS = "import os, sys\nprint(sys.argv[1:], os.environ['TMPDIR'])\n"

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def checkout(tmp_path) -> Path:
    """A checkout with nothing but what the script needs before anything is installed."""
    root = tmp_path / "a checkout"
    for name in ("run", "deploy/bootstrap.py"):
        target = root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(CHECKOUT / name, target)
    (root / "requirements").mkdir()
    (root / "requirements" / "local.txt").write_text("")
    (root / "requirements" / "dev.txt").write_text("")
    (root / "deploy" / "commands.py").write_text(
        "import os, sys\nprint(sys.argv[1:], os.environ['TMPDIR'])\n"
    )
    return root


@pytest.fixture
def path(tmp_path) -> Path:
    """A PATH with nothing but what a bare system has."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("dirname", "env"):
        (folder / name).symlink_to(shutil.which(name))
    return folder


def _run(
    checkout: Path, *arguments: str, path: Path | None = None, **more: str
) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": str(path) if path else os.environ["PATH"],
        "HOME": str(checkout.parent),
        **more,
    }
    return subprocess.run(  # noqa: S603  (our own script)
        ["/bin/sh", str(checkout / "run"), *arguments],
        cwd="/",
        env=environment,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )


def _fake_python(path: Path, script: str) -> None:
    python = path / "python3.11"
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)


class TestFolderFor:
    @pytest.mark.parametrize(
        ("asked", "version", "folder"),
        [
            pytest.param(None, (3, 11), ".venv", id="the usual one"),
            pytest.param(None, (3, 13), ".venv", id="the only one of the machine"),
            pytest.param("python3.11", (3, 11), ".venv", id="the usual one, asked for"),
            pytest.param("python3.12", (3, 12), ".cache/venv-3.12", id="another"),
            pytest.param("python3.13", (3, 13), ".cache/venv-3.13", id="one more"),
        ],
    )
    def test_gives_every_other_python_that_is_asked_for_its_own(self, asked, version, folder):
        assert folder_for(asked, version) == CHECKOUT / folder


class TestRun:
    def test_says_how_to_get_python(self, checkout, path):
        done = _run(checkout, "up", path=path)

        assert done.returncode == 1
        [line] = done.stderr.splitlines()
        assert "sudo apt-get install -y python3.11 python3.11-venv" in line

    def test_says_how_to_get_venv(self, checkout, path):
        _fake_python(path, f'case "$2" in *ensurepip*) exit 1;; esac\nexec {sys.executable} "$@"')

        done = _run(checkout, "up", path=path)

        assert done.returncode == 1
        [line] = done.stderr.splitlines()
        assert "sudo apt-get install -y python3." in line
        assert line.endswith("-venv")

    def test_takes_no_other_python_than_the_one_that_is_asked_for(self, checkout, path):
        _fake_python(path, f'exec {sys.executable} "$@"')

        done = _run(checkout, "up", path=path, PYTHON="python3.99")

        assert done.returncode == 69
        [line] = done.stderr.splitlines()
        assert "没有可用的 python3.99" in line

    def test_finds_a_python_that_pyenv_has_and_has_not_switched_on(self, checkout, path, tmp_path):
        kept = tmp_path / "pyenv" / "versions" / "3.99.1" / "bin"
        kept.mkdir(parents=True)
        python = kept / "python"
        python.write_text("#!/bin/sh\necho hello from pyenv >&2\nexit 0\n")
        python.chmod(0o755)

        done = _run(
            checkout, "up", path=path, PYTHON="python3.99", PYENV_ROOT=str(tmp_path / "pyenv")
        )

        assert done.returncode == 0
        assert done.stderr.splitlines() == ["hello from pyenv"]

    def test_makes_the_environment_and_hands_over(self, checkout):
        first = _run(checkout, "up", "--fresh")
        again = _run(checkout, "status")

        assert first.returncode == 0, first.stderr
        assert first.stdout.strip() == f"['up', '--fresh'] {checkout / '.cache' / 'tmp'}"
        assert "正在准备" in first.stderr
        assert again.stderr == ""

    def test_installs_again_when_the_lock_has_changed(self, checkout):
        _run(checkout, "status")
        lock = checkout / "requirements" / "local.txt"
        lock.write_text("# another\n")

        done = _run(checkout, "status")

        assert "正在准备" in done.stderr
        stamp = checkout / ".venv" / ".installed-local"
        assert stamp.read_text() == hashlib.sha256(lock.read_bytes()).hexdigest()

    def test_says_what_could_not_be_installed(self, checkout):
        (checkout / "requirements" / "local.txt").write_text("nothing-pinned\n")

        done = _run(checkout, "up")

        assert done.returncode == 1
        assert done.stderr.splitlines()[-1].startswith("✗ 安装失败：ERROR: ")
        assert "Traceback" not in done.stderr

    def test_installs_once_when_two_start_together(self, checkout):
        command = ["/bin/sh", str(checkout / "run"), "status"]
        runs = [
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # noqa: S603
            for _ in range(2)
        ]
        said = [run.communicate(timeout=110)[1] for run in runs]

        assert [run.returncode for run in runs] == [0, 0], said
        assert sum("正在准备" in each for each in said) == 1

    def test_writes_nothing_outside_the_checkout(self, checkout, path):
        # On this PATH there is no rustc either: pip asks for its version, and rustup then writes.
        _fake_python(path, f'exec {sys.executable} "$@"')
        before = set(checkout.parent.iterdir())

        assert _run(checkout, "status", path=path).returncode == 0

        assert set(checkout.parent.iterdir()) == before

"""The banks' sandbox beside a live stack, and the kit's command against it, every process real."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.local.layout import CHECKOUT, STACK_FOLDER
from tests.deploy.demo.test_journey import free_port_base

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


@dataclass(frozen=True)
class Commands:
    """``./run`` with its folders in a place of the test's own."""

    folder: Path
    port_base: int

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603  (our own commands)
            [sys.executable, "-m", "deploy.commands", *arguments],
            cwd=CHECKOUT,
            env={**os.environ, STACK_FOLDER: str(self.folder / "stack"), "COLUMNS": "200"},
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    def sandbox(self, verb: str) -> str:
        """Return where the sandbox's door is."""
        done = self.run("sandbox", verb, "--port-base", str(self.port_base), "--json")
        assert done.returncode == 0, done.stderr
        return str(json.loads(done.stdout)["fund_monitor"])

    def secret_of(self, bank: str) -> str:
        done = self.run("bank", "add", bank, "--sandbox")
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


@pytest.fixture
def commands(tmp_path) -> Iterator[Commands]:
    commands = Commands(tmp_path, free_port_base())
    yield commands
    commands.run("sandbox", "down")


def test_a_bank_passes_the_kit_in_a_sandbox_which_is_emptied_by_one_command(commands, tmp_path):
    live = tmp_path / "stack"
    url = commands.sandbox("up")
    secret = tmp_path / "secret"
    secret.write_text(commands.secret_of("alpha") + "\n")
    written = ("--json", str(tmp_path / "kit.json"), "--report", str(tmp_path / "kit.docx"))
    asked = ("bank-kit", "--url", url, "--bank", "alpha", "--secret-file", str(secret))

    done = commands.run(*asked, *written)

    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads((tmp_path / "kit.json").read_text())
    assert told["totals"]["failed"] == 0
    assert told["totals"]["passed"] >= 40
    assert (tmp_path / "kit.docx").stat().st_size > 0
    assert not live.exists() or not (live / "data").exists()

    assert commands.sandbox("reset") == url
    assert commands.secret_of("alpha") != secret.read_text().strip()

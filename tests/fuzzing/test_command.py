"""``./run fuzz`` as a person starts it."""

import socket
import subprocess
import sys

import pytest

from deploy.local.layout import CHECKOUT

pytestmark = pytest.mark.timeout(60)


def fuzz(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  (our own command)
        [sys.executable, "-m", "deploy.commands", "fuzz", *arguments],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


def test_an_unknown_service_is_answered_with_the_known_ones():
    answer = fuzz("--service", "nowhere")

    assert answer.returncode == 2
    assert "fund_monitor" in answer.stderr


def test_says_its_seed_and_in_one_line_what_is_in_the_way():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        answer = fuzz("--seed", "7", "--port-base", str(taken.getsockname()[1]))

    assert answer.returncode == 1
    seed, problem = answer.stderr.splitlines()
    assert "--seed 7" in seed
    assert problem.startswith("✗ 端口")

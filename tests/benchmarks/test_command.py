"""``./run bench`` as a person starts it."""

import json
import subprocess
import sys

import pytest

from deploy.local.layout import CHECKOUT


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  (our own command)
        [sys.executable, "-m", "deploy.commands", "bench", *arguments],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", [["speed"], []])
def test_an_unknown_name_is_answered_with_a_line_of_known_ones(name):
    answer = bench(*name)

    assert answer.returncode == 1
    [line] = answer.stderr.splitlines()
    assert line.endswith("可用：funds schedule sight")


@pytest.mark.timeout(60)
def test_results_that_could_not_be_kept_are_not_measured(tmp_path):
    answer = bench("sight", "--json", str(tmp_path / "missing" / "bench.json"))

    assert answer.returncode == 1
    [line] = answer.stderr.splitlines()
    assert "文件夹不存在" in line


@pytest.mark.e2e
@pytest.mark.timeout(180)
def test_sight_is_measured_on_against_off(tmp_path):
    path = tmp_path / "bench.json"

    answer = bench("sight", "--quick", "--json", str(path))

    assert answer.returncode == 0, answer.stderr
    document = json.loads(path.read_text())
    assert json.loads(answer.stdout) == document
    assert document["results"]["on"]["events_per_second"] > 0
    assert set(document["results"]["cost_percent"]) == {"throughput", "processor"}

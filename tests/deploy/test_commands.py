"""The commands behind ``./run``, on a stack of its own with every process real."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pymongo import MongoClient
from pymongo.collection import Collection

from deploy.local.layout import CHECKOUT
from deploy.local.spawning import alive, started
from shared.city_time import city_date
from shared.clock import machine_now
from shared.messaging.permissions import SERVICES
from tests.registry.builders import a_filing
from tests.support.servers import free_port

PROCESSES = {
    "nats-server",
    "mongod",
    "registry",
    "schedule_monitor",
    "fund_monitor-serve",
    "fund_monitor-work",
    "ads_watch",
}


@dataclass(frozen=True)
class Commands:
    """``./run`` with its stack in a folder of the test's own."""

    folder: Path
    port_base: int

    def run(self, *arguments: str, seconds: float = 60) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603  (our own commands)
            [sys.executable, "-m", "deploy.commands", *arguments],
            cwd=CHECKOUT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "HAINING_STACK_FOLDER": str(self.folder), "COLUMNS": "200"}

    def up(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.run("up", "--port-base", str(self.port_base), *arguments, seconds=120)

    def status(self) -> dict[str, dict[str, Any]]:
        return {each["name"]: each for each in json.loads(self.run("status", "--json").stdout)}


def _free_ports() -> int:
    """Return a base with twelve free ports after it, below the ports that clients are given.

    Where the search begins differs from run to run: another run of these tests stops and starts
    its stack as well, and must not take these ports meanwhile.
    """
    first = 20_000 + os.getpid() % 500 * 20
    for base in (*range(first, 32_000, 20), *range(20_000, first, 20)):
        try:
            for port in range(base, base + 12):
                with socket.create_server(("127.0.0.1", port)):
                    pass
        except OSError:
            continue
        return base
    raise RuntimeError("no free ports")


@pytest.fixture(scope="module")
def commands(tmp_path_factory) -> Iterator[Commands]:
    commands = Commands(tmp_path_factory.mktemp("run"), _free_ports())
    yield commands
    commands.run("down")


def _until(condition: Callable[[], bool], *, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _written(file: Path) -> str:
    """Return a file that a process writes soon after it is ready."""
    deadline = time.monotonic() + 20
    while not file.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    return file.read_text()


def _one_line(done: subprocess.CompletedProcess[str]) -> str:
    """Return the line in which a command says what is in its way."""
    assert done.returncode == 1, done.stderr
    assert done.stdout == ""
    [line] = [line for line in done.stderr.splitlines() if line.startswith("✗")]
    assert "Traceback" not in done.stderr
    return line


def _register_an_institution(commands: Commands) -> None:
    """Enter an institution, and wait until its audit row is sealed."""
    registry = f"http://127.0.0.1:{commands.port_base}/v1"
    token = commands.run("token", "--department", "education").stdout.strip()
    with httpx.Client(headers={"Authorization": f"Bearer {token}"}, trust_env=False) as client:
        entered = client.post(f"{registry}/institutions", json=a_filing())
        assert entered.status_code == 201, entered.text
        _until(lambda: client.get(f"{registry}/audit/head").json()["sequence"] > 0)


@contextmanager
def _audit_rows(commands: Commands, service: str) -> Iterator[Collection[dict[str, Any]]]:
    """Write into a service's audit rows past the service, as somebody with its password could."""
    client: MongoClient[dict[str, Any]] = MongoClient(
        f"mongodb://127.0.0.1:{commands.port_base + 5}/?directConnection=true",
        username=service,
        password=(commands.folder / "keys" / "mongo" / f"{service}.password").read_text(),
        authSource=service,
    )
    with client:
        yield client[service]["audit"]


@pytest.mark.integration
@pytest.mark.timeout(60)
class TestWithoutAStack:
    @pytest.fixture
    def empty(self, tmp_path) -> Commands:
        return Commands(tmp_path, free_port() - 1)

    def test_status_is_an_empty_list(self, empty):
        done = empty.run("status", "--json")

        assert json.loads(done.stdout) == []
        assert done.returncode == 3

    def test_down_has_nothing_to_stop(self, empty):
        assert empty.run("down").returncode == 0

    @pytest.mark.parametrize(
        "arguments",
        [
            ["inbox", "--department", "pboc"],
            ["department-kit", "--department", "pboc"],
            ["bank", "add", "a"],
            ["audit", "verify"],
            ["proof", "--day", "2026-06-30"],
        ],
    )
    def test_what_needs_a_stack_says_how_to_start_it(self, empty, arguments):
        assert "./run up" in _one_line(empty.run(*arguments))

    def test_a_token_needs_a_bearer(self, empty):
        assert "--department" in _one_line(empty.run("token"))

    def test_a_token_needs_a_known_department(self, empty):
        assert "没有 pbocc 这个部门" in _one_line(empty.run("token", "--department", "pbocc"))

    @pytest.mark.parametrize("detach", [[], ["--detach"]])
    def test_a_port_in_the_way_is_named(self, empty, detach):
        with socket.create_server(("127.0.0.1", empty.port_base + 1)):
            line = _one_line(empty.up(*detach))

        assert f"端口 {empty.port_base + 1}（schedule_monitor 要用）已被占用" in line
        assert "--port-base" in line

    def test_a_server_given_and_absent_is_named(self, empty):
        url = f"nats://127.0.0.1:{free_port()}"

        assert url in _one_line(empty.up("--nats-url", url))

    def test_a_test_that_is_not_there_is_named(self, empty):
        done = empty.run("test", "tests/nowhere/test_nothing.py::test_it")

        assert done.returncode == pytest.ExitCode.USAGE_ERROR
        assert "没有这个测试文件或目录：tests/nowhere/test_nothing.py\n" in done.stderr

    def test_a_missing_docker_is_named(self, empty, tmp_path):
        done = subprocess.run(
            [sys.executable, "-m", "deploy.commands", "up", "--docker"],
            cwd=CHECKOUT,
            env={**empty.environment, "PATH": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

        assert "docker" in _one_line(done)


@pytest.mark.e2e
@pytest.mark.timeout(180)
class TestStack:
    """In the order in which a person would do it; each test goes on where the last one ended."""

    def test_up_returns_when_all_is_ready(self, commands):
        done = commands.up("--detach", "--json", "--as-of", "2026-06-30")

        assert done.returncode == 0, done.stderr
        urls = json.loads(done.stdout)
        assert set(urls) == {*SERVICES, "nats", "mongo"}
        for service in SERVICES:
            answer = httpx.get(f"{urls[service]}/health/ready", trust_env=False)
            assert answer.status_code == 200

    def test_status_names_every_process(self, commands):
        found = commands.status()

        assert set(found) == PROCESSES
        assert all(each["ready"] and each["pid"] for each in found.values())
        ports = [each["port"] for each in found.values() if each["port"]]
        assert sorted(ports) == list(range(commands.port_base, commands.port_base + 6))

    def test_every_process_shows_its_figures(self, commands):
        ports = {name: each["port"] for name, each in commands.status().items()}
        pages = [
            httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text
            for name, port in ports.items()
            if port and name not in {"nats-server", "mongod"}
        ]
        pages.append(_written(commands.folder / "run" / "fund_monitor-work.prom"))

        assert len(pages) == len(PROCESSES) - 2
        for page in pages:
            assert "haining_outbox_oldest_seconds 0.0" in page
            assert 'haining_look_timestamp_seconds{what="consumers"}' in page
        assert "haining_fund_marks_waiting 0.0" in pages[-1]

    def test_a_second_run_is_refused(self, commands):
        assert "./run down" in _one_line(commands.up("--json"))

    def test_a_bank_is_made_and_its_secret_shown_once(self, commands):
        first = commands.run("bank", "add", "abc", "--name", "示例银行")

        assert first.returncode == 0, first.stderr
        assert first.stdout.startswith("whsec_")
        assert "已经存在" in _one_line(commands.run("bank", "add", "abc"))

    def test_a_banks_secret_is_rotated_and_shown_once(self, commands):
        made = commands.run("bank", "rotate", "abc", "--keep-hours", "1")
        again = commands.run("bank", "rotate", "abc")

        assert made.returncode == 0, made.stderr
        assert made.stdout.startswith("whsec_")
        assert "旧密钥有效至" in made.stderr
        assert "已有两个有效密钥" in _one_line(again)

    def test_the_inbox_of_a_department_is_merged(self, commands):
        done = commands.run("inbox", "--department", "pboc")

        assert done.returncode == 0, done.stderr
        assert "市人民银行 的预警" in done.stdout

    @pytest.mark.parametrize(("code", "name"), [("pboc", "市人民银行"), ("xucun", "许村镇")])
    def test_the_kit_of_a_department_or_town_works(self, commands, code, name):
        done = commands.run("department-kit", "--department", code)

        assert done.returncode == 0, done.stdout
        assert f"{name} 的接入信息" in done.stdout
        assert "✗" not in done.stdout
        assert done.stdout.count("✓") == 10 + len(SERVICES)
        seed = commands.folder / "keys" / "nats" / f"{code}.nk"
        assert seed.read_text() not in done.stdout

    def test_the_kit_tells_a_script_what_does_not_work(self, commands):
        seed = commands.folder / "keys" / "nats" / "cbirc.nk"
        kept = seed.read_bytes()
        seed.write_text("no seed")

        done = commands.run("department-kit", "--department", "cbirc", "--json")
        seed.write_bytes(kept)

        kit = json.loads(done.stdout)
        [wrong] = [check for check in kit["checks"] if not check["ok"]]
        assert done.returncode == 1
        assert (kit["ok"], wrong["name"]) == (False, "凭据 credentials")
        assert wrong["advice"]
        assert kit["connection"]["durables"] == "alerts-cbirc exchange-cbirc"

    def test_a_changed_audit_row_is_named(self, commands):
        _register_an_institution(commands)
        whole = commands.run("audit", "verify")
        with _audit_rows(commands, "registry") as rows:
            rows.update_one({"sequence": 1}, {"$set": {"action": "other"}})
            changed = commands.run("audit", "verify")
            rows.update_one({"sequence": 1}, {"$set": {"action": "institution.registered"}})
        another = commands.run("audit", "verify", "--service", "ads_watch")

        assert (whole.returncode, changed.returncode, another.returncode) == (0, 1, 0)
        assert "全部相符" in whole.stdout
        assert "✗ registry 第 1 行：内容与其摘要不符" in changed.stdout
        assert "registry" not in another.stdout

    def test_an_unknown_service_has_no_audit_chain(self, commands):
        assert "没有 nobody 这个服务" in _one_line(
            commands.run("audit", "verify", "--service", "nobody")
        )

    def test_the_proof_of_a_day_is_shown_and_written(self, commands, tmp_path):
        today, file = city_date(machine_now()), tmp_path / "proof.json"

        done = commands.run("proof", "--day", today.isoformat(), "--json", str(file))

        assert done.returncode == 0, done.stderr
        assert "目前没有缺口" in done.stdout
        assert json.loads(file.read_text())["gaps"] == 0

    def test_a_day_that_has_not_come_cannot_be_proved(self, commands):
        later = city_date(machine_now()) + timedelta(days=2)

        assert "还没有到" in _one_line(commands.run("proof", "--day", later.isoformat()))

    def test_whatever_dies_is_restarted(self, commands):
        before = commands.status()
        for each in before.values():
            os.kill(each["pid"], signal.SIGKILL)

        def back() -> bool:
            now = commands.status()
            return all(
                each["ready"] and each["pid"] != before[name]["pid"] for name, each in now.items()
            )

        _until(back)
        log = (commands.folder / "log" / "supervisor.log").read_text()
        assert [name for name in PROCESSES if f"{name} 被信号 SIGKILL 终止" not in log] == []

    def test_down_stops_all_of_it_and_only_that(self, commands):
        with subprocess.Popen(["/bin/sleep", "600"]) as bystander:
            pids = {each["pid"]: started(each["pid"]) for each in commands.status().values()}

            done = commands.run("down")

            assert done.returncode == 0, done.stderr
            assert [pid for pid, began in pids.items() if alive(pid, began)] == []
            assert bystander.poll() is None
            bystander.kill()
        assert commands.run("status", "--json").stdout.strip() == "[]"

    def test_another_day_needs_a_fresh_start(self, commands):
        line = _one_line(commands.up("--detach", "--as-of", "2026-07-01"))

        assert "2026-06-30" in line
        assert "--fresh" in line

    def test_data_is_kept_when_the_ports_change(self, commands):
        moved = Commands(commands.folder, commands.port_base + 6)

        assert moved.up("--detach", "--json").returncode == 0
        again = _one_line(moved.run("bank", "add", "abc"))

        assert "已经存在" in again

    def test_a_supervisor_killed_leaves_no_orphan(self, commands):
        record = json.loads((commands.folder / "run" / "record.json").read_text())
        left = [(each["pid"], each["began"]) for each in record["processes"]]

        os.kill(record["supervisor"]["pid"], signal.SIGKILL)

        _until(lambda: not any(alive(pid, began) for pid, began in left))

    def test_fresh_begins_with_nothing_and_ctrl_c_ends_it(self, commands):
        with subprocess.Popen(  # noqa: S603  (our own commands)
            [
                *(sys.executable, "-m", "deploy.commands", "up", "--json", "--fresh"),
                *("--port-base", str(commands.port_base)),
            ],
            cwd=CHECKOUT,
            env=commands.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as stack:
            assert stack.stdout is not None
            assert json.loads(stack.stdout.readline())
            assert commands.run("bank", "add", "abc").stdout.startswith("whsec_")
            pids = {each["pid"]: started(each["pid"]) for each in commands.status().values()}

            stack.send_signal(signal.SIGINT)

            _, said = stack.communicate(timeout=60)
        assert stack.returncode == 130
        assert "正在停止" in said.decode()
        assert "Traceback" not in said.decode()
        assert len(pids) == len(PROCESSES)
        assert [pid for pid, began in pids.items() if alive(pid, began)] == []

    def test_every_secret_is_private(self, commands):
        modes = {
            path.stat().st_mode & 0o777
            for path in (commands.folder / "keys").rglob("*")
            if path.is_file()
        }

        assert modes == {0o600}

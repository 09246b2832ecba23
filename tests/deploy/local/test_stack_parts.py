"""What the stack checks, makes and keeps before anything runs."""

import json
import os
import signal
import socket
import stat
import subprocess
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from deploy.local import binaries, leftovers, record, service_clock
from deploy.local.issuer import AUDIENCE, ISSUER, Issuer
from deploy.local.keys import Keys
from deploy.local.layout import Layout
from deploy.local.ports import Ports
from deploy.local.problem import StackProblem
from deploy.local.record import ProcessRecord, Record, this_process
from deploy.local.services import Addresses, programs
from deploy.local.spawning import started
from shared.access.tokens import Verifier
from shared.errors import Unauthenticated
from tests.support.servers import free_port


@pytest.fixture
def layout(tmp_path) -> Layout:
    layout = Layout(tmp_path / "stack")
    layout.make()
    return layout


@pytest.fixture(scope="module")
def keys(tmp_path_factory) -> Keys:
    keys = Keys(tmp_path_factory.mktemp("keys"))
    keys.make()
    return keys


class TestKeys:
    def test_are_readable_by_their_owner_only(self, keys):
        files = [path for path in keys.folder.rglob("*") if path.is_file()]

        assert len(files) > 50
        assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}

    def test_are_made_once(self, keys):
        before = _contents(keys.folder)

        keys.make()

        assert _contents(keys.folder) == before

    def test_are_never_the_same_twice(self, keys, tmp_path):
        others = Keys(tmp_path / "others")
        others.make()

        mine, theirs = _contents(keys.folder), _contents(others.folder)
        assert mine.keys() == theirs.keys()
        assert [name for name in mine if mine[name] == theirs[name]] == []

    def test_publish_no_private_part(self, keys):
        [public] = json.loads(keys.issuer_jwks.read_text())["keys"]

        assert "d" not in public


class TestIssuer:
    async def test_signs_what_the_services_accept(self, keys):
        verifier = Verifier(jwks=str(keys.issuer_jwks), issuer=ISSUER, audience=AUDIENCE)
        await verifier.load()

        token = Issuer(keys.issuer_key).token(role="staff", department="pboc")

        caller = await verifier.caller_of(token)
        assert (caller.role, caller.department, caller.bank) == ("staff", "pboc", None)

    async def test_signs_for_a_time(self, keys):
        verifier = Verifier(jwks=str(keys.issuer_jwks), issuer=ISSUER, audience=AUDIENCE)
        await verifier.load()

        with pytest.raises(Unauthenticated):
            await verifier.caller_of(Issuer(keys.issuer_key).token(role="admin", hours=-1))

    def test_needs_a_stack_that_was_started_once(self, tmp_path):
        with pytest.raises(StackProblem, match=r"\./run up"):
            Issuer(tmp_path / "none").token(role="admin")


class TestServiceClock:
    def test_stands_at_six_in_the_evening_of_the_day_asked_for(self, layout):
        clock = service_clock.settle(layout, as_of=date(2026, 6, 30))

        seen = datetime.now(UTC) + timedelta(seconds=clock.offset_seconds)
        assert abs(seen - datetime(2026, 6, 30, 10, tzinfo=UTC)) < timedelta(seconds=5)

    @pytest.mark.parametrize("again", [None, date(2026, 6, 30)])
    def test_stays_with_the_data(self, layout, again):
        first = service_clock.settle(layout, as_of=date(2026, 6, 30))
        service_clock.keep(layout, first)

        assert service_clock.settle(layout, as_of=again) == first

    @pytest.mark.parametrize("first", [None, date(2026, 6, 30)])
    def test_does_not_move_to_another_day(self, layout, first):
        service_clock.keep(layout, service_clock.settle(layout, as_of=first))

        with pytest.raises(StackProblem, match="--fresh"):
            service_clock.settle(layout, as_of=date(2026, 7, 1))

    def test_is_nobodys_before_there_is_data(self, layout):
        service_clock.settle(layout, as_of=date(2026, 6, 30))

        assert service_clock.settle(layout, as_of=date(2026, 7, 1)).as_of == date(2026, 7, 1)

    def test_is_the_machines_where_no_day_is_asked_for(self, layout):
        assert service_clock.settle(layout, as_of=None).offset_seconds == 0


class TestPorts:
    def test_names_the_port_and_who_has_it(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]

            with pytest.raises(StackProblem) as problem:
                Ports(port).check_free("registry")

        line = str(problem.value)
        assert f"端口 {port}（registry 要用）已被占用（进程 {os.getpid()} " in line
        assert "--port-base" in line
        assert "\n" not in line

    def test_lets_a_free_one_pass(self):
        Ports(free_port()).check_free("registry")


class TestBinaries:
    @pytest.fixture
    def on_path(self, tmp_path, monkeypatch):
        def put(script: str) -> None:
            program = tmp_path / "mongod"
            program.write_text(f"#!/bin/sh\n{script}\n")
            program.chmod(0o755)
            monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

        return put

    def test_take_the_wheel_where_there_is_nothing_on_the_path(self, monkeypatch):
        monkeypatch.setenv("PATH", "/nonexistent")

        assert binaries.mongod().name == "mongod"
        assert binaries.nats_server().name == "nats-server"

    def test_prefer_the_path(self, on_path, tmp_path):
        on_path("echo db version v8.0.4")

        assert binaries.mongod() == tmp_path / "mongod"

    @pytest.mark.parametrize(
        ("script", "says"),
        [
            pytest.param(
                "echo 'mongod: error while loading shared libraries: libcurl.so.4: cannot open "
                "shared object file: No such file or directory' >&2; exit 127",
                r"缺少系统库 libcurl\.so\.4：请执行 sudo apt-get install -y libcurl4 ",
                id="a library is missing",
            ),
            pytest.param("kill -ILL $$", "没有 AVX.*--mongo-url", id="the processor is too old"),
            pytest.param("echo db version v4.4.1", r"v4\.4，需要 6\.0 以上", id="an old release"),
            pytest.param("echo broken >&2; exit 1", r"不能运行（broken）.*--docker", id="else"),
        ],
    )
    def test_say_what_is_missing(self, on_path, script, says):
        on_path(script)

        with pytest.raises(StackProblem, match=says):
            binaries.mongod()


class TestLock:
    def test_lets_one_supervisor_in(self, layout):
        with record.held(layout):
            record.write(layout, _a_record())

            with pytest.raises(StackProblem, match=rf"进程 {os.getpid()}.*./run down"):
                record.held(layout).__enter__()

    def test_is_free_again_afterwards(self, layout):
        with record.held(layout):
            pass
        with record.held(layout):
            pass


class TestSweep:
    def test_ends_what_a_dead_run_left(self, layout):
        with subprocess.Popen(["/bin/sleep", "600"]) as left:
            record.write(layout, _a_record(_recorded(left.pid, started(left.pid))))
            said: list[str] = []

            leftovers.sweep(layout, say=said.append)

            assert left.wait(5) == -signal.SIGTERM
        assert said == [f"清理上次残留的进程：left ({left.pid})"]
        assert record.read(layout) is None

    def test_does_not_touch_another_process_with_the_same_pid(self, layout):
        with subprocess.Popen(["/bin/sleep", "600"]) as somebody:
            record.write(layout, _a_record(_recorded(somebody.pid, "an earlier boot/7")))

            leftovers.sweep(layout, say=lambda _: None)

            assert somebody.poll() is None
            somebody.kill()

    def test_has_nothing_to_do_without_a_record(self, layout):
        leftovers.sweep(layout, say=pytest.fail)


class TestPrograms:
    @pytest.fixture
    def made(self, layout, keys):
        addresses = Addresses(nats="nats://x", mongo="mongodb://y", clock_offset_seconds=-7)
        return {
            program.name: program
            for program in programs(
                layout=layout, keys=keys, ports=Ports(20000), addresses=addresses
            )
        }

    def test_are_the_four_services_with_fund_monitor_in_two(self, made):
        assert set(made) == {
            "registry",
            "schedule_monitor",
            "fund_monitor-serve",
            "fund_monitor-work",
            "ads_watch",
        }
        assert made["fund_monitor-work"].port is None

    def test_are_told_only_their_own_secrets(self, made, keys):
        secrets = {str(path) for path in keys.folder.rglob("*") if path.is_file()}
        told = {
            name: {Path(value).name for value in program.environment.values() if value in secrets}
            for name, program in made.items()
        }

        assert told["registry"] == {
            "registry.password",
            "registry.nk",
            "registry.key.json",
            "registry.jwk.json",
            "issuer.jwks.json",
        }
        assert "fund_monitor.jwk.json" in told["fund_monitor-serve"]
        assert "schedule_monitor.jwk.json" not in told["fund_monitor-serve"]

    def test_are_told_nothing_that_was_set_for_another_run(self, layout, keys, monkeypatch):
        monkeypatch.setenv("REGISTRY_SURPRISE", "1")
        addresses = Addresses(nats="nats://x", mongo="mongodb://y", clock_offset_seconds=0)

        made = programs(layout=layout, keys=keys, ports=Ports(20000), addresses=addresses)

        assert [one.name for one in made if "REGISTRY_SURPRISE" in one.environment] == []

    def test_are_each_told_what_is_set_for_all(self, layout, keys):
        addresses = Addresses(nats="nats://x", mongo="mongodb://y", clock_offset_seconds=0)

        made = programs(
            layout=layout,
            keys=keys,
            ports=Ports(20000),
            addresses=addresses,
            settings={"MAIL_HOST": "mail.invalid", "PORT": "1"},
        )

        told = made[0].environment
        assert told["REGISTRY_MAIL_HOST"] == "mail.invalid"
        assert told["REGISTRY_PORT"] == "20000"

    def test_leave_their_spans_beside_their_logs_each_in_a_file_of_its_own(self, made, layout):
        files = {
            value
            for program in made.values()
            for name, value in program.environment.items()
            if name.endswith("_TRACES_FILE")
        }

        assert files == {str(layout.log / f"{name}.spans.jsonl") for name in made}

    def test_leave_their_figures_in_a_file_only_where_no_port_shows_them(self, made, layout):
        files = {
            name: program.environment.get("FUND_MONITOR_METRICS_FILE")
            for name, program in made.items()
        }

        assert {name: file for name, file in files.items() if file} == {
            "fund_monitor-work": str(layout.run / "fund_monitor-work.prom")
        }

    def test_keep_their_temporary_files_inside_the_stack(self, made, layout):
        assert {one.environment["TMPDIR"] for one in made.values()} == {str(layout.temporary)}


def _contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def _recorded(pid: int, began: str | None) -> ProcessRecord:
    return ProcessRecord(name="left", pid=pid, began=began, port=None)


def _a_record(*processes: ProcessRecord) -> Record:
    return Record(supervisor=this_process(), ready=True, urls={}, processes=processes)

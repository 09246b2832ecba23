"""A service over real servers: why it cannot start, how it ends, and what all of them do."""

import asyncio
import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from joserfc.jwk import ECKey, KeySet, OctKey

from deploy.local.layout import CHECKOUT
from shared import starting
from shared.clock import machine_now
from shared.mongo import transact
from shared.notify.jobs import Notification, enqueue
from tests.support.servers import mongo_for_tests, nats_for_tests


@contextmanager
def a_service(**more: str):
    """Start the register with servers that do not answer, unless told of others."""
    settings = {
        "PORT": "1",
        "MONGO_URL": "mongodb://127.0.0.1:1/",
        "MONGO_DATABASE": "registry",
        "NATS_URL": "nats://127.0.0.1:1",
        "NATS_SEED_FILE": "none.nk",
        "JWKS": "none",
        "TOKEN_ISSUER": "none",
        "TOKEN_AUDIENCE": "none",
        "AUDIT_KEY_FILE": "none.key.json",
        "SEALING_KEY_FILE": "none.jwk.json",
        **more,
    }
    with subprocess.Popen(
        [sys.executable, "-m", "services.registry.main", "work"],
        env={**os.environ, **{f"REGISTRY_{name}": told for name, told in settings.items()}},
        cwd=CHECKOUT,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def last_words(**more: str) -> tuple[int, str]:
    """Return how a service ended that could not start, and what it said last."""
    with a_service(**more) as process:
        _, said = process.communicate(timeout=60)
        return process.returncode, said.strip().splitlines()[-1]


@pytest.fixture
def keys(tmp_path) -> dict[str, str]:
    """The files without which no service starts."""

    def file(name: str, content: object) -> str:
        path: Path = tmp_path / name
        path.write_text(json.dumps(content))
        return str(path)

    vouching = KeySet([ECKey.generate_key("P-256", {"kid": "tests"})])
    sealing = OctKey.generate_key(256, {"kid": "tests"}).as_dict(private=True)
    return {
        "JWKS": file("jwks.json", vouching.as_dict(private=False)),
        "AUDIT_KEY_FILE": file("audit.json", {"name": "tests", "secret": "00"}),
        "SEALING_KEY_FILE": file("sealing.json", sealing),
    }


class TestStart:
    pytestmark = pytest.mark.timeout(90)

    def test_names_a_broken_calendar(self, tmp_path):
        file = tmp_path / "calendar.json"
        file.write_text('{"2027": {"rest_days": ["2026-12-24"], "workdays": []}}')

        code, line = last_words(CALENDAR_FILE=str(file))

        assert code == 1
        assert line == f"registry：日历文件 {file} 有误：2027 年的通知中有 2026-12-24"

    def test_names_a_mail_server_without_a_sender(self):
        code, line = last_words(MAIL_HOST="mail.example")

        assert code == 1
        assert "MAIL_HOST 和 MAIL_SENDER 须同时设置" in line


class TestEnding:
    @pytest.mark.timeout(30)
    def test_does_not_wait_for_ever_for_what_does_not_hear_the_first_cancel(self):
        ends: list[str] = []

        async def stubborn() -> None:
            for _ in range(3):
                try:
                    await asyncio.Event().wait()
                except asyncio.CancelledError:
                    ends.append("not yet")
            ends.append("now")

        async def main(_settings, _role) -> None:
            main.left = asyncio.create_task(stubborn())
            await asyncio.sleep(0)

        with asyncio.Runner() as runner:
            runner.run(starting.to_the_end(main, None, "work"))

        assert ends == ["not yet", "not yet", "not yet", "now"]

    @pytest.mark.integration
    @pytest.mark.timeout(180)
    @pytest.mark.parametrize("fate", ["kill", "pause"])
    def test_ends_when_it_is_told_to_though_its_servers_are_away(self, keys, tmp_path, fate):
        ready = tmp_path / "ready"
        with mongo_for_tests() as mongo, nats_for_tests() as nats:
            told = {
                **keys,
                "MONGO_URL": mongo.url,
                "NATS_URL": nats.url,
                "NATS_SEED_FILE": str(nats.seed_file("registry")),
                "READY_FILE": str(ready),
            }
            with a_service(**told) as service:
                deadline = time.monotonic() + 60
                while not ready.exists():
                    assert service.poll() is None
                    assert time.monotonic() < deadline
                    time.sleep(0.1)
                for server in (mongo, nats):
                    getattr(server, fate)()
                service.terminate()
                _, said = service.communicate(timeout=60)
                assert service.returncode == 0, said


@pytest.mark.integration
@pytest.mark.timeout(120)
class TestRunWired:
    @pytest.fixture
    def settings(self, mongo, bus, database, keys) -> dict[str, str]:
        return {
            **keys,
            "MONGO_URL": mongo.url,
            "MONGO_DATABASE": database.name,
            "NATS_URL": bus.url,
            "NATS_SEED_FILE": str(bus.seed_file("registry")),
        }

    async def test_tells_a_department_what_was_left_to_the_notifier(self, settings, database):
        told = Notification(department="pboc", kind="red_alert", title="红色预警", text="请处理。")
        await transact(database, lambda session: enqueue(database, [told], session=session))

        sent = {"department": "pboc", "channel": "log", "state": "sent"}
        rows = database["notification_deliveries"]

        with a_service(**settings) as process:
            async with asyncio.timeout(60):
                while process.poll() is None and not await rows.count_documents(sent):  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
            assert process.poll() is None, process.communicate()[1]

        row = await database["notifications"].find_one({})
        assert row["state"] == "handed_over"
        assert row["handed_over_at"] <= machine_now()

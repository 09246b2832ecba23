"""A service over real servers: why it cannot start, and what all of them do beside their own."""

import asyncio
import json
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from joserfc.jwk import ECKey, KeySet, OctKey

from deploy.local.layout import CHECKOUT
from shared.clock import machine_now
from shared.mongo import transact
from shared.notify.jobs import Notification, enqueue


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


@pytest.mark.integration
@pytest.mark.timeout(120)
class TestRunWired:
    @pytest.fixture
    def settings(self, mongo, bus, database, tmp_path) -> dict[str, str]:
        def file(name: str, content: object) -> str:
            path: Path = tmp_path / name
            path.write_text(json.dumps(content))
            return str(path)

        keys = KeySet([ECKey.generate_key("P-256", {"kid": "tests"})])
        sealing = OctKey.generate_key(256, {"kid": "tests"}).as_dict(private=True)
        return {
            "MONGO_URL": mongo.url,
            "MONGO_DATABASE": database.name,
            "NATS_URL": bus.url,
            "NATS_SEED_FILE": str(bus.seed_file("registry")),
            "JWKS": file("jwks.json", keys.as_dict(private=False)),
            "AUDIT_KEY_FILE": file("audit.json", {"name": "tests", "secret": "00"}),
            "SEALING_KEY_FILE": file("sealing.json", sealing),
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

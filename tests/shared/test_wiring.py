"""A service that cannot start says why in one line."""

import os
import subprocess
import sys

import pytest

from deploy.local.layout import CHECKOUT


class TestStart:
    @pytest.fixture
    def started(self, tmp_path):
        """Start a service that has no servers, and return how it ended and what it said last."""

        def start(**more: str) -> tuple[int, str]:
            settings = {
                "PORT": "1",
                "MONGO_URL": "mongodb://127.0.0.1:1/",
                "MONGO_DATABASE": "registry",
                "NATS_URL": "nats://127.0.0.1:1",
                "NATS_SEED_FILE": str(tmp_path / "none.nk"),
                "JWKS": "none",
                "TOKEN_ISSUER": "none",
                "TOKEN_AUDIENCE": "none",
                "AUDIT_KEY_FILE": str(tmp_path / "none.key.json"),
                "SEALING_KEY_FILE": str(tmp_path / "none.jwk.json"),
                **more,
            }
            ended = subprocess.run(
                [sys.executable, "-m", "services.registry.main"],
                env={**os.environ, **{f"REGISTRY_{name}": told for name, told in settings.items()}},
                cwd=CHECKOUT,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            return ended.returncode, ended.stderr.strip().splitlines()[-1]

        return start

    @pytest.mark.timeout(90)
    def test_names_a_broken_calendar(self, started, tmp_path):
        file = tmp_path / "calendar.json"
        file.write_text('{"2027": {"rest_days": ["2026-12-31"], "workdays": []}}')

        code, line = started(CALENDAR_FILE=str(file))

        assert code == 1
        assert line == f"registry：日历文件 {file} 有误：2027 年的通知中有 2026-12-31"

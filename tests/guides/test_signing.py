"""The samples of signing agree byte by byte with the library that the door verifies with."""

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from deploy.bank_interface import sample
from deploy.local.layout import CHECKOUT

SAMPLES = CHECKOUT / "docs" / "guides" / "signing"
GUIDE = CHECKOUT / "docs" / "guides" / "bank-interface.md"
# The sample of the guide, and what goes wrong where bytes are taken for text or for a format.
BODIES = [
    (SAMPLES / "body.json").read_bytes(),
    b'{"events": []}\r\n\n',
    '{"户名": "%s\\n 甲\t𠮷"}'.encode(),
    b"",
]


def _headers(command: list[str], body: bytes, folder: Path) -> bytes:
    file = folder / "the body.json"
    file.write_bytes(body)
    return subprocess.run(  # noqa: S603  (our own samples)
        [*command, str(file), sample.MESSAGE_ID, str(sample.TIMESTAMP)],
        env={**os.environ, "WEBHOOK_SECRET": sample.SECRET},
        capture_output=True,
        check=True,
        timeout=30,
    ).stdout


def _expected(body: bytes) -> bytes:
    at = datetime.fromtimestamp(sample.TIMESTAMP, UTC)
    signature = Webhook(sample.SECRET).sign(sample.MESSAGE_ID, at, body.decode())
    return (
        f"webhook-id: {sample.MESSAGE_ID}\n"
        f"webhook-timestamp: {sample.TIMESTAMP}\n"
        f"webhook-signature: {signature}\n"
    ).encode()


@pytest.fixture(scope="module")
def java(tmp_path_factory) -> list[str]:
    """Compile the sample as Java 8; skip where there is no compiler."""
    compiler, runner = shutil.which("javac"), shutil.which("java")
    if compiler is None or runner is None:
        pytest.skip("no javac and java on PATH")
    folder = tmp_path_factory.mktemp("java")
    subprocess.run(  # noqa: S603  (our own sample)
        [
            *(compiler, "-encoding", "UTF-8", "-source", "8", "-target", "8"),
            *("-d", str(folder), str(SAMPLES / "Sign.java")),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return [runner, "-cp", str(folder), "Sign"]


@pytest.mark.parametrize("body", BODIES)
def test_python_signs_like_the_library(body, tmp_path):
    command = [sys.executable, "-I", str(SAMPLES / "sign.py")]

    assert _headers(command, body, tmp_path) == _expected(body)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl on PATH")
@pytest.mark.parametrize("body", BODIES)
def test_the_shell_signs_like_the_library(body, tmp_path):
    command = ["/bin/sh", str(SAMPLES / "sign.sh")]

    assert _headers(command, body, tmp_path) == _expected(body)


@pytest.mark.timeout(180)
def test_java_signs_like_the_library(java, tmp_path):
    assert [_headers(java, body, tmp_path) for body in BODIES] == [
        _expected(body) for body in BODIES
    ]


def test_the_guide_shows_the_signature_of_its_sample():
    guide = GUIDE.read_text()
    shown = _expected((SAMPLES / "body.json").read_bytes()).decode().split()[-1]

    assert f"| `webhook-signature` | `{shown}` |" in guide
    assert (SAMPLES / "body.json").read_text() in guide


@pytest.mark.parametrize(
    ("interpreter", "name"), [(sys.executable, "sign.py"), ("/bin/sh", "sign.sh")]
)
def test_without_an_id_and_a_time_a_sample_makes_its_own(interpreter, name, tmp_path):
    file = tmp_path / "body.json"
    file.write_text(sample.body())

    made = subprocess.run(  # noqa: S603  (our own samples)
        [interpreter, str(SAMPLES / name), str(file)],
        env={**os.environ, "WEBHOOK_SECRET": sample.SECRET},
        capture_output=True,
        check=True,
        text=True,
        timeout=30,
    ).stdout
    headers = dict(line.split(": ") for line in made.splitlines())

    assert Webhook(sample.SECRET).verify(sample.body(), headers)

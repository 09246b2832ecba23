"""Signatures of files: the library's own, over any number of chunks, and what is none."""

from datetime import UTC, datetime, timedelta

import pytest
from joserfc.jwk import OctKey
from standardwebhooks import Webhook

from shared.errors import Unauthenticated
from shared.sealing import Sealer
from shared.senders.detached import FileCheck, FileSignature, sign_file
from shared.senders.signing import new_signing_secret, sealed_secret
from tests.guides.test_signing import SAMPLES, _headers, sample

NAME = "events-20260302-000001.jsonl"
SECRET = new_signing_secret()
SEALER = Sealer(OctKey.generate_key(256, {"kid": "tests"}))
NOW = datetime.now(UTC)
CONTENT = '{"a": "一"}\n{"b": 2}\n'.encode()


def check(signature: FileSignature, *chunks: bytes, secret: str = SECRET, name: str = NAME) -> None:
    held = FileCheck(signature, [sealed_secret(secret, SEALER)], SEALER, now=NOW)
    for chunk in chunks:
        held.update(chunk)
    held.refuse_others(name)


def test_is_the_librarys_however_the_file_is_cut():
    expected = Webhook(SECRET).sign(NAME, NOW, CONTENT.decode())

    whole = sign_file([CONTENT], secret=SECRET, name=NAME, signed_at=NOW)
    cut = sign_file([CONTENT[:5], b"", CONTENT[5:]], secret=SECRET, name=NAME, signed_at=NOW)

    assert whole == cut == FileSignature(NAME, str(int(NOW.timestamp())), (expected,))
    assert FileSignature.read(whole.text()) == whole
    check(whole, CONTENT[:1], CONTENT[1:])


def test_the_guides_sample_writes_a_signature_that_is_read(tmp_path):
    written = _headers(["/bin/sh", str(SAMPLES / "sign.sh")], CONTENT, tmp_path)

    read = FileSignature.read(written)

    check(read, CONTENT, secret=sample.SECRET, name=sample.MESSAGE_ID)


@pytest.mark.parametrize(
    ("name", "content", "secret", "ahead"),
    [
        pytest.param(NAME, CONTENT + b" ", SECRET, 0, id="another byte"),
        pytest.param("events-20260302-000002.jsonl", CONTENT, SECRET, 0, id="another name"),
        pytest.param(NAME, CONTENT, new_signing_secret(), 0, id="another secret"),
        pytest.param(NAME, CONTENT, SECRET, 301, id="from the future"),
    ],
)
def test_of_something_else_is_refused(name, content, secret, ahead):
    signed_at = NOW + timedelta(seconds=ahead)
    signature = sign_file([CONTENT], secret=secret, name=NAME, signed_at=signed_at)

    with pytest.raises(Unauthenticated):
        check(signature, content, name=name)


def test_five_minutes_ahead_and_years_ago_are_good():
    for moved in (timedelta(minutes=5), timedelta(days=-2_000)):
        signature = sign_file([CONTENT], secret=SECRET, name=NAME, signed_at=NOW + moved)

        check(signature, CONTENT)


@pytest.mark.parametrize("text", [b"", b"webhook-id: a\n", b"\xff\xfe", b"webhook-id:\n" * 3])
def test_what_is_no_signature_is_refused(text):
    with pytest.raises(Unauthenticated):
        FileSignature.read(text)

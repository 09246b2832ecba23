"""A bank's folder on disk, and files cut into chunks: bounded, and nothing written over."""

import os
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest
from joserfc.jwk import OctKey

from services.fund_monitor.app.banks.drop_folder import BankFolder, FileChanged
from services.fund_monitor.app.banks.take_file import CHUNK_EVENTS, MOST_LINE_BYTES, chunks_of
from shared.contracts.bank import MOST_BYTES
from shared.sealing import Sealer
from shared.senders.detached import FileCheck, sign_file
from shared.senders.signing import new_signing_secret, sealed_secret

NAME = "events-20260302-000001.jsonl"
SECRET = new_signing_secret()
SEALER = Sealer(OctKey.generate_key(256, {"kid": "tests"}))
NOW = datetime.now(UTC)


@pytest.fixture
def folder(tmp_path) -> BankFolder:
    made = BankFolder(tmp_path)
    made.make()
    return made


def drop(root: Path, content: bytes) -> None:
    (root / "in" / NAME).write_bytes(content)
    (root / "in" / f"{NAME}.sig").write_bytes(content[:9])


def lying(root: Path, place: str) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in (root / place).iterdir()}


def a_check(content: bytes) -> FileCheck:
    signature = sign_file([content], secret=SECRET, name=NAME, signed_at=NOW)
    return FileCheck(signature, [sealed_secret(SECRET, SEALER)], SEALER, now=NOW)


class TestAFile:
    def test_of_any_size_takes_bounded_memory(self, folder: BankFolder, tmp_path):
        content = b"x" * 99 + b"\n"
        lines = 400_000
        drop(tmp_path, content * lines)
        assert folder.hold(NAME)
        check = a_check(content * lines)
        tracemalloc.start()

        spooled = folder.spool(NAME, check)
        check.refuse_others(NAME)
        seen = sum(len(chunk.lines) for chunk in chunks_of(spooled.content))

        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        spooled.content.close()
        assert (seen, spooled.size) == (lines, 100 * lines)
        assert peak < 8 * 1024 * 1024

    def test_that_is_a_link_or_a_pipe_is_not_read(self, folder: BankFolder, tmp_path):
        (tmp_path / "elsewhere").write_bytes(b"secret")
        (tmp_path / "taken" / NAME).symlink_to(tmp_path / "elsewhere")
        with pytest.raises(OSError, match="symbolic"):
            folder.spool(NAME, a_check(b"secret"))

        (tmp_path / "taken" / NAME).unlink()
        os.mkfifo(tmp_path / "taken" / NAME)
        with pytest.raises(FileChanged):
            folder.spool(NAME, a_check(b""))

    def test_is_moved_beside_one_of_its_name(self, folder: BankFolder, tmp_path):
        for content in (b"first", b"second"):
            drop(tmp_path, content)
            assert folder.hold(NAME)
            folder.move(NAME, folder.done, NAME)

        assert lying(tmp_path, "done") == {
            NAME: b"first",
            f"{NAME}.sig": b"first",
            f"{NAME}.2": b"second",
            f"{NAME}.sig.2": b"second",
        }


class TestAHeldFile:
    def test_has_left_its_name_to_the_bank_and_waits_until_it_is_answered(
        self, folder: BankFolder, tmp_path
    ):
        drop(tmp_path, b"first")
        assert folder.hold(NAME)
        drop(tmp_path, b"second")

        assert not folder.hold(NAME)
        assert folder.held() == [NAME]
        assert lying(tmp_path, "taken")[NAME] == b"first"
        folder.move(NAME, folder.done, NAME)
        assert folder.hold(NAME)
        assert lying(tmp_path, "taken")[NAME] == b"second"

    def test_is_fetched_whole_when_its_worker_died_between_file_and_signature(
        self, folder: BankFolder, tmp_path
    ):
        drop(tmp_path, b"content")
        (tmp_path / "in" / NAME).rename(tmp_path / "taken" / NAME)

        assert folder.held() == [NAME]
        assert set(lying(tmp_path, "taken")) == {NAME, f"{NAME}.sig"}

    @pytest.mark.parametrize("bank_has", [(), ("",), ("", ".sig")], ids=len)
    def test_is_moved_on_when_its_worker_died_between_signature_and_file(
        self, folder: BankFolder, tmp_path, bank_has
    ):
        drop(tmp_path, b"answered")
        assert folder.hold(NAME)
        (tmp_path / "taken" / f"{NAME}.sig").rename(tmp_path / "refused" / f"{NAME}.sig")
        for ending in bank_has:
            (tmp_path / "in" / f"{NAME}{ending}").write_bytes(b"next")

        assert folder.held() == []

        assert lying(tmp_path, "taken") == {}
        assert lying(tmp_path, "refused")[NAME] == b"answered"
        assert set(lying(tmp_path, "in")) == {f"{NAME}{ending}" for ending in bank_has}

    def test_that_is_not_there_is_none(self, folder: BankFolder):
        assert not folder.hold(NAME)
        assert folder.held() == []


class TestChunks:
    @pytest.mark.parametrize(
        ("content", "lines"),
        [
            pytest.param(b"", [], id="nothing"),
            pytest.param(b"{}", [1], id="no line end"),
            pytest.param(b"{}\n" * (CHUNK_EVENTS + 1), [CHUNK_EVENTS, 1], id="one line more"),
            pytest.param(b"{}\n" * CHUNK_EVENTS, [CHUNK_EVENTS], id="just full"),
        ],
    )
    def test_hold_no_more_lines_than_go_together(self, tmp_path, content, lines):
        assert [len(chunk.lines) for chunk in self.cut(tmp_path, content)] == lines

    def test_hold_no_more_bytes_than_a_request(self, tmp_path):
        content = (b"x" * (MOST_LINE_BYTES - 2) + b"\n") * 100

        chunks = self.cut(tmp_path, content)

        assert all(sum(map(len, chunk.lines)) <= MOST_BYTES for chunk in chunks)
        assert b"".join(line for chunk in chunks for line in chunk.lines) == content
        assert [chunk.first_line for chunk in chunks] == [1, 49, 97]

    def test_read_past_the_rest_of_a_line_that_is_too_long(self, tmp_path):
        content = b"x" * (5 * MOST_LINE_BYTES) + b"\n{}\n"

        [chunk] = self.cut(tmp_path, content)

        assert chunk.events() == ["x" * MOST_LINE_BYTES, {}]

    @staticmethod
    def cut(tmp_path, content):
        file = tmp_path / "file"
        file.write_bytes(content)
        with file.open("rb") as opened:
            return list(chunks_of(opened))

"""A bank's drop folder on disk: every change is one rename, so that a crash leaves old or new.

``in`` is the bank's to write, ``out`` ours to answer in. What is looked at lies in ``taken``, so
that its name is the bank's again before it is answered; what was taken goes to ``done``, what was
not to ``refused``. Nothing that a bank wrote is ever deleted.
"""

import hashlib
import heapq
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Final

from services.fund_monitor.domain.banks.dropped import RESULT, SIGNATURE, answerable
from shared.errors import TooLarge
from shared.senders.detached import MOST_SIGNATURE_BYTES, FileCheck, sign_file

MOST_FILE_BYTES: Final = 1024 * 1024 * 1024
_CHUNK: Final = 1024 * 1024
_MOST_AT_ONCE: Final = 200
_SHORT_DIGEST: Final = 12
_READABLE: Final = 0o644

Look = tuple[int, ...]
"""How a file and its signature look from outside: one still being written looks different soon."""


class FileChanged(Exception):
    """The file was written to while it was read: it is not whole yet."""


@dataclass(frozen=True, slots=True)
class Spooled:
    """The bytes that were verified, in a file of our own that no bank can write to."""

    content: IO[bytes]
    digest: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """By which secret and when a result is signed, and the name of the file that it answers."""

    secret: str = field(repr=False)
    name: str
    signed_at: datetime


class BankFolder:
    """The drop folder of one bank."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.done = root / "done"
        self.refused = root / "refused"
        self._in = root / "in"
        self._out = root / "out"
        self._taken = root / "taken"
        self._work = root / "work"

    def make(self) -> None:
        """Make what is missing of it."""
        for folder in (self._in, self._out, self._taken, self.done, self.refused, self._work):
            folder.mkdir(exist_ok=True)

    def waiting(self) -> dict[str, Look]:
        """Return how files look whose signature is there too: some at a time, in order of name."""
        with os.scandir(self._in) as entries:
            signed = (one.name[: -len(SIGNATURE)] for one in entries if _is_signature(one))
            looks = ((name, look) for name in signed if (look := self._look(name)) is not None)
            return dict(heapq.nsmallest(_MOST_AT_ONCE, looks))

    def _look(self, name: str) -> Look | None:
        """Return how a file looks now; nothing where it is not all there."""
        try:
            found = [os.lstat(self._in / one) for one in (name, name + SIGNATURE)]
        except FileNotFoundError:
            return None
        if not all(stat.S_ISREG(one.st_mode) for one in found):
            return None
        return tuple(value for one in found for value in (one.st_ino, one.st_size, one.st_mtime_ns))

    def hold(self, name: str) -> bool:
        """Take a file with its signature out of the bank's hands; ``False`` when it is not there.

        Nor is one of a name that is in hand still: that one is answered first.
        """
        if (self._taken / name).exists():
            return False
        try:
            # The file first, and its signature first when it is moved on: see ``held``.
            for each in (name, name + SIGNATURE):
                (self._in / each).replace(self._taken / each)
        except FileNotFoundError:
            return False
        for folder in (self._taken, self._in):
            _sync(folder)
        return True

    def held(self) -> list[str]:
        """Return the files that a worker has left in hand, each with its signature.

        A file without one was left between two moves: on its way here when its signature alone lies
        where it was dropped, else on its way on, answered already.
        """
        lying = {one.name for one in self._taken.iterdir() if not one.is_symlink()}
        signed = {name for name in lying if name + SIGNATURE in lying}
        names = sorted(signed | {name for name in lying if not name.endswith(SIGNATURE)})
        for name in names:
            if name in signed:
                continue
            left = self._in / (name + SIGNATURE)
            if left.exists() and not (self._in / name).exists():
                left.replace(self._taken / left.name)
            else:
                (self._taken / name).replace(_free(self.refused / name))
        return [name for name in names if (self._taken / name).is_file()]

    def signature(self, name: str) -> bytes:
        """Read a signature's file, and no more of it than a signature is long."""
        with _regular(self._taken / (name + SIGNATURE)) as file:
            return file.read(MOST_SIGNATURE_BYTES)

    def spool(self, name: str, check: FileCheck) -> Spooled:
        """Copy a file to where only we write, and hold it against its signature on the way."""
        digest, size = hashlib.sha256(), 0
        # It has no name: when this process dies, nothing is left of it.
        copy = self.blank()
        with _regular(self._taken / name) as file:
            before = os.fstat(file.fileno())
            while chunk := file.read(_CHUNK):
                size += len(chunk)
                if size > MOST_FILE_BYTES:
                    raise TooLarge(f"文件最大 {MOST_FILE_BYTES // _CHUNK} MiB，请分成几个报送")
                digest.update(chunk)
                check.update(chunk)
                copy.write(chunk)
            after = os.fstat(file.fileno())
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise FileChanged(name)
        copy.seek(0)
        return Spooled(copy, f"sha256:{digest.hexdigest()}", size)

    def digest(self, name: str) -> str | None:
        """Return the digest of a file that is in hand; nothing where there is none."""
        found = hashlib.sha256()
        try:
            with _regular(self._taken / name) as file:
                while chunk := file.read(_CHUNK):
                    found.update(chunk)
        except OSError:
            return None
        return f"sha256:{found.hexdigest()}"

    def blank(self) -> IO[bytes]:
        """Give a file to write in, which ends with this process."""
        return tempfile.TemporaryFile(dir=self._work)

    def write_result(self, kept_in: Path, stem: str, content: IO[bytes], by: Signing) -> None:
        """Write a signed result beside where its file will lie; written again, it is the same."""
        path = kept_in / (stem + RESULT)
        content.seek(0)
        with self._replacing(path) as file:
            shutil.copyfileobj(content, file, _CHUNK)
        signature = sign_file(
            _chunks(path), secret=by.secret, name=by.name + RESULT, signed_at=by.signed_at
        )
        with self._replacing(path.with_name(path.name + SIGNATURE)) as file:
            file.write(signature.text())

    def has_result(self, kept_in: Path, stem: str) -> bool:
        """Tell whether a result was written with its signature."""
        return (kept_in / (stem + RESULT + SIGNATURE)).exists()

    def answer(self, kept_in: Path, stem: str, name: str) -> None:
        """Put a result where the bank reads it: the signature last."""
        for ending in (RESULT, RESULT + SIGNATURE):
            with (
                (kept_in / (stem + ending)).open("rb") as kept,
                self._replacing(self._out / (name + ending)) as copy,
            ):
                shutil.copyfileobj(kept, copy, _CHUNK)

    def move(self, name: str, to: Path, as_name: str) -> None:
        """Move a file away with its signature; what is moved already stays where it is."""
        for ending in (SIGNATURE, ""):
            source = self._taken / (name + ending)
            if source.exists():
                source.replace(_free(to / (as_name + ending)))
        for folder in (to, self._taken):
            _sync(folder)

    @contextmanager
    def _replacing(self, path: Path) -> Iterator[IO[bytes]]:
        """Give a file that takes its name when it is whole and on disk."""
        descriptor, part = tempfile.mkstemp(dir=self._work)
        try:
            with os.fdopen(descriptor, "wb") as file:
                yield file
                file.flush()
                os.fchmod(file.fileno(), _READABLE)
                os.fsync(file.fileno())
            Path(part).replace(path)
        except BaseException:
            Path(part).unlink(missing_ok=True)
            raise
        _sync(path.parent)

    def clear(self) -> None:
        """Forget what a worker that died was writing; only who holds the folder may."""
        for part in self._work.iterdir():
            part.unlink()


def short(digest: str) -> str:
    """Return enough of a digest to tell files of one name apart."""
    return digest.partition(":")[2][:_SHORT_DIGEST]


def _is_signature(entry: os.DirEntry[str]) -> bool:
    return entry.name.endswith(SIGNATURE) and answerable(entry.name[: -len(SIGNATURE)])


def _free(path: Path) -> Path:
    """Return the path, or one beside it where something lies there: nothing is written over."""
    free, count = path, 1
    while free.exists():
        count += 1
        free = path.with_name(f"{path.name}.{count}")
    return free


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


@contextmanager
def _regular(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that is one: a link or a pipe in its place leads nowhere."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise FileChanged(path.name)
        yield file


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

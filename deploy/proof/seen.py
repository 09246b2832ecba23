"""What a day's messages told, on disk: a day may tell of more than memory should hold."""

import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from hashlib import blake2b
from pathlib import Path

_KEY_BYTES = 16


class Seen:
    """Names that messages told, and names that the store has without any message known yet."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        # Thrown away at the end: nothing needs to survive a crash.
        db.execute("PRAGMA journal_mode = OFF")
        db.execute("PRAGMA synchronous = OFF")
        db.execute("CREATE TABLE told (key BLOB PRIMARY KEY) WITHOUT ROWID")
        db.execute("CREATE TABLE found (key BLOB, name TEXT)")

    def tell(self, names: Iterable[str]) -> None:
        """Take in what a message told."""
        self._db.executemany(
            "INSERT OR IGNORE INTO told VALUES (?)", ((_key(name),) for name in names)
        )

    def find(self, name: str) -> None:
        """Take in what the store has; kept only while no message has told of it."""
        self._db.execute(
            "INSERT INTO found SELECT ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM told WHERE key = ?1)",
            (_key(name), name),
        )

    def untold(self) -> Iterator[str]:
        """Return what the store has and no message told of."""
        for (name,) in self._db.execute(
            "SELECT name FROM found WHERE key NOT IN (SELECT key FROM told) ORDER BY name"
        ):
            yield name


def _key(name: str) -> bytes:
    return blake2b(name.encode(), digest_size=_KEY_BYTES).digest()


@contextmanager
def seen_in(folder: Path) -> Iterator[Seen]:
    """Keep what is seen in a file of its own below a folder, until the block ends."""
    with (
        tempfile.TemporaryDirectory(prefix="proof-", dir=folder) as scratch,
        closing(sqlite3.connect(Path(scratch) / "seen.sqlite", isolation_level=None)) as db,
    ):
        yield Seen(db)

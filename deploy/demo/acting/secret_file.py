"""The signing secrets of the demo's banks, kept beside the stack's data for the next run."""

import json
from dataclasses import dataclass
from pathlib import Path

from deploy.local.files import write_json


@dataclass(frozen=True, slots=True)
class SecretFile:
    """One private file: for each bank its secret and the seed of the sample it belongs to."""

    path: Path

    def read(self, bank: str, *, seed: int) -> str | None:
        """Return the bank's secret, if the bank was made for this sample."""
        entry = self._entries().get(bank)
        return entry["secret"] if entry and entry["seed"] == str(seed) else None

    def write(self, bank: str, *, seed: int, secret: str) -> None:
        """Keep a secret, on the disk before anything is signed with it."""
        entries = {**self._entries(), bank: {"seed": str(seed), "secret": secret}}
        write_json(self.path, entries)

    def _entries(self) -> dict[str, dict[str, str]]:
        if not self.path.exists():
            return {}
        entries: dict[str, dict[str, str]] = json.loads(self.path.read_text())
        return entries

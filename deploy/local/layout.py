"""Where the local stack keeps its things: everything lies inside the checkout."""

import os
from dataclasses import dataclass, field
from pathlib import Path

STACK_FOLDER = "HAINING_STACK_FOLDER"
CHECKOUT = Path(__file__).resolve().parents[2]


def _chosen() -> Path:
    """Return the checkout's own folder, or another that tests give for a stack of their own."""
    return Path(os.environ.get(STACK_FOLDER) or CHECKOUT / ".stack").resolve()


@dataclass(frozen=True, slots=True)
class Layout:
    """The git-ignored folder of one stack."""

    root: Path = field(default_factory=_chosen)

    @property
    def keys(self) -> Path:
        """Private keys, passwords and seeds, made once."""
        return self.root / "keys"

    @property
    def data(self) -> Path:
        """What the servers store."""
        return self.root / "data"

    @property
    def log(self) -> Path:
        """One log file per process."""
        return self.root / "log"

    @property
    def run(self) -> Path:
        """What is true only while the stack runs."""
        return self.root / "run"

    @property
    def temporary(self) -> Path:
        """Temporary files of all processes."""
        return self.root / "tmp"

    @property
    def drop(self) -> Path:
        """Where banks drop files for fund_monitor: a folder for each."""
        return self.root / "drop"

    @property
    def record(self) -> Path:
        """Who is running: pids, ports, addresses."""
        return self.run / "record.json"

    @property
    def lock(self) -> Path:
        """Held by the one supervisor of this stack; never removed."""
        return self.root / "lock"

    @property
    def clock(self) -> Path:
        """The distance of the service clock from the machine's, kept with the data."""
        return self.root / "clock.json"

    def make(self) -> None:
        """Create the folders, readable by nobody else."""
        for folder in (
            *(self.root, self.keys, self.data, self.log, self.run, self.temporary, self.drop),
        ):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

"""One program that the stack keeps alive: what starts it and what says that it works."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A command, and a round trip that raises while the program does not do its work."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    log: Path
    check: Callable[[], Awaitable[None]]
    port: int | None = None
    container: str | None = None

"""Write files that are either whole or absent, and readable only by their owner."""

import json
import os
from pathlib import Path


def write_private(path: Path, content: str | bytes) -> None:
    """Write a file of mode 600, on the disk before it carries its name."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.new-{os.getpid()}")
    data = content.encode() if isinstance(content, str) else content
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def write_json(path: Path, content: object) -> None:
    """Write a JSON document the same way."""
    write_private(path, json.dumps(content, ensure_ascii=False, indent=2) + "\n")

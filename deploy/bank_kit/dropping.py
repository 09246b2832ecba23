"""Drops signed files into a bank's folder and waits for what they are answered."""

import asyncio
import json
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from deploy.bank_kit.sending import Event
from shared.clock import machine_now
from shared.senders.detached import FileSignature, sign_file

_PAUSE_SECONDS: Final = 0.2
_RESULT: Final = ".result.jsonl"
_NUMBER: Final = slice(-12, -6)
_NUMBER_TAKEN: Final = "E1302"

Lines = list[dict[str, Any]]


def lines_of(events: Sequence[Event]) -> bytes:
    """Return a file of events, one a line."""
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in events).encode()


class DropFolder:
    """A bank's own side of its drop folder."""

    def __init__(self, folder: Path, *, secret: str, patience_seconds: float) -> None:
        self._in = folder / "in"
        self._out = folder / "out"
        self._secret = secret
        self._patience_seconds = patience_seconds

    def next_number(self) -> int:
        """Return the running number after the highest that was taken, by the results that lie."""
        taken = (self._last_of(path) for path in self._out.glob(f"events-*.jsonl{_RESULT}"))
        return 1 + max((number for number in taken if number is not None), default=0)

    async def answered(
        self, number: int, content: bytes, *, day: date, secret: str | None = None
    ) -> Lines:
        """Drop a file of events and return its result, of which the signature must be good."""
        name = f"events-{day:%Y%m%d}-{number:06d}.jsonl"
        before = self._stamp(name)
        signature = sign_file(
            [content], secret=secret or self._secret, name=name, signed_at=machine_now()
        )
        # Whole under another name first, and the signature last: as every bank should.
        for path, written in (
            (self._in / name, content),
            (self._in / f"{name}.sig", signature.text()),
        ):
            part = path.with_name(f"{path.name}.part")
            part.write_bytes(written)
            part.replace(path)
        until = time.monotonic() + self._patience_seconds
        while self._stamp(name) == before:
            if time.monotonic() > until:
                raise LookupError("没有结果文件")
            await asyncio.sleep(_PAUSE_SECONDS)
        return self._read(name)

    def _read(self, name: str) -> Lines:
        path = self._out / f"{name}{_RESULT}"
        content = path.read_bytes()
        given = FileSignature.read(path.with_name(f"{path.name}.sig").read_bytes())
        if given.webhook_id != path.name or not self._signed(content, given):
            raise ValueError("结果文件的签名无效")
        return [json.loads(line) for line in content.splitlines()]

    def _signed(self, content: bytes, given: FileSignature) -> bool:
        moment = machine_now().fromtimestamp(int(given.timestamp), tz=machine_now().tzinfo)
        own = sign_file([content], secret=self._secret, name=given.webhook_id, signed_at=moment)
        return own.signatures[0] in given.signatures

    def _stamp(self, name: str) -> int | None:
        try:
            return (self._out / f"{name}{_RESULT}.sig").stat().st_mtime_ns
        except FileNotFoundError:
            return None

    def _last_of(self, path: Path) -> int | None:
        summary = json.loads(path.read_bytes().splitlines()[-1])["summary"]
        taken = summary["status"] == "accepted" or summary.get("number") == _NUMBER_TAKEN
        return int(summary["file"][_NUMBER]) if taken else None

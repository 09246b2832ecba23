"""The detached supervisor: ``python -m deploy.local.background FD OPTIONS``.

It tells the command that started it, over a pipe, what happens until the stack is ready.
"""

import json
import os
import sys
from dataclasses import dataclass
from datetime import UTC, datetime

from deploy.local.options import Options
from deploy.local.problem import StackProblem
from deploy.local.running import Interrupted, Urls, hold, interruptible


@dataclass(slots=True)
class _Teller:
    """Tells the waiting command, as long as it waits, and the log."""

    pipe: int | None

    def say(self, line: str) -> None:
        print(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {line}", flush=True)
        self._tell({"say": line})

    def ready(self, urls: Urls) -> None:
        self._tell({"ready": urls})
        self._close()

    def problem(self, line: str) -> None:
        print(line, flush=True)
        self._tell({"problem": line})
        self._close()

    def _tell(self, message: dict[str, object]) -> None:
        if self.pipe is None:
            return
        try:
            os.write(self.pipe, f"{json.dumps(message)}\n".encode())
        except BrokenPipeError:
            self._close()

    def _close(self) -> None:
        if self.pipe is not None:
            os.close(self.pipe)
            self.pipe = None


def main() -> None:
    """Supervise until told to end."""
    pipe, options = sys.argv[1:]
    teller = _Teller(int(pipe))
    try:
        interruptible(
            lambda: hold(Options.from_json(options), say=teller.say, ready=teller.ready),
            say=teller.say,
        )
    except Interrupted:
        # Whoever still waits for it to be ready learns why it will not be.
        if teller.pipe is not None:
            teller.problem("启动被中止：已全部停止")
    except StackProblem as problem:
        teller.problem(str(problem))
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()

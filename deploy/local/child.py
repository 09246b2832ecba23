"""Become a command that dies with its parent, whatever kills the parent.

Run as a script with the parent's pid and the command; only the standard library is at hand.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Tie this process to its parent, then become the command."""
    parent, *command = sys.argv[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        # The parent may have died before the line above; then nobody would send that signal.
        if os.getppid() != int(parent):
            raise SystemExit(1)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    os.execvp(command[0], command)  # noqa: S606  (the supervisor names the program)


if __name__ == "__main__":
    main()

"""Which banks may send, and the steps a bank takes until it may.

A bank begins in the sandbox, is certified by a run of the kit, goes live, and may be suspended.
"""

from typing import Final, Literal

BankState = Literal["sandbox", "certified", "live", "suspended"]

NEXT: Final[dict[BankState, tuple[BankState, ...]]] = {
    "sandbox": ("certified",),
    "certified": ("live",),
    "live": ("suspended",),
    "suspended": ("live",),
}


def may_send(state: BankState, *, sandbox: bool) -> bool:
    """Tell whether the door takes events: the sandbox's from all, the city's from live banks."""
    return state != "suspended" if sandbox else state == "live"


def may_become(now: BankState, then: BankState) -> bool:
    """Tell whether one state follows the other."""
    return then in NEXT[now]

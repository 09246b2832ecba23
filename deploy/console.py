"""What tables are printed on, for a person at a terminal or for a log."""

from typing import Final

from rich.console import Console

_PLAIN_WIDTH: Final = 120


def console() -> Console:
    """Return the standard output; a log or a pipe has no width of its own, and gets a wide one.

    Eighty columns would break every Chinese sentence.
    """
    found = Console(highlight=False)
    return found if found.is_terminal else Console(highlight=False, width=_PLAIN_WIDTH)

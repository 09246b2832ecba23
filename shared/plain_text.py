"""Text that officials read in one line: control characters have no place in it."""

from typing import Final

# Written out, because ``\p{Cc}`` is not known to every reader of an OpenAPI document.
ONE_LINE: Final = r"^[^\x00-\x1f\x7f-\x9f]+$"

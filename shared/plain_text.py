"""Text that officials read in one line, and names that are the same however they were typed."""

import unicodedata
from typing import Final

# Control characters have no place in a line. Written out, because ``\p{Cc}`` is not known to every
# reader of an OpenAPI document.
ONE_LINE: Final = r"^[^\x00-\x1f\x7f-\x9f]+$"
PERHAPS_ONE_LINE: Final = r"^[^\x00-\x1f\x7f-\x9f]*$"
_INVISIBLE: Final = "Cf"


def one_form(name: str) -> str:
    """Return a name in the one form by which it is compared: １班 and 1班 are one class.

    Widths and compatible characters are folded (Unicode NFKC), what nobody sees is left out.
    """
    if name.isascii():
        return name
    folded = unicodedata.normalize("NFKC", name)
    return "".join(one for one in folded if unicodedata.category(one) != _INVISIBLE)

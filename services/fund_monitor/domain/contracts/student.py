"""References of students: keyed digests, from which nobody reads who somebody is."""

import base64
import hashlib
import hmac
import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

ALGORITHM: Final = "hmac-sha256"
IdKind = Literal["id_card", "student_no", "other"]

_LETTERS: Final = 26
_PREFIX: Final = "stu_"
# A national student number is mostly a letter before the number of the identity card.
_STUDENT_NO: Final = re.compile(r"^[GJL](\d{17}[\dX])$")
_ID_CARD: Final = re.compile(r"^\d{17}[\dX]$")
_APART: Final = "\x1f"


@dataclass(frozen=True, slots=True)
class Identification:
    """Who a student is, as the family has shown it; it is digested and forgotten."""

    kind: IdKind
    number: str
    name: str

    @property
    def told(self) -> str:
        """One text for one person, however the number was spelt.

        The number of an identity card is one person's, so that a misspelt name changes nothing;
        other numbers are their issuer's, and the name tells persons of different issuers apart.
        """
        number = _plain(self.number).upper()
        if self.kind == "student_no" and (found := _STUDENT_NO.match(number)):
            number = found[1]
        if self.kind != "other" and _ID_CARD.match(number):
            return f"id_card{_APART}{number}"
        return _APART.join((self.kind, number, _plain(self.name)))

    def __repr__(self) -> str:
        """Say nothing: what stands in a traceback stands in a log."""
        return f"Identification({self.kind!r})"


@dataclass(frozen=True, slots=True, repr=False)
class StudentKey:
    """The key of references, named: a reference says nothing without it."""

    name: str
    secret: bytes

    def reference(self, who: Identification) -> str:
        """Return the reference of a student: 130 bits of the digest, as banks carry it."""
        digest = hmac.new(self.secret, who.told.encode(), hashlib.sha256).digest()
        return _PREFIX + base64.b32encode(digest).decode().lower()[:_LETTERS]


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())

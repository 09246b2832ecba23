"""References of students: keyed digests, from which nobody reads who somebody is."""

import base64
import hashlib
import hmac
import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

from stdnum.cn import ric
from stdnum.exceptions import ValidationError

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


def fault_of(kind: IdKind, number: str) -> str | None:
    """Say in Chinese why a number cannot be of its kind; ``None`` where it may be.

    Two spellings of one identity card would be two students, and their fees never be summed: its
    number is held against GB 11643-1999 (form, date of birth, check character), and is taken under
    no other name. Where its first six digits lie is not asked: areas come and go.
    """
    plain = _plain(number).upper()
    if kind == "other":
        return "这是身份证号码，证件类型请填写身份证" if _is_id_card(plain) else None
    if kind == "student_no":
        return None
    return None if _is_id_card(plain) else "身份证号码有误：须为18位，出生日期和末位校验码须正确"


def _is_id_card(plain: str) -> bool:
    if _ID_CARD.match(plain) is None or plain[-1] != ric.calc_check_digit(plain):
        return False
    try:
        ric.get_birth_date(plain)
    except ValidationError:
        return False
    return True


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())

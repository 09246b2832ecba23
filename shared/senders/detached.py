"""Signatures of files: Standard Webhooks over the bytes, its three values in a file beside them.

The id is the file's name, so that nobody can give signed bytes another name, day or number. A file
may be old when it is read: it is not the age that bounds a replay, but that its name is taken once.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shared.errors import Unauthenticated
from shared.sealing import Sealer
from shared.senders.model import Secret
from shared.senders.signing import MOST_LIVE

MOST_AHEAD: Final = timedelta(minutes=5)
MOST_SIGNATURE_BYTES: Final = 4_096
_FIELDS: Final = ("webhook-id", "webhook-timestamp", "webhook-signature")
_PREFIX: Final = "whsec_"
_VERSION: Final = "v1,"
_LONGEST_TIMESTAMP: Final = 12


@dataclass(frozen=True, slots=True)
class FileSignature:
    """The three values that stand in ``….sig``, one a line, as the headers of a request are."""

    webhook_id: str
    timestamp: str
    signatures: tuple[str, ...]

    @classmethod
    def read(cls, text: bytes) -> "FileSignature":
        """Read a signature's file; the order of its lines does not matter."""
        found = {}
        for line in text.decode("ascii", errors="replace").splitlines():
            name, _, value = line.partition(":")
            found[name.strip().lower()] = value.strip()
        if missing := [name for name in _FIELDS if not found.get(name)]:
            raise Unauthenticated(f"签名文件缺少 {'、'.join(missing)}")
        identifier, timestamp, signatures = (found[name] for name in _FIELDS)
        return cls(identifier, timestamp, tuple(signatures.split()))

    def text(self) -> bytes:
        """Return what is written to ``….sig``."""
        values = (self.webhook_id, self.timestamp, " ".join(self.signatures))
        return "".join(f"{n}: {v}\n" for n, v in zip(_FIELDS, values, strict=True)).encode()


class Digesting:
    """A signature that grows with the file: bounded memory, however long the file is."""

    def __init__(self, secret: str, *, webhook_id: str, timestamp: str) -> None:
        key = base64.b64decode(secret.removeprefix(_PREFIX))
        self._mac = hmac.new(key, f"{webhook_id}.{timestamp}.".encode(), hashlib.sha256)

    def update(self, chunk: bytes) -> None:
        """Take in what comes next."""
        self._mac.update(chunk)

    def signature(self) -> str:
        """Return the signature of what has been taken in."""
        return _VERSION + base64.b64encode(self._mac.digest()).decode()


class FileCheck:
    """Holds a file against its signature by each of its sender's live secrets, as it is read."""

    def __init__(
        self, signature: FileSignature, secrets: Iterable[Secret], sealer: Sealer, *, now: datetime
    ) -> None:
        self._signature = signature
        self._now = now
        live = [one for one in secrets if one.is_live(now)][:MOST_LIVE]
        self._digesting = [
            Digesting(
                sealer.open(one.sealed),
                webhook_id=signature.webhook_id,
                timestamp=signature.timestamp,
            )
            for one in live
        ]

    def update(self, chunk: bytes) -> None:
        """Take in what comes next."""
        for one in self._digesting:
            one.update(chunk)

    def refuse_others(self, name: str) -> None:
        """Refuse a file that none of the secrets signed under this name."""
        good = [
            hmac.compare_digest(one.signature(), given)
            for one in self._digesting
            for given in self._signature.signatures
            if given.isascii()
        ]
        if not any(good):
            raise Unauthenticated("签名无效，或密钥已作废（Standard Webhooks，对文件的全部字节）")
        if self._signature.webhook_id != name:
            raise Unauthenticated(f"签名中的 webhook-id 须为文件名 {name}")
        timestamp = self._signature.timestamp
        if not timestamp.isdigit() or len(timestamp) > _LONGEST_TIMESTAMP:
            raise Unauthenticated("webhook-timestamp 须为 Unix 秒")
        if int(timestamp) > (self._now + MOST_AHEAD).timestamp():
            raise Unauthenticated("签名时间晚于服务器时钟 5 分钟以上")


def sign_file(
    chunks: Iterable[bytes], *, secret: str, name: str, signed_at: datetime
) -> FileSignature:
    """Return the signature of a file of this name."""
    timestamp = str(int(signed_at.timestamp()))
    digesting = Digesting(secret, webhook_id=name, timestamp=timestamp)
    for chunk in chunks:
        digesting.update(chunk)
    return FileSignature(name, timestamp, (digesting.signature(),))

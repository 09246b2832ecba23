"""Secrets at rest: compact JWE, which names algorithm and key beside the ciphertext."""

import json
from pathlib import Path

from joserfc import jwe
from joserfc.jwk import OctKey


class Sealer:
    """Seals and opens short secrets with one symmetric key."""

    def __init__(self, key: OctKey) -> None:
        self._key = key

    @classmethod
    def from_file(cls, key_file: Path) -> "Sealer":
        """Read the key, a JSON Web Key of 256 bits with its name."""
        return cls(OctKey.import_key(json.loads(key_file.read_text())))

    @classmethod
    def unkept(cls) -> "Sealer":
        """Return one with a key that ends with the process: for documents and tests."""
        return cls(OctKey.generate_key(256, {"kid": "unkept"}))

    def seal(self, secret: str) -> str:
        header = {"alg": "dir", "enc": "A256GCM", "kid": self._key.kid}
        return jwe.encrypt_compact(header, secret.encode(), self._key)

    def open(self, sealed: str) -> str:
        return (jwe.decrypt_compact(sealed, self._key).plaintext or b"").decode()

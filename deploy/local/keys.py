"""The keys and secrets of one stack: made once, mode 600, never a default."""

import json
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import nkeys
from joserfc.jwk import ECKey, OctKey

from deploy.local.files import write_json, write_private
from shared.messaging.permissions import SERVICES, USERS

MONGO_ADMIN = "stack_admin"
_SEALING_KEY_BITS = 256
_SEED_BYTES = 32
_PASSWORD_BYTES = 32
# What mongod takes as the common secret of a replica set's members: 6 to 1024 base64 characters.
_KEY_FILE_BYTES = 96


@dataclass(frozen=True, slots=True)
class Keys:
    """Where each secret lies; a path given to a process is all that process learns."""

    folder: Path

    def nats_seed(self, user: str) -> Path:
        """Return the seed file of a user of the bus."""
        return self.folder / "nats" / f"{user}.nk"

    def mongo_password(self, user: str) -> Path:
        """Return the password file of a user of the store."""
        return self.folder / "mongo" / f"{user}.password"

    @property
    def mongo_key_file(self) -> Path:
        """The common secret of the replica set's members."""
        return self.folder / "mongo" / "members.key"

    @property
    def issuer_key(self) -> Path:
        """The private key of the local token issuer."""
        return self.folder / "issuer.jwk.json"

    @property
    def issuer_jwks(self) -> Path:
        """The public keys by which services check tokens."""
        return self.folder / "issuer.jwks.json"

    def sealing_key(self, service: str) -> Path:
        """Return the key under which a service keeps secrets of banks and of receivers."""
        return self.folder / "sealing" / f"{service}.jwk.json"

    def audit_key(self, service: str) -> Path:
        """Return the key under which a service's audit rows name persons."""
        return self.folder / "audit" / f"{service}.key.json"

    def make(self) -> None:
        """Make what is missing; what exists stays as it is."""
        self.make_nats_seeds(user.name for user in USERS)
        for user in (MONGO_ADMIN, *SERVICES):
            _once(self.mongo_password(user), lambda: secrets.token_urlsafe(_PASSWORD_BYTES))
        _once(self.mongo_key_file, lambda: secrets.token_hex(_KEY_FILE_BYTES))
        for service in SERVICES:
            _once(self.audit_key(service), _digest_key)
            _once(self.sealing_key(service), _sealing_key)
        self._make_issuer()

    def make_nats_seeds(self, users: Iterable[str]) -> None:
        """Make a key pair for each user of the bus; only the seed is kept."""
        for user in users:
            _once(self.nats_seed(user), _nats_seed)

    def nats_public_keys(self) -> dict[str, str]:
        """Return the public key of every user of the bus."""
        return {user.name: _public_key(self.nats_seed(user.name)) for user in USERS}

    def _make_issuer(self) -> None:
        if not self.issuer_key.exists():
            key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
            write_json(self.issuer_key, key.as_dict(private=True))
        private = ECKey.import_key(json.loads(self.issuer_key.read_text()))
        write_json(self.issuer_jwks, {"keys": [private.as_dict(private=False)]})


def _once(path: Path, make: Callable[[], str | bytes]) -> None:
    if not path.exists():
        write_private(path, make())


def _nats_seed() -> bytes:
    seed: bytes = nkeys.encode_seed(secrets.token_bytes(_SEED_BYTES), nkeys.PREFIX_BYTE_USER)
    return seed


def _digest_key() -> str:
    return json.dumps({"name": secrets.token_hex(4), "secret": secrets.token_hex(_SEED_BYTES)})


def _sealing_key() -> str:
    key = OctKey.generate_key(_SEALING_KEY_BITS, auto_kid=True)
    return json.dumps(key.as_dict(private=True))


def _public_key(seed: Path) -> str:
    public: bytes = nkeys.from_seed(seed.read_bytes()).public_key
    return public.decode()

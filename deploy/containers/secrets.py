"""The compose file's secrets: a flat file each, made once, for its containers alone to read."""

import os
from pathlib import Path

from deploy.local.files import write_private
from deploy.local.issuer import Issuer
from deploy.local.keys import MONGO_ADMIN, Keys
from deploy.local.layout import CHECKOUT
from deploy.local.problem import StackProblem
from shared.messaging.permissions import OPERATOR, SERVICES, server_config

# The user of the images. Root makes the files for it; anybody else runs the containers as
# themselves, because a file in a container keeps its owner on the host.
CONTAINER_USER = 10001
FOLDER = ".secrets"
# Where banks drop files. Made here: the engine would make it root's, and no service could write.
DROP_FOLDER = ".drop"
_NATS_PORT = 4222
_NATS_MONITOR = "127.0.0.1:8222"
_PUBLIC = 0o644


def make(checkout: Path = CHECKOUT) -> Path:
    """Make what is missing below ``.secrets``, and the ``.env`` that names the containers' user."""
    folder = checkout / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    keys = _keys(checkout)
    keys.make()
    for name, source in _files(keys).items():
        write_private(folder / name, source.read_bytes())
    _write_bus_config(folder / "nats-server.conf", keys)
    user, group = _owner()
    for name in _files(keys):
        os.chown(folder / name, user, group)
    _write_environment(checkout / ".env", user, group)
    drop = checkout / DROP_FOLDER
    drop.mkdir(mode=0o755, exist_ok=True)
    os.chown(drop, user, group)
    return folder


def issuer(checkout: Path = CHECKOUT) -> Issuer:
    """Return who signs tokens that the containers take, until the city's own issuer does."""
    keys = _keys(checkout)
    if not keys.issuer_key.exists():
        raise StackProblem("还没有容器的密钥：请先执行 ./run secrets")
    return Issuer(keys.issuer_key)


def _keys(checkout: Path) -> Keys:
    return Keys(checkout / FOLDER / "keys")


def _files(keys: Keys) -> dict[str, Path]:
    """Return each secret of the compose file with the key it is."""
    return {
        "mongo_members": keys.mongo_key_file,
        "mongo_admin": keys.mongo_password(MONGO_ADMIN),
        "nats_operator": keys.nats_seed(OPERATOR),
        "issuer_jwks": keys.issuer_jwks,
        **{f"{service}_mongo": keys.mongo_password(service) for service in SERVICES},
        **{f"{service}_nats": keys.nats_seed(service) for service in SERVICES},
        **{f"{service}_sealing": keys.sealing_key(service) for service in SERVICES},
        **{f"{service}_audit": keys.audit_key(service) for service in SERVICES},
    }


def _write_bus_config(path: Path, keys: Keys) -> None:
    text = server_config(
        public_keys=keys.nats_public_keys(),
        store_dir="/data/jetstream",
        port=_NATS_PORT,
        host="0.0.0.0",  # noqa: S104  (inside its container; the compose file publishes nothing)
        monitor=_NATS_MONITOR,
    )
    # Public keys only, and nats-server's image has a user of its own.
    path.write_text(text)
    path.chmod(_PUBLIC)


def _owner() -> tuple[int, int]:
    if os.getuid() == 0:
        return CONTAINER_USER, CONTAINER_USER
    return os.getuid(), os.getgid()


def _write_environment(path: Path, user: int, group: int) -> None:
    """Set the containers' user; every other line of the file is somebody's own and stays."""
    own = {"HAINING_UID": str(user), "HAINING_GID": str(group)}
    lines = path.read_text().splitlines() if path.exists() else []
    kept = [line for line in lines if line.partition("=")[0] not in own]
    path.write_text("\n".join([*kept, *(f"{name}={value}" for name, value in own.items())]) + "\n")

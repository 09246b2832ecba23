"""The compose file run for real, in a copy of the checkout, with a project of its own."""

import json
import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.containers import secrets as container_secrets
from deploy.demo.sample.term import AS_OF
from deploy.local.issuer import Issuer
from deploy.local.layout import CHECKOUT, Layout
from deploy.local.service_clock import settle
from shared.messaging.permissions import SERVICES
from tests.support.servers import free_port

_CONTEXT = ("Dockerfile", "docker-compose.yml", ".dockerignore", "requirements", "shared")
_CODE = ("services", "deploy")
_MOST_SECONDS = 900


def an_engine_answers() -> bool:
    """Tell whether a Docker Engine can be asked from here."""
    return shutil.which("docker") is not None and not _fails(["docker", "version"])


def compose_command() -> list[str] | None:
    """Return what runs compose files here: the plugin or the program, if an engine answers."""
    if not an_engine_answers():
        return None
    for command in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(command[0]) and not _fails([*command, "version"]):
            return command
    return None


def _fails(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode != 0  # noqa: S603


@dataclass(frozen=True, slots=True)
class City:
    """One city in containers."""

    folder: Path
    project: str
    urls: dict[str, str]
    command: tuple[str, ...]
    environment: dict[str, str]

    @property
    def issuer(self) -> Issuer:
        return container_secrets.issuer(self.folder)

    def compose(self, *arguments: str) -> str:
        """Run compose on this city and return what it prints."""
        done = subprocess.run(  # noqa: S603 - the machine's own compose
            [*self.command, "--project-name", self.project, *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=_MOST_SECONDS,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"compose {' '.join(arguments)}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def kill(self, name: str) -> None:
        """End a container's process without a word; nothing starts it again by itself."""
        self.compose("kill", "-s", "SIGKILL", name)

    def start(self, name: str) -> None:
        self.compose("start", name)

    def inspected(self, name: str) -> dict[str, object]:
        """Return what the engine says of a service's container."""
        identifier = self.compose("ps", "-q", name).strip()
        shown = subprocess.run(  # noqa: S603
            ["docker", "inspect", identifier],  # noqa: S607
            capture_output=True,
            text=True,
            check=True,
        )
        found: list[dict[str, object]] = json.loads(shown.stdout)
        return found[0]


@contextmanager
def city_in_containers(folder: Path, command: list[str]) -> Iterator[City]:
    """Build and start the whole city on the demo's day; take it and its volumes down at the end."""
    for name in (*_CONTEXT, *_CODE):
        source, target = CHECKOUT / name, folder / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    container_secrets.make(folder)
    ports = {service: free_port() for service in SERVICES}
    clock = settle(Layout(folder / "no-stack"), as_of=AS_OF)
    city = City(
        folder=folder,
        project=f"haining-test-{secrets.token_hex(4)}",
        urls={service: f"http://127.0.0.1:{port}" for service, port in ports.items()},
        command=tuple(command),
        environment={
            **os.environ,
            **{f"{service.upper()}_PORT": str(port) for service, port in ports.items()},
            "CLOCK_OFFSET_SECONDS": str(clock.offset_seconds),
            "HAINING_TAG": "tests",
        },
    )
    try:
        city.compose("build")
        city.compose("up", "--detach")
        yield city
    finally:
        city.compose("down", "--volumes", "--remove-orphans")


def without_secrets(folder: Path, command: list[str]) -> str:
    """Return what compose says where nobody has made the secrets."""
    shutil.copy(CHECKOUT / "docker-compose.yml", folder)
    named = ("HAINING_UID", "HAINING_GID")
    done = subprocess.run(  # noqa: S603 - the machine's own compose
        [*command, "up", "--detach"],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name not in named},
        capture_output=True,
        text=True,
        timeout=_MOST_SECONDS,
        check=False,
    )
    if done.returncode == 0:
        raise RuntimeError("compose started a city without secrets")
    return done.stderr

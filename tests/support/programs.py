"""What a test's server runs as: a process of this machine, or a container of its Docker Engine."""

import os
import signal
import subprocess
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer
from testcontainers.core.docker_client import DockerClient

from deploy.local import binaries
from deploy.local.layout import CHECKOUT
from deploy.local.servers import MONGO_IMAGE, NATS_IMAGE
from deploy.local.spawning import alive, spawn, started

_PATIENCE_SECONDS = 30.0
_LAST_WORDS = 2_000
_CHECKOUT_LABEL = "haining.tests.checkout"
RUN_LABEL = "haining.tests.run"


class Source(StrEnum):
    """Where tests take their two servers from."""

    MACHINE = "machine"
    DOCKER = "docker"


class Program(Protocol):
    """One server's program: started, told a signal, started again on the same data and port."""

    def start(self, command: Sequence[str]) -> None:
        """Start it; whether it answers is for the caller to ask."""
        ...

    def alive(self) -> bool:
        """Tell whether it runs, were it paused."""
        ...

    def send(self, sign: signal.Signals) -> None:
        """Send a signal; one that has ended hears nothing."""
        ...

    def wait(self) -> None:
        """Wait until it has ended."""
        ...

    def last_words(self) -> str:
        """Return the end of what it said."""
        ...


class Process:
    """A process of this machine, which dies with the test run, whatever ends that."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, command: Sequence[str]) -> None:
        self._process = spawn(command, log=self._log)

    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def send(self, sign: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(sign)

    def wait(self) -> None:
        if self._process is not None:
            self._process.wait(_PATIENCE_SECONDS)

    def last_words(self) -> str:
        return self._log.read_text(errors="replace")[-_LAST_WORDS:]


class Container:
    """A container on this machine's own loopback, with the server's folder at the same path.

    So the server is told exactly what a process is told, and clients meet it at the same address.
    """

    def __init__(self, image: str, folder: Path) -> None:
        self._image = image
        self._folder = folder
        self._container: DockerContainer | None = None

    def start(self, command: Sequence[str]) -> None:
        # The helper that removes containers of dead runs is an image of its own, which a machine
        # without a registry does not have; `sweep` does its work.
        testcontainers_config.ryuk_disabled = True
        binary, *arguments = command
        self._container = (
            DockerContainer(self._image)
            .with_command(arguments)
            .with_volume_mapping(self._folder, str(self._folder), mode="rw")
            .with_kwargs(
                entrypoint=binary,
                network_mode="host",
                user=f"{os.getuid()}:{os.getgid()}",
                labels={_CHECKOUT_LABEL: str(CHECKOUT), RUN_LABEL: _this_run()},
            )
        )
        self._container.start()

    def alive(self) -> bool:
        if self._container is None:
            return False
        self._container.reload()
        return self._container.status == "running"

    def send(self, sign: signal.Signals) -> None:
        if self._container is not None and self.alive():
            self._container.get_wrapped_container().kill(signal=int(sign))

    def wait(self) -> None:
        """Wait until it has ended, and remove it: what it stored lies in its folder."""
        container, self._container = self._container, None
        if container is not None:
            try:
                container.get_wrapped_container().wait(timeout=_PATIENCE_SECONDS)
            finally:
                container.stop(force=True)

    def last_words(self) -> str:
        if self._container is None:
            return ""
        return b"".join(self._container.get_logs()).decode(errors="replace")[-_LAST_WORDS:]


def nats_program(source: Source, folder: Path) -> tuple[Path, Program]:
    """Return nats-server, by the name that its command begins with, and what it runs as."""
    if source is Source.DOCKER:
        return Path("nats-server"), Container(NATS_IMAGE, folder)
    return binaries.nats_server(), Process(folder / "nats-server.log")


def mongo_program(source: Source, folder: Path) -> tuple[Path, Program]:
    """Return mongod, by the name that its command begins with, and what it runs as."""
    if source is Source.DOCKER:
        return Path("mongod"), Container(MONGO_IMAGE, folder)
    return binaries.mongod(), Process(folder / "mongod.log")


def sweep() -> None:
    """Remove the containers of this checkout's runs that were killed before they could."""
    client = DockerClient().client
    for container in client.containers.list(
        all=True, filters={"label": f"{_CHECKOUT_LABEL}={CHECKOUT}"}
    ):
        pid, _, began = container.labels[RUN_LABEL].partition(" ")
        if not alive(int(pid), began):
            container.remove(force=True, v=True)
    client.close()


def _this_run() -> str:
    return f"{os.getpid()} {started(os.getpid())}"

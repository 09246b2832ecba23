"""The services as processes of the stack, with all that each is told."""

import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from deploy.local.issuer import AUDIENCE, ISSUER
from deploy.local.keys import Keys
from deploy.local.layout import Layout
from deploy.local.ports import Ports
from deploy.local.program import Program
from shared.messaging.permissions import SERVICES

_HTTP_OK = 200
_TIMEOUT_SECONDS = 5.0
_READY_FILE_SECONDS = 10.0
# Working apart from the door, so that what is accepted is posted also while the door is away.
_APART = {"fund_monitor": ("serve", "work")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where the servers are, and how far the service clock stands from this machine's."""

    nats: str
    mongo: str
    clock_offset_seconds: int


def programs(
    *,
    layout: Layout,
    keys: Keys,
    ports: Ports,
    addresses: Addresses,
    settings: Mapping[str, str] | None = None,
    only: Sequence[str] = SERVICES,
) -> tuple[Program, ...]:
    """Return every service's processes; more settings are told to each of them."""
    make = _Maker(
        layout=layout, keys=keys, ports=ports, addresses=addresses, settings=settings or {}
    )
    return tuple(
        make.program(service, role) for service in only for role in _APART.get(service, ("both",))
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Maker:
    layout: Layout
    keys: Keys
    ports: Ports
    addresses: Addresses
    settings: Mapping[str, str]

    def program(self, service: str, role: str) -> Program:
        name = service if role == "both" else f"{service}-{role}"
        port = None if role == "work" else self.ports.of(service)
        says_ready = ready_file(self.layout, name)
        says_ready.unlink(missing_ok=True)
        figures = metrics_file(self.layout, name)
        figures.unlink(missing_ok=True)
        told = {"READY_FILE": str(says_ready), "TRACES_FILE": str(spans_file(self.layout, name))}
        if port is None:
            told["METRICS_FILE"] = str(figures)
        if service == "fund_monitor":
            told["DROP_FOLDER"] = str(self.layout.drop)
        return Program(
            name=name,
            command=(sys.executable, "-m", f"services.{service}.main", role),
            environment=self._environment(service, told),
            log=self.layout.log / f"{name}.log",
            check=Ready(port=port, ready_file=says_ready),
            port=port,
        )

    def _environment(self, service: str, more: Mapping[str, str]) -> dict[str, str]:
        told = {
            **self.settings,
            **more,
            "HOST": "127.0.0.1",
            "PORT": str(self.ports.of(service)),
            "MONGO_URL": self.addresses.mongo,
            "MONGO_USERNAME": service,
            "MONGO_PASSWORD_FILE": str(self.keys.mongo_password(service)),
            "MONGO_DATABASE": service,
            "NATS_URL": self.addresses.nats,
            "NATS_SEED_FILE": str(self.keys.nats_seed(service)),
            "JWKS": str(self.keys.issuer_jwks),
            "TOKEN_ISSUER": ISSUER,
            "TOKEN_AUDIENCE": AUDIENCE,
            "AUDIT_KEY_FILE": str(self.keys.audit_key(service)),
            "SEALING_KEY_FILE": str(self.keys.sealing_key(service)),
            "CLOCK_OFFSET_SECONDS": str(self.addresses.clock_offset_seconds),
        }
        prefix = f"{service.upper()}_"
        return {
            **base_environment(self.layout),
            **{f"{prefix}{name}": value for name, value in told.items()},
        }


def ready_file(layout: Layout, name: str) -> Path:
    """Return the file in which a process without a door says that it is ready."""
    return layout.run / f"{name}.ready.json"


def metrics_file(layout: Layout, name: str) -> Path:
    """Return the file in which a process without a door leaves its figures."""
    return layout.run / f"{name}.prom"


def spans_file(layout: Layout, name: str) -> Path:
    """Return the file to which a process writes its spans; it rotates the file by itself."""
    return layout.log / f"{name}.spans.jsonl"


def base_environment(layout: Layout) -> dict[str, str]:
    """Return this process's environment without settings meant for services, and our own folder."""
    prefixes = tuple(f"{service.upper()}_" for service in SERVICES)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(prefixes)}
    return {**kept, "TMPDIR": str(layout.temporary), "PYTHONUNBUFFERED": "1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """Ask a service whether it is ready: over HTTP, or by the file of one without a door."""

    port: int | None
    ready_file: Path

    async def __call__(self) -> None:
        if self.port is None:
            self._by_file()
        else:
            await self._by_http(self.port)

    async def _by_http(self, port: int) -> None:
        async with httpx.AsyncClient(trust_env=False, timeout=_TIMEOUT_SECONDS) as client:
            answer = await client.get(f"http://127.0.0.1:{port}/health/ready")
        if answer.status_code != _HTTP_OK:
            raise RuntimeError(f"HTTP {answer.status_code} {answer.text[:200]}")

    def _by_file(self) -> None:
        content: Mapping[str, object] = json.loads(self.ready_file.read_text())
        if time.time() - self.ready_file.stat().st_mtime > _READY_FILE_SECONDS:
            raise RuntimeError("the ready file is old")
        if content.get("ready") is not True:
            raise RuntimeError(f"not ready: {content.get('checks')}")

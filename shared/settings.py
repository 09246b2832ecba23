"""The settings every service has, and a guard against misspelt ones."""

import os
from datetime import timedelta
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ServiceSettings(BaseSettings):
    """What a service needs from its environment; a subclass gives the prefix."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid")

    host: str = "127.0.0.1"
    port: int = Field(ge=1, le=65_535)
    mongo_url: str
    mongo_username: str | None = None
    mongo_password_file: Path | None = None
    mongo_database: str
    nats_url: str
    nats_seed_file: Path
    jwks: str
    token_issuer: str
    token_audience: str
    audit_key_file: Path
    clock_offset_seconds: int = 0
    # Notices of the State Council that are newer than the calendar library.
    calendar_file: Path | None = None
    ready_file: Path | None = None
    log_level: str = "INFO"
    # A process without a port leaves its figures here, for a textfile collector.
    metrics_file: Path | None = None
    # Spans go to a file, to a collector (OTLP over HTTP), to both, or nowhere when none is given.
    traces_file: Path | None = None
    traces_endpoint: str | None = None
    traces_ratio: float = Field(default=1.0, ge=0, le=1)
    # A span for every command to MongoDB, not for commits alone.
    traces_commands: bool = False

    @property
    def clock_offset(self) -> timedelta:
        return timedelta(seconds=self.clock_offset_seconds)

    def mongo_password(self) -> str | None:
        """Read the password; it lives in a file, never in the environment."""
        return (
            None
            if self.mongo_password_file is None
            else self.mongo_password_file.read_text().strip()
        )


def unknown_keys(kind: type[ServiceSettings]) -> list[str]:
    """Return keys of the environment with this prefix that name no setting."""
    prefix = str(kind.model_config["env_prefix"])
    known = {f"{prefix}{name}".upper() for name in kind.model_fields}
    return sorted(key for key in os.environ if key.startswith(prefix) and key not in known)

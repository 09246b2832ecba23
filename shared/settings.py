"""The settings every service has, and a guard against misspelt ones."""

import os
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Final, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.in_hand import Bounds
from shared.notify.addresses import AddressRules
from shared.notify.mail import MailServer, Security
from shared.tls import Tls

_BOUNDS: Final = Bounds()


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
    # The key under which secrets of banks, platforms and receivers of webhooks lie sealed.
    sealing_key_file: Path
    clock_offset_seconds: int = 0
    # Per process: far above what a bank or a person at a page needs, far below what harms others.
    requests_per_second_of_sender: int = Field(default=200, ge=1, le=100_000)
    requests_per_second_of_subject: int = Field(default=50, ge=1, le=100_000)
    # Per process: what is more is answered 503 at once. As much as is done within some seconds.
    requests_in_hand: int = Field(default=_BOUNDS.requests, ge=1, le=100_000)
    request_bytes_in_hand: int = Field(default=_BOUNDS.request_bytes, ge=1024, le=2**40)
    uploads_in_hand: int = Field(default=_BOUNDS.uploads, ge=1, le=1_000)
    # Notices of the State Council that are newer than the calendar library.
    calendar_file: Path | None = None
    # Networks of the city that webhooks may reach besides public addresses, and plain http.
    webhook_networks: tuple[IPv4Network | IPv6Network, ...] = Field(default=(), max_length=64)
    webhook_plain_http: bool = False
    # Proxies in front of this service: only they are believed who a request came from.
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = Field(default=(), max_length=16)
    # A port of TLS for clients that come without a proxy; whoever vouches for their certificates.
    tls_certificate_file: Path | None = None
    tls_key_file: Path | None = None
    tls_client_ca_file: Path | None = None
    mail_host: str | None = None
    mail_port: int = Field(default=587, ge=1, le=65_535)
    mail_security: Security = "starttls"
    mail_sender: str | None = None
    mail_username: str | None = None
    mail_password_file: Path | None = None
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

    @model_validator(mode="after")
    def _mail_has_a_sender(self) -> Self:
        if (self.mail_host is None) != (self.mail_sender is None):
            raise ValueError("MAIL_HOST 和 MAIL_SENDER 须同时设置")
        return self

    @model_validator(mode="after")
    def _tls_is_whole(self) -> Self:
        if (self.tls_certificate_file is None) != (self.tls_key_file is None):
            raise ValueError("TLS_CERTIFICATE_FILE 和 TLS_KEY_FILE 须同时设置")
        if self.tls_client_ca_file is not None and self.tls_certificate_file is None:
            raise ValueError("TLS_CLIENT_CA_FILE 须与 TLS_CERTIFICATE_FILE 同时设置")
        return self

    def tls(self) -> Tls | None:
        """Return the TLS of the service's own port, where it is set."""
        if self.tls_certificate_file is None or self.tls_key_file is None:
            return None
        return Tls(self.tls_certificate_file, self.tls_key_file, self.tls_client_ca_file)

    def bounds(self) -> Bounds:
        """Return how much a process takes at once."""
        return Bounds(
            requests=self.requests_in_hand,
            request_bytes=self.request_bytes_in_hand,
            uploads=self.uploads_in_hand,
        )

    def webhook_addresses(self) -> AddressRules:
        """Return which addresses webhooks may reach."""
        return AddressRules(networks=self.webhook_networks, plain_http=self.webhook_plain_http)

    def mail_server(self) -> MailServer | None:
        """Return the mail server, where one is set."""
        if self.mail_host is None or self.mail_sender is None:
            return None
        return MailServer(
            host=self.mail_host,
            port=self.mail_port,
            sender=self.mail_sender,
            security=self.mail_security,
            username=self.mail_username,
            password_file=self.mail_password_file,
        )

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

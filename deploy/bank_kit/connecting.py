"""The way to a door: over TLS with an authority of one's own, or with a bank's certificate."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from deploy.local.problem import StackProblem

_TIMEOUT_SECONDS: Final = 30.0
_UNTRUSTED: Final = "CERTIFICATE_VERIFY_FAILED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Whom the kit trusts to name the door, and what it shows of the bank; PEM files.

    With ``ca_file`` the authorities in it are trusted and no others: a private one is not one of
    the machine's. A certificate may hold its key in the same file.
    """

    ca_file: Path | None = None
    client_cert_file: Path | None = None
    client_key_file: Path | None = None

    def context(self) -> ssl.SSLContext:
        """Return what connections are made with, or say which file cannot be used."""
        if self.client_key_file is not None and self.client_cert_file is None:
            raise StackProblem("给出 --client-key-file 时须同时给出 --client-cert-file")
        try:
            context = ssl.create_default_context(cafile=self.ca_file)
        except OSError as error:
            raise StackProblem(f"--ca-file {self.ca_file} 无法使用：{error}") from error
        if self.client_cert_file is not None:
            try:
                # A key under a password is refused, where the library would ask the terminal.
                context.load_cert_chain(self.client_cert_file, self.client_key_file, password="")
            except OSError as error:
                raise StackProblem(
                    f"客户端证书 {self.client_cert_file} 或其私钥无法使用"
                    f"（须为 PEM，私钥不加密）：{error}"
                ) from error
        return context


@asynccontextmanager
async def connected(url: str, trust: Trust) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client of a door that answers."""
    async with httpx.AsyncClient(
        base_url=url, verify=trust.context(), timeout=_TIMEOUT_SECONDS, trust_env=False
    ) as client:
        try:
            await client.get("/health/live")
        except httpx.TransportError as error:
            hint = "；证书由自设的 CA 签发时用 --ca-file 给出" if _UNTRUSTED in str(error) else ""
            raise StackProblem(f"{url} 没有应答：{error}{hint}") from error
        yield client

"""TLS of a service's own port, for a door that has no proxy in front of it."""

import hashlib
import ssl
from asyncio import BaseTransport
from dataclasses import dataclass
from pathlib import Path
from typing import Final

CLIENT_CERTIFICATE: Final = "haining.client_certificate"
"""In a request's scope: the SHA-256 of the certificate that this connection's client showed."""


class TlsUnusable(Exception):
    """The certificate, its key or the clients' authorities cannot be read: nothing is served."""


@dataclass(frozen=True, slots=True)
class Tls:
    """A service's certificate with its key, and who vouches for certificates of clients.

    ``client_ca`` holds authorities or clients' own certificates, in PEM. A client that shows a
    certificate which none of them vouches for gets no connection; one that shows none does, and is
    held against what is asked of it (ADR 0029).
    """

    certificate: Path
    key: Path
    client_ca: Path | None = None

    def context(self) -> ssl.SSLContext:
        """Return what connections are made with; raises ``TlsUnusable``."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            # A key under a password is refused, where the library would ask the terminal for it.
            context.load_cert_chain(self.certificate, self.key, password="")
            if self.client_ca is not None:
                context.load_verify_locations(self.client_ca)
                context.verify_mode = ssl.CERT_OPTIONAL
                # A bank's certificate may stand there itself, without who has issued it.
                context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        except OSError as error:
            raise TlsUnusable(f"TLS 证书、私钥或客户端 CA 文件无法使用：{error}") from error
        return context


def shown_on(transport: BaseTransport) -> str | None:
    """Return the SHA-256 of the certificate that a connection's client showed, in hexadecimal."""
    tls: ssl.SSLObject | None = transport.get_extra_info("ssl_object")
    der = None if tls is None else tls.getpeercert(binary_form=True)
    return None if der is None else hashlib.sha256(der).hexdigest()

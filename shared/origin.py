"""Where a request comes from: its address, and the certificate its sender showed.

Behind a proxy both are only told, and anybody can tell anything: what headers say counts where the
connection itself comes from a proxy that the city trusts, and nowhere else. Without a proxy it is
the connection's own address and certificate that count.
"""

import base64
import binascii
import hashlib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import unquote

from fastapi import Request

from shared.tls import CLIENT_CERTIFICATE

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

_FORWARDED: Final = "x-forwarded-for"
_CERTIFICATE: Final = "client-cert"
"""RFC 9440: the certificate in DER, base64 between colons."""

_CERTIFICATE_OF_NGINX: Final = "x-ssl-client-cert"
"""``$ssl_client_escaped_cert``: the certificate in PEM, percent-encoded."""

_MOST_HOPS: Final = 32
# The same few peers ask again and again, and reading an address is slow.
_MOST_READ: Final = 4_096


@dataclass(frozen=True, slots=True)
class Origin:
    """The address of whoever asks, and the SHA-256 of the certificate it showed, in hexadecimal."""

    address: str
    certificate: str | None = None


def origin_of(request: Request) -> Origin:
    """Return where a request comes from, as far as this service's trusted proxies vouch for it."""
    trusted: Sequence[Network] = request.app.state.trusted_proxies
    peer = "" if request.client is None else request.client.host
    address = address_of(peer)
    if address is None or not _within(address, trusted):
        shown: str | None = request.scope.get(CLIENT_CERTIFICATE)
        return Origin(peer if address is None else str(address), shown)
    forwarded = ",".join(request.headers.getlist(_FORWARDED))
    return Origin(_sender(address, forwarded, trusted), _certificate(request))


@lru_cache(_MOST_READ)
def address_of(text: str) -> Address | None:
    """Read an address; one of IPv4 that is written as IPv6 is the same one."""
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _sender(peer: Address, forwarded: str, trusted: Sequence[Network]) -> str:
    """Go back from hop to hop: the first that is none of ours is the sender."""
    address = peer
    for hop in reversed(forwarded.split(",")[-_MOST_HOPS:]):
        if not _within(address, trusted):
            break
        before = address_of(hop)
        if before is None:
            break
        address = before
    return str(address)


def _certificate(request: Request) -> str | None:
    given = request.headers.get(_CERTIFICATE, "")
    escaped = request.headers.get(_CERTIFICATE_OF_NGINX, "")
    try:
        if given:
            der = base64.b64decode(given.strip().strip(":"), validate=True)
        elif escaped:
            der = ssl.PEM_cert_to_DER_cert(unquote(escaped))
        else:
            return None
    except (ValueError, binascii.Error):
        return None
    return hashlib.sha256(der).hexdigest()


def _within(address: Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)

"""Which addresses a webhook may reach, checked on what a name resolves to when it connects.

A name that was checked before may resolve to another address a moment later, so the connection is
made to the very address that was checked.
"""

import asyncio
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import ClassVar, TypeAlias

import httpcore
from pydantic import HttpUrl

from shared.errors import Rejected

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

_NAT64 = IPv6Network("64:ff9b::/96")


class AddressRefused(Rejected):
    """The webhook's address is none that this service may reach."""

    code: ClassVar[str] = "webhook-address-refused"
    title: ClassVar[str] = "不允许的 webhook 地址"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressRules:
    """Public addresses over https, and what the city allows besides."""

    networks: tuple[Network, ...] = ()
    plain_http: bool = False

    def check(self, url: HttpUrl) -> None:
        """Refuse a URL that could never be reached under these rules."""
        if url.scheme != "https" and not self.plain_http:
            raise AddressRefused("webhook 地址必须使用 https")
        if url.username or url.password or url.fragment:
            raise AddressRefused("webhook 地址不得包含用户名、密码或片段")
        try:
            address = ip_address((url.host or "").strip("[]"))
        except ValueError:
            return
        self.admit(address)

    def admit(self, address: Address) -> None:
        """Refuse an address on a private, loopback, link-local or otherwise special range."""
        inner = _inner(address)
        allowed = any(inner in network for network in self.networks)
        if not allowed and (not inner.is_global or inner.is_multicast):
            raise AddressRefused(f"地址 {address} 属于内部或保留网段，不在允许范围内")


def _inner(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 one stands for, where it does."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Connects only to addresses that the rules admit."""

    def __init__(self, rules: AddressRules) -> None:
        self._rules = rules
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore fixes the signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        # The first alone: it is the one that this machine prefers, and a retry resolves anew.
        address = ip_address(found[0][4][0])
        self._rules.admit(address)
        return await self._inner.connect_tcp(
            str(address), port, timeout, local_address, socket_options
        )

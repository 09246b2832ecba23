"""From where a bank's requests may come: networks, and certificates that are pinned."""

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class BankAccess:
    """What is asked of a bank besides its signature; nothing is asked where nothing is set."""

    networks: tuple[Network, ...] = ()
    certificates: tuple[str, ...] = ()
    """SHA-256 of each certificate in DER, in hexadecimal: two while one takes another's place."""

    def admits_address(self, address: str) -> bool:
        """Tell whether a request may come from an address."""
        if not self.networks:
            return True
        try:
            found = ip_address(address)
        except ValueError:
            return False
        return any(found in network for network in self.networks)

    def admits_certificate(self, certificate: str | None) -> bool:
        """Tell whether a request may come with a certificate, or without one."""
        return not self.certificates or certificate in self.certificates

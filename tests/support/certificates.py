"""Certificates for tests: an authority that issues them, and what signs itself."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_KEPT = timedelta(hours=1)
_USES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate and its key, in files as a service or a bank keeps them."""

    certificate: Path
    key: Path
    fingerprint: str


class Authority:
    """Issues certificates into a folder."""

    def __init__(self, folder: Path, name: str = "authority") -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name_of(name)
        self.root = self._written(name, self._signed(self._name, self._key, is_ca=True), self._key)

    def issue(self, name: str) -> Issued:
        """Issue a certificate for this machine, or for a client."""
        key = ec.generate_private_key(ec.SECP256R1())
        return self._written(name, self._signed(_name_of(name), key, is_ca=False), key)

    def _signed(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, *, is_ca: bool
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        issuers = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        here = x509.IPAddress(ip_address("127.0.0.1"))
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _KEPT)
            .not_valid_after(now + _KEPT)
            .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([here]), critical=False)
            # Python 3.13 takes none that leaves out what RFC 5280 asks for.
            .add_extension(own, critical=False)
            .add_extension(issuers, critical=False)
            .add_extension(_use(is_ca=is_ca), critical=True)
            .sign(self._key, hashes.SHA256())
        )

    def _written(
        self, name: str, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey
    ) -> Issued:
        issued = Issued(
            self._folder / f"{name}.pem",
            self._folder / f"{name}.key",
            hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest(),
        )
        issued.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        issued.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return issued


def _name_of(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _use(*, is_ca: bool) -> x509.KeyUsage:
    allowed = {"key_cert_sign", "crl_sign"} if is_ca else {"digital_signature"}
    return x509.KeyUsage(**{use: use in allowed for use in _USES})

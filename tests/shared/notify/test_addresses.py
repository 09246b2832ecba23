"""Where a webhook may go: by its URL, and by what its name resolves to when it connects."""

import asyncio
import socket
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import HttpUrl

from shared.notify.addresses import AddressRefused, AddressRules, GuardedBackend
from shared.notify.model import Job, Undelivered
from shared.notify.webhook import WebhookCarrier
from shared.sealing import Sealer
from tests.support.receiver import LOOPBACK, receiver

CITY = AddressRules(networks=(ip_network("10.20.0.0/16"),))


class TestAdmit:
    @pytest.mark.parametrize(
        "address", ["8.8.8.8", "2606:4700::1111", "10.20.0.1", "::ffff:10.20.3.4"]
    )
    def test_lets_public_addresses_pass_and_what_the_city_allows(self, address):
        CITY.admit(ip_address(address))

    @pytest.mark.parametrize(
        "address",
        [
            "127.0.0.1",
            "10.21.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",  # noqa: S104 - an address to refuse
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::a15:1",
            "2002:7f00:1::",
        ],
    )
    def test_refuses_what_lies_inside_however_it_is_written(self, address):
        with pytest.raises(AddressRefused):
            CITY.admit(ip_address(address))


class TestCheck:
    @pytest.mark.parametrize("url", ["https://hook.example/a?b=c", "https://8.8.8.8:8443/"])
    def test_lets_a_public_https_address_pass(self, url):
        CITY.check(HttpUrl(url))

    @pytest.mark.parametrize(
        "url",
        [
            "http://hook.example/",
            "https://user@hook.example/",
            "https://user:pass@hook.example/",
            "https://hook.example/#part",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://2130706433/",
            "https://0x7f.1/",
        ],
    )
    def test_refuses_what_could_never_be_reached(self, url):
        with pytest.raises(AddressRefused):
            CITY.check(HttpUrl(url))

    def test_takes_plain_http_where_that_is_allowed(self):
        AddressRules(plain_http=True).check(HttpUrl("http://hook.example/"))


@pytest.fixture
async def resolves_to(monkeypatch):
    # A name server of one's own would need the machine's configuration, so the loop's resolver
    # answers from this list, one answer a question.
    answers: list[str] = []

    async def getaddrinfo(_host, port, **_more):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answers.pop(0), port))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    return answers


@pytest.mark.integration
@pytest.mark.timeout(30)
class TestGuardedBackend:
    async def test_connects_to_the_very_address_it_has_checked(self, hook, resolves_to):
        # A second question would get the second answer.
        resolves_to.extend(["127.0.0.1", "169.254.169.254"])

        await carrier().carry(a_job(hook.url(host="hook.example")))

        assert resolves_to == ["169.254.169.254"]
        [(_, headers, _)] = hook.posts
        assert headers["host"] == f"hook.example:{hook.port}"

    async def test_refuses_a_name_that_has_moved_inside_meanwhile(self, hook, resolves_to):
        resolves_to.extend(["127.0.0.1", "169.254.169.254"])
        job = a_job(hook.url(host="hook.example"))
        await carrier().carry(job)

        with pytest.raises(Undelivered, match=r"169\.254\.169\.254 属于内部或保留网段"):
            await carrier().carry(job)

        assert len(hook.posts) == 1

    async def test_opens_no_other_kind_of_connection(self):
        with pytest.raises(NotImplementedError):
            await GuardedBackend(LOOPBACK).connect_unix_socket("/run/some.sock")


@pytest.mark.integration
@pytest.mark.timeout(30)
class TestTls:
    @pytest.fixture
    async def secure(self, tmp_path, monkeypatch):
        file = tmp_path / "hook.pem"
        file.write_bytes(a_certificate("hook.example"))
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        async with receiver(certificate=file) as taking:
            yield taking

    async def test_is_by_the_name_though_the_connection_is_by_the_address(
        self, secure, resolves_to
    ):
        resolves_to.append("127.0.0.1")

        await carrier().carry(a_job(f"https://hook.example:{secure.port}/hook"))

        assert secure.ids() == ["j1"]

    async def test_does_not_trust_another_name(self, secure, resolves_to):
        resolves_to.append("127.0.0.1")

        with pytest.raises(Undelivered, match="连接失败"):
            await carrier().carry(a_job(f"https://other.example:{secure.port}/hook"))

        assert secure.posts == []


def a_certificate(name: str) -> bytes:
    """Return a certificate that vouches for itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return certificate.public_bytes(serialization.Encoding.PEM) + private


def carrier() -> WebhookCarrier:
    return WebhookCarrier(service="registry", sealer=Sealer.unkept(), rules=LOOPBACK)


def a_job(url: str) -> Job:
    return Job(
        id="j1",
        department="pboc",
        channel="webhook",
        kind="red_alert",
        title="红色预警",
        text="请尽快处理。",
        data={},
        made_at=datetime(2026, 6, 30, 10, tzinfo=UTC),
        target=url,
    )

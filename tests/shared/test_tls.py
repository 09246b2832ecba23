"""TLS of a service's own port: which files are taken, and who may connect with what."""

import asyncio
import ssl

import pytest
from cryptography.hazmat.primitives import serialization

from shared.settings import ServiceSettings
from shared.tls import Tls, TlsUnusable, shown_on
from tests.support.certificates import Authority

pytestmark = pytest.mark.timeout(30)


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


@pytest.fixture
def server(authority):
    return authority.issue("server")


async def shown_to(tls, client):
    """Return what a server sees of a client over a real connection."""
    seen: asyncio.Future = asyncio.get_running_loop().create_future()

    async def look(_, writer):
        seen.set_result(shown_on(writer.transport))
        writer.close()

    serving = await asyncio.start_server(look, "127.0.0.1", 0, ssl=tls.context())
    async with serving:
        port = serving.sockets[0].getsockname()[1]
        _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client)
        try:
            async with asyncio.timeout(5):
                return await seen
        finally:
            writer.close()


def client_of(authority, issued=None):
    context = ssl.create_default_context(cafile=authority.root.certificate)
    if issued is not None:
        context.load_cert_chain(issued.certificate, issued.key)
    return context


async def test_a_clients_certificate_is_known_by_its_digest(authority, server):
    tls = Tls(server.certificate, server.key, authority.root.certificate)
    client = authority.issue("client")

    assert await shown_to(tls, client_of(authority, client)) == client.fingerprint
    assert await shown_to(tls, client_of(authority)) is None


async def test_a_certificate_may_be_taken_without_who_has_issued_it(authority, server, tmp_path):
    client = Authority(tmp_path, "other").issue("client")
    tls = Tls(server.certificate, server.key, client.certificate)

    assert await shown_to(tls, client_of(authority, client)) == client.fingerprint


async def test_nobody_is_asked_for_a_certificate_where_none_could_be_believed(authority, server):
    tls = Tls(server.certificate, server.key)

    assert await shown_to(tls, client_of(authority, authority.issue("client"))) is None


def test_nothing_older_than_tls_1_2_is_spoken(server):
    assert Tls(server.certificate, server.key).context().minimum_version == ssl.TLSVersion.TLSv1_2


class TestFilesThatCannotBeUsed:
    def test_that_are_not_there(self, server, tmp_path):
        for tls in (
            Tls(tmp_path / "none.pem", server.key),
            Tls(server.certificate, server.key, tmp_path / "none.pem"),
        ):
            with pytest.raises(TlsUnusable, match="TLS 证书、私钥或客户端 CA 文件无法使用"):
                tls.context()

    def test_a_key_of_another_certificate(self, authority, server):
        with pytest.raises(TlsUnusable):
            Tls(server.certificate, authority.root.key).context()

    def test_a_key_under_a_password_asks_nobody(self, server):
        key = serialization.load_pem_private_key(server.key.read_bytes(), None)
        server.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.BestAvailableEncryption(b"secret"),
            )
        )

        with pytest.raises(TlsUnusable):
            Tls(server.certificate, server.key).context()


GIVEN = {
    "port": 1,
    "mongo_url": "",
    "mongo_database": "",
    "nats_url": "",
    "nats_seed_file": "seed",
    "jwks": "",
    "token_issuer": "",
    "token_audience": "",
    "audit_key_file": "audit",
    "sealing_key_file": "sealing",
}


class TestSettings:
    @pytest.mark.parametrize(
        "told",
        [
            {"tls_certificate_file": "c"},
            {"tls_key_file": "k"},
            {"tls_client_ca_file": "ca"},
        ],
    )
    def test_half_of_it_is_refused(self, told):
        with pytest.raises(ValueError, match="须"):
            ServiceSettings(**GIVEN, **told)

    def test_none_of_it_is_plain_http(self):
        assert ServiceSettings(**GIVEN).tls() is None

    def test_all_of_it_is_taken(self):
        told = {"tls_certificate_file": "c", "tls_key_file": "k", "tls_client_ca_file": "ca"}

        tls = ServiceSettings(**GIVEN, **told).tls()

        assert tls is not None
        assert [str(path) for path in (tls.certificate, tls.key, tls.client_ca)] == ["c", "k", "ca"]

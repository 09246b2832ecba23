"""Who a request came from: what a proxy says counts, if it is one of ours."""

import base64
import hashlib
from ipaddress import ip_network
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from fastapi import Request

from shared.origin import Origin, origin_of

PROXIES = (ip_network("10.0.0.0/24"), ip_network("fd00::/8"))
DER = b"\x30\x82a certificate"
PEM = f"-----BEGIN CERTIFICATE-----\n{base64.b64encode(DER).decode()}\n-----END CERTIFICATE-----\n"
FINGERPRINT = hashlib.sha256(DER).hexdigest()


def asked(peer, *headers):
    app = SimpleNamespace(state=SimpleNamespace(trusted_proxies=PROXIES))
    raw = [(name.encode(), value.encode()) for name, value in headers]
    client = None if peer is None else (peer, 1234)
    return Request({"type": "http", "headers": raw, "client": client, "app": app})


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        pytest.param("203.0.113.9", ["198.51.100.1"], "203.0.113.9", id="no proxy of ours"),
        pytest.param("10.0.0.2", ["198.51.100.1"], "198.51.100.1", id="behind a proxy"),
        pytest.param(
            "10.0.0.2", ["1.1.1.1, 198.51.100.1"], "198.51.100.1", id="a forged first hop"
        ),
        pytest.param("10.0.0.2", ["1.1.1.1", "198.51.100.1"], "198.51.100.1", id="two headers"),
        pytest.param("10.0.0.2", ["198.51.100.1, 10.0.0.3"], "198.51.100.1", id="two proxies"),
        pytest.param("10.0.0.2", ["198.51.100.1, unknown"], "10.0.0.2", id="a hop that is none"),
        pytest.param("10.0.0.2", [], "10.0.0.2", id="the proxy itself"),
        pytest.param("::ffff:10.0.0.2", ["::ffff:198.51.100.1"], "198.51.100.1", id="mapped"),
        pytest.param("fd00::2", ["2001:db8::1"], "2001:db8::1", id="IPv6"),
        pytest.param("a socket", ["198.51.100.1"], "a socket", id="no address"),
        pytest.param(None, ["198.51.100.1"], "", id="nobody"),
    ],
)
def test_the_address_is_the_first_that_is_no_proxy_of_ours(peer, forwarded, address):
    headers = [("x-forwarded-for", hop) for hop in forwarded]

    assert origin_of(asked(peer, *headers)).address == address


@pytest.mark.parametrize(
    "header",
    [
        ("client-cert", f":{base64.b64encode(DER).decode()}:"),
        ("x-ssl-client-cert", quote(PEM)),
    ],
    ids=["RFC 9440", "nginx"],
)
def test_a_certificate_is_known_by_its_digest_if_a_proxy_of_ours_saw_it(header):
    assert origin_of(asked("10.0.0.2", header)) == Origin("10.0.0.2", FINGERPRINT)
    assert origin_of(asked("203.0.113.9", header)) == Origin("203.0.113.9")


@pytest.mark.parametrize("given", [":%%%:", "x" * 50])
def test_what_is_no_certificate_is_none(given):
    headers = [("client-cert", given), ("x-ssl-client-cert", given)]

    assert all(origin_of(asked("10.0.0.2", one)).certificate is None for one in headers)

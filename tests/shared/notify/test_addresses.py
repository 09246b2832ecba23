"""Where a webhook may go: by its URL, and by what its name resolves to when it connects."""

import asyncio
import socket
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network

import pytest
from pydantic import HttpUrl

from shared.notify.addresses import AddressRefused, AddressRules, GuardedBackend
from shared.notify.model import Job, Undelivered
from shared.notify.webhook import WebhookCarrier
from shared.sealing import Sealer
from tests.shared.notify.conftest import LOOPBACK

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


@pytest.mark.integration
@pytest.mark.timeout(30)
class TestGuardedBackend:
    @pytest.fixture
    async def resolves_to(self, monkeypatch):
        # A name server of one's own would need the machine's configuration, so the loop's
        # resolver answers from this list, one answer a question.
        answers: list[str] = []

        async def getaddrinfo(_host, port, **_more):
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answers.pop(0), port))]

        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
        return answers

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

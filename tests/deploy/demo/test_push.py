"""Pushing: signed, whole, patient, and with the secrets of an earlier run."""

import json
from collections import Counter
from dataclasses import replace

import httpx
import pytest
from standardwebhooks.webhooks import Webhook
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse
from starlette.routing import Route

from deploy.demo.acting.doors import Call, DemoFailed, Doors, patiently
from deploy.demo.acting.push import push
from deploy.demo.acting.registering import make_banks, register_institutions
from deploy.demo.acting.secret_file import SecretFile
from deploy.demo.sample.build import build_sample
from tests.deploy.demo.samples import sample_of

SECRET = "whsec_" + "QUJD" * 8
SAMPLE = sample_of(1)


def make_token(*, role: str, **bound: str) -> str:
    return "-".join((role, *bound.values()))


class City:
    """The three doors the demo knocks at, as far as their contract matters to it.

    Hand-written because the services themselves are tried by the journey test.
    """

    def __init__(self) -> None:
        self.attempts: Counter[str] = Counter()
        self.taken: dict[str, list[object]] = {}
        self.institutions: dict[str, dict[str, object]] = {}
        self.banks: set[str] = set()
        self.app = Starlette(
            routes=[
                Route("/v1/institutions", self.register, methods=["POST"]),
                Route("/v1/institutions/{id}/revoke", self.revoke, methods=["POST"]),
                Route("/v1/not-yet", self.wait_for, methods=["POST"]),
                Route("/v1/banks", self.make_bank, methods=["POST"]),
                Route("/v1/banks/{bank}/events", self.take, methods=["POST"]),
            ]
        )

    async def register(self, request: HttpRequest) -> JSONResponse:
        body = await request.json()
        new = body["uscc"] not in self.institutions
        fresh = {**body, "institution_id": body["uscc"], "status": "active"}
        known = self.institutions.setdefault(body["uscc"], fresh)
        return JSONResponse(known, status_code=201 if new else 200)

    async def revoke(self, request: HttpRequest) -> JSONResponse:
        known = self.institutions[request.path_params["id"]]
        known["status"] = "revoked"
        return JSONResponse(known)

    async def wait_for(self, _request: HttpRequest) -> JSONResponse:
        self.attempts["not-yet"] += 1
        if self.attempts["not-yet"] == 1:
            return JSONResponse({}, status_code=409, headers={"Retry-After": "2"})
        return JSONResponse({}, status_code=201)

    async def make_bank(self, request: HttpRequest) -> JSONResponse:
        code = (await request.json())["code"]
        if code in self.banks:
            return JSONResponse({}, status_code=409)
        self.banks.add(code)
        return JSONResponse({"code": code, "secret": SECRET}, status_code=201)

    async def take(self, request: HttpRequest) -> JSONResponse:
        body = await request.body()
        Webhook(SECRET).verify(body, dict(request.headers))
        webhook_id = request.headers["webhook-id"]
        self.attempts[webhook_id] += 1
        if self.attempts[webhook_id] == 1 and len(self.attempts) % 20 == 1:
            return JSONResponse({}, status_code=503, headers={"Retry-After": "1"})
        self.taken[webhook_id] = json.loads(body)["events"]
        return JSONResponse({"results": []}, status_code=202)


@pytest.fixture
def city():
    return City()


@pytest.fixture
async def doors(city):
    async with httpx.AsyncClient(transport=httpx.ASGITransport(city.app)) as http:
        urls = {"registry": "http://registry", "fund_monitor": "http://fund-monitor"}
        yield Doors(http=http, urls=urls, tokens=make_token)


class TestPush:
    async def test_brings_every_event_in_though_the_door_was_shut_at_times(self, city, doors):
        pushed = []
        requests = SAMPLE.waves[0]
        secrets = {bank.code: SECRET for bank in SAMPLE.city.banks}

        await push(doors, requests, secrets=secrets, progress=pushed.append)

        assert city.taken == {r.webhook_id: [s.body for s in r.sendings] for r in requests}
        assert sum(pushed) == sum(len(each.sendings) for each in requests)
        assert max(city.attempts.values()) == 2

    async def test_says_what_the_door_answered_when_it_will_not_have_it(self, doors):
        secrets = {bank.code: SECRET for bank in SAMPLE.city.banks}
        elsewhere = replace(doors, urls={"fund_monitor": "http://fund-monitor/nowhere"})

        with pytest.raises(DemoFailed, match="404"):
            await push(elsewhere, SAMPLE.waves[1], secrets=secrets, progress=print)


class TestPatiently:
    async def test_gives_a_refusal_back_at_once(self, doors):
        call = Call(url="http://registry/nowhere", headers=dict)

        assert (await patiently(doors, call)).status_code == 404

    async def test_comes_again_when_a_conflict_says_when(self, city, doors):
        call = Call(url="http://registry/v1/not-yet", headers=dict)

        assert (await patiently(doors, call)).status_code == 201
        assert city.attempts["not-yet"] == 2


class TestRegisterInstitutions:
    async def test_registers_all_but_the_unknown_and_revokes_one(self, city, doors):
        first = await register_institutions(doors, SAMPLE)
        second = await register_institutions(doors, SAMPLE)

        assert first == second == {code: code for code in city.institutions}
        states = Counter(each["status"] for each in city.institutions.values())
        assert states == {"active": 58, "revoked": 1}


class TestMakeBanks:
    async def test_knows_the_secrets_again_in_a_second_run(self, doors, tmp_path):
        secrets = SecretFile(tmp_path / "demo" / "banks.json")

        first = await make_banks(doors, SAMPLE, secrets)
        second = await make_banks(doors, SAMPLE, secrets)

        assert first == second == {bank.code: SECRET for bank in SAMPLE.city.banks}
        assert secrets.path.stat().st_mode & 0o777 == 0o600

    async def test_says_what_to_do_when_another_sample_is_in_the_data(self, doors, tmp_path):
        secrets = SecretFile(tmp_path / "banks.json")
        await make_banks(doors, SAMPLE, secrets)

        with pytest.raises(DemoFailed, match="--fresh"):
            await make_banks(doors, build_sample(2), secrets)

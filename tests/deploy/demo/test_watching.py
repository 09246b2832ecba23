"""Bringing in what is watched: by whom, in which order, and what a refusal becomes."""

import base64
import json
from collections import defaultdict
from dataclasses import replace

import httpx
import pytest
from standardwebhooks.webhooks import Webhook
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from deploy.demo.acting.doors import DemoFailed, Doors
from deploy.demo.acting.filing import file_timetables, load_school_year
from deploy.demo.acting.holding import tell_held
from deploy.demo.acting.reporting import report_sightings
from deploy.demo.sample.watched.held import PLATFORMS
from tests.deploy.demo import oracle, oracle_adverts
from tests.deploy.demo.samples import sample_of, watched_of

SAMPLE = sample_of(1)
WATCHED = watched_of(1)
SECRETS = {code: f"whsec_{base64.b64encode(code.encode() * 4).decode()}" for code in PLATFORMS}
IDS = {each.uscc: f"id-{each.uscc}" for each in SAMPLE.city.institutions if each.registered}


def make_token(*, role: str, **bound: str) -> str:
    return ":".join((role, *bound.values()))


class City:
    """The doors as far as who comes to them with what; the services are tried by the journey."""

    def __init__(self) -> None:
        self.calendars: dict[str, str] = {}
        self.hours: dict[str, str] = {}
        self.told: dict[str, list[dict[str, object]]] = defaultdict(list)
        self.versions: dict[str, list[int]] = defaultdict(list)
        self.filers: dict[str, set[str]] = defaultdict(set)
        self.reports: list[tuple[str, dict[str, str]]] = []
        self.app = Starlette(
            routes=[
                Route("/v1/school-calendars/{year}", self.load, methods=["PUT"]),
                Route("/v1/school-calendars/{year}/hours", self.load_hours, methods=["PUT"]),
                Route("/v1/platforms/{platform}/sessions", self.take_signed, methods=["POST"]),
                Route("/v1/held-sessions", self.take_told, methods=["POST"]),
                Route("/v1/timetables", self.file, methods=["POST"]),
                Route("/v1/sightings", self.report, methods=["POST"]),
            ]
        )

    async def load(self, request: Request) -> JSONResponse:
        self.calendars[(await request.json())["stage"]] = caller(request)
        return JSONResponse({}, status_code=201)

    async def load_hours(self, request: Request) -> JSONResponse:
        self.hours[(await request.json())["stage"]] = caller(request)
        return JSONResponse({}, status_code=201)

    async def take_signed(self, request: Request) -> JSONResponse:
        platform = request.path_params["platform"]
        Webhook(SECRETS[platform]).verify(await request.body(), dict(request.headers))
        self.told[f"platform:{platform}"] += (await request.json())["sessions"]
        return JSONResponse({})

    async def take_told(self, request: Request) -> JSONResponse:
        self.told[caller(request)] += (await request.json())["sessions"]
        return JSONResponse({})

    async def file(self, request: Request) -> JSONResponse:
        body = await request.json()
        self.versions[body["institution_id"]].append(body["version"])
        self.filers[body["institution_id"]].add(caller(request))
        return JSONResponse({}, status_code=201)

    async def report(self, request: Request) -> JSONResponse:
        body = await request.json()
        if "phone" in body:
            return JSONResponse({"title": "请求格式有误"}, status_code=422)
        self.reports.append((caller(request), body))
        return JSONResponse({"sighting_id": str(len(self.reports))}, status_code=201)


def caller(request: Request) -> str:
    return request.headers["authorization"].removeprefix("Bearer ")


@pytest.fixture
def city():
    return City()


@pytest.fixture
async def doors(city):
    async with httpx.AsyncClient(transport=httpx.ASGITransport(city.app)) as http:
        urls = {"schedule_monitor": "http://schedule", "ads_watch": "http://ads"}
        yield Doors(http=http, urls=urls, tokens=make_token)


async def test_the_school_year_of_every_stage_is_loaded_by_its_department(city, doors):
    await load_school_year(doors)

    stages = ("preschool", "compulsory", "senior_secondary")
    assert city.calendars == dict.fromkeys(stages, "staff:education")
    assert city.hours == dict.fromkeys(stages[1:], "staff:education")


async def test_timetables_are_filed_in_the_order_of_their_versions(city, doors):
    await file_timetables(doors, WATCHED.filings, IDS)

    assert set(city.versions) == set(IDS.values())
    assert all(versions in ([1], [1, 2]) for versions in city.versions.values())


async def test_timetables_are_filed_by_the_institution_or_by_who_is_in_charge(city, doors):
    await file_timetables(doors, WATCHED.filings, IDS)

    for filing in WATCHED.filings:
        institution_id = IDS[filing.institution.uscc]
        own, charge = f"institution:{institution_id}", oracle.COMPETENT[filing.institution.kind]
        assert city.filers[institution_id] == {own if filing.by_itself else f"staff:{charge}"}


async def test_held_sessions_are_told_by_who_saw_them_in_their_order(city, doors):
    await tell_held(doors, WATCHED.tellings, IDS, secrets=SECRETS)

    expected = defaultdict(list)
    for each in WATCHED.tellings:
        code = IDS.get(each.teller.code, each.teller.code)
        who = "staff" if each.teller.kind == "town" else each.teller.kind
        body = {**each.body, "institution_id": IDS[each.institution.uscc]}
        expected[f"{who}:{code}"].append(json.loads(json.dumps(body)))
    assert city.told == expected


async def test_sightings_are_reported_by_their_offices_with_the_registers_ids(city, doors):
    good = [each for each in WATCHED.sightings if not oracle_adverts.refused(each)][:20]

    reported = await report_sightings(doors, good, IDS)

    assert {who for who, _ in city.reports} == {f"staff:{each.office.code}" for each in good}
    named = {IDS[each.institution.uscc] for each in good if each.institution}
    assert {body["institution_id"] for _, body in city.reports if "institution_id" in body} == named
    assert len(reported.plans) == 20


async def test_a_refused_sighting_is_counted_with_its_reason(doors):
    bad = replace(WATCHED.sightings[0], body={"phone": "0573"}, institution=None)

    reported = await report_sightings(doors, [bad], IDS)

    assert reported.refused == ("请求格式有误",)
    assert reported.plans == {}


async def test_a_door_that_is_not_there_is_said_clearly(doors):
    elsewhere = replace(doors, urls={"ads_watch": "http://ads/nowhere"})

    with pytest.raises(DemoFailed, match="404"):
        await report_sightings(elsewhere, WATCHED.sightings[:1], IDS)

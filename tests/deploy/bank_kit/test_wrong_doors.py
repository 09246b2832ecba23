"""The kit at doors that answer wrongly: without these, a kit that passes everything would pass."""

import json
from collections.abc import Awaitable, Callable

import httpx
import pytest
from standardwebhooks import Webhook
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.bank_kit.cases import CASES, booking, fields, signatures
from deploy.bank_kit.result import Result
from deploy.bank_kit.running import run
from deploy.bank_kit.sending import Sending, body_of
from tests.deploy.bank_kit.plans import SECRET, a_plan

Answers = Callable[[Request], Awaitable[Response]]


def a_client(app: Starlette) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://fund")


async def yes(request: Request) -> Response:
    """Accept whatever comes, signed or not, as a door would that never looks."""
    try:
        events = json.loads(await request.body())["events"]
    except ValueError:
        events = [{}]
    results = [{"index": i, "serial_no": None, "status": "accepted"} for i, _ in enumerate(events)]
    return JSONResponse({"results": results}, status_code=202)


async def everything_posted(request: Request) -> Response:
    serial_no = request.path_params["serial_no"]
    account_no = serial_no.rpartition("-")[0]
    one = {"serial_no": serial_no, "account_no": account_no, "status": "posted", "conflicts": []}
    return JSONResponse({"results": [one]})


async def nothing_in_the_account(_: Request) -> Response:
    return JSONResponse({"balance_fen": 0})


YES_MAN = Starlette(
    routes=[
        Route("/v1/banks/{bank}/events", yes, methods=["POST"]),
        Route("/v1/banks/{bank}/events/{serial_no}", everything_posted),
        Route("/v1/banks/{bank}/accounts/{account_no}", nothing_in_the_account),
    ]
)


def failed(result: Result) -> set[str]:
    return {case.number for case in result.cases if case.outcome == "failed"}


class TestADoorThatSaysYesToEverything:
    # Nothing but these can be told from the right door by one that says yes and keeps no money.
    INDISTINGUISHABLE = frozenset({"K01", "K12", "K13", "K25", "K29", "K34", "K47"})

    async def test_fails_every_case_in_which_the_answer_must_not_be_yes(self):
        async with a_client(YES_MAN) as client:
            result = await run(client, a_plan(), patience_seconds=0)

        tried = {case.number for case in result.cases if case.outcome != "skipped"}
        assert failed(result) == tried - self.INDISTINGUISHABLE
        assert not result.passed
        assert {case.number for case in fields.CASES} <= failed(result)

    async def test_tells_what_was_expected_and_what_was_seen(self):
        async with a_client(YES_MAN) as client:
            result = await run(client, a_plan(), cases=signatures.CASES[:1], patience_seconds=0)

        assert result.cases[0].expected == "401 unauthenticated"
        assert "202" in result.cases[0].seen
        assert "应为 401 unauthenticated" in result.cases[0].seen


class TestADoorThatRefusesWhatIsRight:
    async def test_is_quoted_on_why(self):
        async def too_late(request: Request) -> Response:
            events = json.loads(await request.body())["events"]
            error = {"pointer": "/occurred_at", "detail": "晚于服务时钟"}
            refused = {"status": "refused", "problem": {"title": "请求格式有误", "errors": [error]}}
            return JSONResponse({"results": [refused for _ in events]}, status_code=202)

        app = Starlette(routes=[Route("/v1/banks/{bank}/events", too_late, methods=["POST"])])
        async with a_client(app) as client:
            result = await run(client, a_plan(), cases=booking.CASES[:1], patience_seconds=0)

        assert "退回的原因：/occurred_at 晚于服务时钟" in result.cases[0].seen


class TestADoorThatIsNoDoorAtAll:
    async def test_fails_every_case_and_none_stops_the_others(self):
        async with a_client(Starlette()) as client:
            result = await run(client, a_plan(), patience_seconds=0)

        assert result.totals["passed"] == 0
        assert len(result.cases) == len(CASES)

    async def test_an_answer_without_the_promised_fields_is_told_as_such(self):
        async def empty(_: Request) -> Response:
            return JSONResponse({}, status_code=202)

        app = Starlette(routes=[Route("/v1/banks/{bank}/events", empty, methods=["POST"])])
        async with a_client(app) as client:
            result = await run(client, a_plan(), cases=booking.CASES[:1], patience_seconds=0)

        assert "答复不合接口" in result.cases[0].seen


class TestADoorThatCouldNotStoreEverything:
    @pytest.mark.parametrize("status", [500, 503])
    async def test_gets_the_request_again_whole_with_its_id_and_a_new_signature(self, status):
        seen: list[tuple[str, bytes]] = []

        async def stores_the_second_time(request: Request) -> Response:
            body = await request.body()
            Webhook(SECRET).verify(body, dict(request.headers), json_parse=False)
            seen.append((request.headers["webhook-id"], body))
            again = len(seen) > 1
            return Response(status_code=202 if again else status, headers={"retry-after": "0"})

        route = Route("/v1/banks/{bank}/events", stores_the_second_time, methods=["POST"])
        async with a_client(Starlette(routes=[route])) as client:
            answer = await Sending(client, a_plan()).post(body_of([{"serial_no": "S1"}]))

        assert answer.status_code == 202
        assert len(seen) == 2
        assert seen[0] == seen[1]

    async def test_a_lockout_is_not_repeated(self):
        asked: list[str] = []

        async def locked(request: Request) -> Response:
            asked.append(request.headers["webhook-id"])
            told = {"type": "urn:haining:problem:sender-locked-out"}
            return JSONResponse(told, status_code=429, headers={"retry-after": "900"})

        route = Route("/v1/banks/{bank}/events", locked, methods=["POST"])
        async with a_client(Starlette(routes=[route])) as client:
            answer = await Sending(client, a_plan()).post(b"{}")

        assert answer.status_code == 429
        assert len(asked) == 1

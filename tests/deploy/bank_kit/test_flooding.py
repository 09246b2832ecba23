"""The kit at a door that has more to do than it can, and at one that says so wrongly."""

from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from deploy.bank_kit.cases import flooding
from deploy.bank_kit.running import run
from shared.access.tokens import Verifier
from shared.in_hand import InHand
from shared.mongo import Database
from tests.deploy.bank_kit.plans import a_plan
from tests.support.fund import FundMonitor, fund_monitor
from tests.support.servers import NatsServer


@pytest.fixture
async def fund(
    database: Database, bus: NatsServer, access: Verifier, token: Callable[..., str]
) -> AsyncIterator[FundMonitor]:
    async with fund_monitor(database, bus, access, token) as running:
        await running.add_bank("alpha")
        yield running


@pytest.mark.integration
@pytest.mark.timeout(120)
async def test_every_request_is_taken_once_however_often_the_door_was_busy(fund: FundMonitor):
    fund.app.state.rooms.door.in_hand = InHand(most=3, said="请整批重发", retry_after_seconds=1)
    reader = fund.token(role="bank", bank="alpha")

    result = await run(
        fund.client,
        a_plan(secret=fund.secrets["alpha"], reader=reader),
        cases=flooding.CASES,
    )

    [case] = result.cases
    assert result.passed, case.seen
    assert "503 busy×0" not in case.seen


@pytest.mark.parametrize(
    ("statuses", "headers", "told"),
    [
        (["accepted"], {}, "应带 Retry-After"),
        (["duplicate"], {"retry-after": "0"}, "不得留下任何事件"),
    ],
)
async def test_tells_of_a_busy_answer_that_a_bank_cannot_go_by(statuses, headers, told):
    seen: set[str] = set()

    async def busy_at_first(request: Request) -> JSONResponse:
        await request.body()
        known = request.headers["webhook-id"]
        if known.startswith("kit-") and known not in seen:
            seen.add(known)
            problem = {"type": "urn:haining:problem:busy"}
            return JSONResponse(problem, status_code=503, headers=headers)
        said = statuses if known.startswith("kit-") else ["accepted"]
        return JSONResponse({"results": [{"status": one} for one in said]}, status_code=202)

    app = Starlette(routes=[Route("/v1/banks/{bank}/events", busy_at_first, methods=["POST"])])
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://fund") as client:
        result = await run(client, a_plan(), cases=flooding.CASES, patience_seconds=0)

    [case] = result.cases
    assert case.outcome == "failed"
    assert told in case.seen

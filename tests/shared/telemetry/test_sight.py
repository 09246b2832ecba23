"""Requests become spans while a process wants that, and no longer."""

import httpx
import pytest
from fastapi import FastAPI

from shared.telemetry.sight import Sight
from tests.support.spans import Spans


@pytest.fixture
def spans():
    made = Spans()
    yield made
    made.close()


def application(*paths: str) -> FastAPI:
    app = FastAPI()
    for path in paths:

        @app.get(path)
        async def answer() -> None:
            """Nothing more is asked of it."""

    return app


@pytest.fixture
def app() -> FastAPI:
    return application("/v1/things/{thing}", "/health/ready", "/metrics")


async def asked(app, *paths: str) -> None:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://tests") as client:
        for path in paths:
            await client.get(path)


class TestOf:
    async def test_each_request_is_one_span_named_by_its_route(self, app, spans):
        with Sight(provider=spans.provider("tests")).of(app):
            await asked(app, "/v1/things/1", "/v1/things/2")

        assert [span.name for span in spans.finished()] == ["GET /v1/things/{thing}"] * 2

    async def test_what_an_orchestrator_asks_is_none(self, app, spans):
        with Sight(provider=spans.provider("tests")).of(app):
            await asked(app, "/health/ready", "/metrics")

        assert spans.finished() == []

    async def test_an_application_is_as_before_at_the_end(self, app, spans):
        with Sight(provider=spans.provider("tests")).of(app):
            pass
        await asked(app, "/v1/things/1")

        assert spans.finished() == []

    async def test_one_application_is_seen_and_another_is_not(self, app, spans):
        other = application("/v1/others")

        with Sight(provider=spans.provider("tests")).of(app):
            await asked(other, "/v1/others")

        assert spans.finished() == []

    async def test_nothing_is_touched_where_nothing_is_traced(self, app):
        with Sight().of(app):
            assert not hasattr(app, "_is_instrumented_by_opentelemetry")

"""How figures are read: seldom asked for, shown though one is missing, written whole."""

import asyncio

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client import Gauge

from shared.cancelling import ended
from shared.telemetry import page
from shared.telemetry.figures import counting
from shared.telemetry.page import Page, metrics_router, report_figures
from shared.telemetry.sight import Sight

FAILED = b'haining_look_failures_total{what="things"}'


class Asked:
    """A figure that must be asked for; it counts how often it was."""

    def __init__(self, sight: Sight, name: str = "asked") -> None:
        self.times = 0
        self._gauge = Gauge(f"haining_{name}", "Asked.", registry=sight.registry)
        sight.looks[name] = self.look

    async def look(self) -> None:
        self.times += 1
        self._gauge.set(self.times)


class TestPage:
    async def test_asks_once_in_a_while_however_often_it_is_read(self):
        asked = Asked(sight := Sight())
        figures = Page(sight, fresh_seconds=3_600)

        texts = await asyncio.gather(*(figures.text() for _ in range(20)))

        assert asked.times == 1
        assert all(b"haining_asked 1.0" in text for text in texts)

    async def test_asks_again_when_what_it_has_is_old(self):
        asked = Asked(sight := Sight())
        figures = Page(sight, fresh_seconds=0)

        await figures.text()

        assert b"haining_asked 2.0" in await figures.text()
        assert asked.times == 2

    async def test_shows_the_others_and_says_which_question_was_not_answered(self):
        Asked(sight := Sight())

        async def away() -> None:
            raise ConnectionError

        sight.looks["away"] = away

        text = (await Page(sight).text()).decode()

        assert "haining_asked 1.0" in text
        assert 'haining_look_failures_total{what="away"} 1.0' in text
        assert 'haining_look_timestamp_seconds{what="asked"}' in text
        assert 'haining_look_timestamp_seconds{what="away"}' not in text

    @pytest.mark.integration
    async def test_waits_for_a_store_that_hangs_no_longer_than_its_limit(
        self, mongo, database, monkeypatch
    ):
        monkeypatch.setattr(page, "_LOOK_SECONDS", 0.5)
        sight = Sight()
        count = database["things"].estimated_document_count
        sight.looks["things"] = counting(sight.registry, "haining_things", "Things.", count)
        figures = Page(sight, fresh_seconds=0)
        before = await figures.text()

        mongo.pause()
        try:
            # The driver itself would wait for its socket's fifteen seconds.
            # An answer may still have been on its way when the store was stopped.
            async with asyncio.timeout(8):
                while FAILED not in (during := await figures.text()):
                    continue
        finally:
            mongo.resume()

        assert FAILED not in before
        assert FAILED in during

    async def test_shows_what_the_process_itself_costs(self):
        assert b"process_cpu_seconds_total" in await Page(Sight()).text()

    def test_processes_share_no_figure(self):
        """Two in one interpreter, as in tests: each has its own registry."""
        Page(Sight())
        Page(Sight())


class TestMetricsRouter:
    @pytest.fixture
    def app(self):
        Asked(sight := Sight())
        app = FastAPI()
        app.include_router(metrics_router(Page(sight).text))
        return app

    async def test_answers_as_prometheus_reads(self, app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://tests") as client:
            answer = await client.get("/metrics")

        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/plain; version=")
        assert "haining_asked 1.0" in answer.text

    def test_is_no_part_of_the_contract(self, app):
        assert "/metrics" not in app.openapi()["paths"]


class TestReportFigures:
    async def test_writes_them_again_and_again_whole(self, tmp_path):
        Asked(sight := Sight())
        path = tmp_path / "tests.prom"
        figures = Page(sight, fresh_seconds=0)
        reporting = asyncio.create_task(report_figures(path, figures.text, every_seconds=0.01))
        try:
            async with asyncio.timeout(30):
                # Another task writes it, and a file has no event to wait for.
                while not path.exists() or b"haining_asked 3.0" not in path.read_bytes():  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
        finally:
            await ended(reporting)

        assert b"process_cpu_seconds_total" in path.read_bytes()

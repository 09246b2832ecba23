"""What is wrong with an answer, on answers of a real server that gives what it is told to."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import requests

from fuzzing.door import Door, session
from fuzzing.judging import faults
from fuzzing.record import Record
from shared.problem import MEDIA_TYPE

PROBLEM = {
    "type": "urn:haining:problem:no-such-page",
    "title": "没有这个地址",
    "status": 404,
    "instance": "/x",
}


class Told:
    status = 404
    media = MEDIA_TYPE
    body = json.dumps(PROBLEM).encode()
    url = ""


@pytest.fixture
def told() -> Iterator[Told]:
    answer = Told()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.media)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        answer.url = f"http://127.0.0.1:{server.server_port}/x"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield answer
        server.shutdown()
        thread.join()


@pytest.fixture
def ask(told) -> Callable[..., requests.Response]:
    def ask(**changes: object) -> requests.Response:
        for name, value in changes.items():
            setattr(told, name, value)
        with session() as http:
            return http.get(told.url, timeout=5)

    return ask


def a_problem(**changes: object) -> bytes:
    return json.dumps({**PROBLEM, **changes}).encode()


class TestFaults:
    def test_are_none_of_a_problem_document(self, ask):
        assert faults(ask()) == []

    def test_are_none_of_what_went_well(self, ask):
        assert faults(ask(status=200, media="text/html", body=b"<p>")) == []

    def test_are_every_server_error(self, ask):
        assert faults(ask(status=503, body=a_problem(status=503))) == ["answered 503"]

    def test_are_refusals_in_another_form(self, ask):
        [fault] = faults(ask(media="text/plain; charset=utf-8", body=b"Not Found"))

        assert fault.startswith("answered 404 as text/plain")

    @pytest.mark.parametrize(
        "body",
        [
            b"not JSON",
            b"[]",
            a_problem(title=None),
            a_problem(status="404"),
            a_problem(status=422),
            a_problem(type="about:blank"),
            a_problem(trace="..."),
        ],
    )
    def test_are_broken_problem_documents(self, ask, body):
        assert len(faults(ask(body=body))) == 1


class TestDoor:
    def test_keeps_each_finding_once_with_the_request_that_repeats_it(self, told):
        told.status, told.body = 500, a_problem(status=500)
        door = Door("registry", told.url, Record("registry"))
        request = requests.Request("GET", told.url, headers={"X-Asked": "it's"}).prepare()
        for _ in range(2):
            door.send("GET /x", request)

        [finding] = door.record.findings.values()
        assert (finding.operation, finding.what) == ("GET /x", "answered 500")
        assert finding.curl.endswith(f"-H 'X-Asked: it'\"'\"'s' {told.url}")
        assert door.record.statuses["GET /x"] == {500: 2}

    def test_finds_a_request_that_gets_no_answer(self):
        door = Door("registry", "http://127.0.0.1:1", Record("registry"))

        assert door.send("GET /x", requests.Request("GET", "http://127.0.0.1:1").prepare()) is None

        [finding] = door.record.findings.values()
        assert finding.what == "no answer: ConnectionError"

"""What is no request at all, sent to a running service as bytes."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from fastapi import FastAPI, Request

from shared.http_protocol import MOST_HEAD_BYTES
from shared.process import run
from tests.support.servers import free_port
from tests.support.waiting import until

pytestmark = pytest.mark.timeout(30)

Send = Callable[..., Awaitable[tuple[int, dict[str, str], bytes]]]


async def answer_of(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    line, *lines = head.strip().split("\r\n")
    headers = dict(each.lower().split(": ", 1) for each in lines)
    return int(line.split()[1]), headers, await reader.readexactly(int(headers["content-length"]))


@pytest.fixture
async def send() -> AsyncIterator[Send]:
    """Send bytes to a service, one piece after the other, and return its last answer."""
    app, port = FastAPI(), free_port()

    @app.post("/length")
    async def length(request: Request) -> int:
        return len(await request.body())

    whole = asyncio.create_task(run([], app=app, host="127.0.0.1", port=port))

    async def listens() -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return False
        writer.close()
        return True

    async def send(*pieces: bytes, answers: int = 1) -> tuple[int, dict[str, str], bytes]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            # The server runs in this very loop: it takes its turn, and reads this piece alone.
            await asyncio.sleep(0)
        *_, last = [await answer_of(reader) for _ in range(answers)]
        writer.close()
        return last

    await until(listens)
    yield send
    os.kill(os.getpid(), signal.SIGTERM)
    await whole


class TestHouseHttp:
    @pytest.mark.parametrize(
        "sent",
        [
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
            b"GET / HTTP/1.1\r\nHost\r\n\r\n",
            b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n",
            b"GET nowhere HTTP/1.1\r\nHost: x\r\n\r\n",
            b"POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n",
            b"POST /length HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        ],
    )
    async def test_answers_what_it_cannot_read_with_a_problem_document(self, send, sent):
        status, headers, body = await send(sent)

        assert (status, headers["content-type"]) == (400, "application/problem+json")
        assert json.loads(body) == {
            "type": "urn:haining:problem:unreadable-request",
            "title": "不是有效的 HTTP 请求",
            "status": 400,
            "detail": "请检查请求行、请求头和分块；地址里的中文须经百分号编码。",
        }

    @pytest.mark.parametrize(
        "beginning", [b"GET /", b"GET / HTTP/1.1\r\nX: ", b"GET / HTTP/1.1\r\n"]
    )
    async def test_ends_a_head_that_does_not_end(self, send, beginning):
        status, headers, body = await send(beginning, *[b"a" * 8_192] * 9)

        assert (status, headers["connection"]) == (431, "close")
        assert json.loads(body)["type"] == "urn:haining:problem:head-too-large"

    async def test_counts_no_body_as_a_head(self, send):
        length = 4 * MOST_HEAD_BYTES
        head = f"POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n"

        status, _, body = await send(head.encode() + b"a" * length)

        assert (status, int(body)) == (200, length)

    async def test_counts_each_request_of_a_connection_for_itself(self, send):
        header = b"X: " + b"a" * (MOST_HEAD_BYTES // 2)
        request = b"POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n" + header
        pieces = [request, b"\r\n\r\n", b"a"] * 4

        status, _, body = await send(*pieces, answers=4)

        assert (status, body) == (200, b"1")

"""A sheet comes in by HTTP: whole or not at all, or its good rows, and what is wrong goes back."""

import io

import httpx
import openpyxl
import pytest
from fastapi import FastAPI, Request, Response

from shared import problem
from shared.bodies import SHEET_BYTES, BoundedBodies
from shared.in_hand import Bounds
from shared.spreadsheets.uploads import (
    FILE_BODY,
    Partial,
    sheet_responses,
    template_answer,
    told,
    uploaded,
    uploads_in_hand,
)
from shared.spreadsheets.writing import MEDIA_TYPE
from tests.shared.spreadsheets.forms import CLASSES, RIGHT, a_csv, a_workbook, with_cell

URL = "/v1/classes/upload"
CROSS = "B-0"
GOOD, BAD = with_cell("班级编号", "B-2"), with_cell("科目", "语文")
REFUSED_LATER = with_cell("班级编号", CROSS)


@pytest.fixture
def kept():
    return []


@pytest.fixture
async def client(kept):
    app = FastAPI()
    problem.install(app)
    app.state.uploads = uploads_in_hand(Bounds())
    app.add_middleware(BoundedBodies)

    @app.get("/v1/classes/template")
    async def get_template() -> Response:
        return template_answer(CLASSES, name="classes")

    @app.post(URL, openapi_extra=FILE_BODY, responses=sheet_responses(), response_model=None)
    async def post_classes(request: Request, *, partial: Partial = False) -> Response | dict:
        async with uploaded(request, CLASSES, partial=partial) as upload:
            async for rows in upload.check(most=2):
                crossed = [one for one in rows if one.item["no"] == CROSS]
                await upload.refuse([one.refused([("no", "不收")]) for one in crossed])
            if not upload.stopped:
                async for rows in upload.take(most=2):
                    kept.extend(one.item["no"] for one in rows)
            if (answer := await upload.answer()) is not None:
                return answer
            return {"taken": len(kept), "errors": told(upload.refusals)}

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


def page_of(answer):
    return openpyxl.load_workbook(io.BytesIO(answer.content)).active


async def test_a_template_is_a_file_to_open(client):
    answer = await client.get("/v1/classes/template")

    assert answer.headers["content-disposition"] == 'attachment; filename="classes.xlsx"'
    assert page_of(answer).title == "班级"


@pytest.mark.parametrize("content", [a_csv(RIGHT, GOOD).encode("gb18030"), a_workbook(RIGHT, GOOD)])
async def test_a_right_file_is_taken_whole(client, kept, content):
    answer = await client.post(URL, content=content)

    assert (answer.status_code, answer.json()) == (200, {"taken": 2, "errors": []})
    assert kept == ["B-1", "B-2"]


async def test_of_a_wrong_file_nothing_is_taken_and_its_cells_are_told(client, kept):
    answer = await client.post(URL, content=a_csv(RIGHT, BAD, REFUSED_LATER))

    assert answer.status_code == 422
    assert kept == []
    body = answer.json()
    assert body["type"] == "urn:haining:problem:sheet-refused"
    assert body["counts"] == {"rows": 3, "wrong_rows": 2, "wrong_cells": 2}
    assert body["errors"] == [
        {"pointer": "/rows/3/B", "detail": "B3 科目“语文”：只能填写：数学、英语"},
        {"pointer": "/rows/4/A", "detail": "A4 班级编号“B-0”：不收"},
    ]


async def test_good_rows_are_taken_where_the_caller_says_so(client, kept):
    url = f"{URL}?partial=true"
    answer = await client.post(url, content=a_csv(RIGHT, BAD, GOOD, REFUSED_LATER))

    assert answer.status_code == 200
    assert kept == ["B-1", "B-2"]
    assert [one["cell"] for one in answer.json()["errors"]] == ["B3", "A5"]


@pytest.mark.parametrize(("partial", "status", "taken"), [(False, 422, []), (True, 200, ["B-1"])])
async def test_the_error_sheet_comes_for_the_asking(client, kept, partial, status, taken):
    answer = await client.post(
        URL,
        params={"partial": partial},
        headers={"Accept": MEDIA_TYPE},
        content=a_csv(RIGHT, BAD, REFUSED_LATER),
    )

    assert (answer.status_code, answer.headers["content-type"]) == (status, MEDIA_TYPE)
    assert (answer.headers["x-rows-read"], answer.headers["x-rows-refused"]) == ("3", "2")
    rows = [[cell.value for cell in row[-3:]] for row in page_of(answer).iter_rows(min_row=2)]
    assert [row[:2] for row in rows] == [[3, "B3"], [4, "A4"]]
    assert kept == taken


async def test_no_error_sheet_where_nothing_is_wrong(client):
    answer = await client.post(URL, headers={"Accept": MEDIA_TYPE}, content=a_csv(RIGHT))

    assert answer.json() == {"taken": 1, "errors": []}


@pytest.mark.parametrize("partial", [False, True])
async def test_a_file_that_breaks_off_is_refused_whole(client, kept, partial):
    answer = await client.post(
        URL, params={"partial": partial}, content=a_csv(RIGHT, GOOD) + '"B-3'
    )

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/file"
    assert kept == []


async def test_the_first_errors_are_told_and_all_are_counted(client):
    rows = [with_cell("科目", "语文")] * 500

    body = (await client.post(URL, content=a_csv(*rows))).json()

    assert (len(body["errors"]), body["counts"]["wrong_rows"]) == (50, 500)


async def test_a_file_beyond_the_limit_of_sheets_is_not_read(client):
    async def endless():
        for _ in range(SHEET_BYTES // 1_000_000 + 2):
            yield b"x" * 1_000_000

    answer = await client.post(URL, content=endless())

    assert answer.status_code == 413

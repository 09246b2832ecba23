"""How a refusal becomes a problem document."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

import httpx
import pytest
from fastapi import FastAPI
from pydantic import AwareDatetime, BaseModel, Field, TypeAdapter, ValidationError

from shared import problem as problems
from shared.errors import Rejected
from shared.plain_text import ONE_LINE, PERHAPS_ONE_LINE
from shared.problem import field_errors, problem_of


class NotThisWay(Rejected):
    """A refusal of these tests."""

    code = "not-this-way"
    title = "不可如此"


def test_names_the_fields_that_a_refusal_points_at():
    problem = problem_of(NotThisWay("详情", fields=[("/a", "甲"), ("/b/0", "乙")]))

    assert (problem.status, problem.type) == (422, "urn:haining:problem:not-this-way")
    assert problem.detail == "详情"
    assert [(error.pointer, error.detail) for error in problem.errors] == [
        ("/a", "甲"),
        ("/b/0", "乙"),
    ]


def test_names_no_field_where_a_refusal_points_at_none():
    assert problem_of(NotThisWay("详情")).errors == []
    assert problem_of(NotThisWay()).detail is None


class Inner(BaseModel):
    """What fields of these tests hold."""


CENTS = Annotated[Decimal, Field(max_digits=4, decimal_places=2)]
ENGLISH = re.compile(r"[a-z]{2,} [a-z]{2,}")


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        *((int, value) for value in ("二", 1.5, None, "9" * 5_000)),
        *((float, value) for value in ("x", None)),
        *((CENTS, value) for value in ("x", [], "1.234", "123456", "12345")),
        *((bool, value) for value in ("也许", None)),
        *((date, value) for value in ("2026-02-30", "x", [], 1.5)),
        *((datetime, value) for value in ("x", [])),
        (AwareDatetime, "2026-03-02T09:30:00"),
        *((listed, 1) for listed in (list[int], tuple[int, ...], set[int], frozenset[int])),
        (dict[str, int], 1),
        (Inner, 1),
        (Literal["甲", "乙"], "丙"),
        (Literal["甲", "乙", "丁"], "丙"),
        (Annotated[str, Field(pattern=ONE_LINE)], "a\nb"),
        (Annotated[str, Field(pattern=PERHAPS_ONE_LINE)], "a\nb"),
    ],
)
def test_says_in_chinese_what_is_wrong_with_a_field(kind: Any, value: Any):
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(kind).validate_python(value)

    for error in field_errors(refused.value.errors()):
        assert re.search(r"[\u4e00-\u9fff]", error.detail)
        assert ENGLISH.search(error.detail) is None
        assert " or " not in error.detail
        assert "\\x" not in error.detail


async def test_says_where_a_body_stops_being_json():
    app = FastAPI()
    problems.install(app)

    @app.post("/")
    async def take(body: Inner) -> None: ...

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        answer = await client.post(
            "/", content='{"a": }', headers={"Content-Type": "application/json"}
        )

    assert answer.status_code == 422
    assert answer.json()["detail"] == "请求体不是有效的 JSON（UTF-8），第7个字符处有误"
    assert "errors" not in answer.json()

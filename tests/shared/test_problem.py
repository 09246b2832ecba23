"""How a refusal becomes a problem document."""

from typing import Literal

import pytest
from pydantic import BaseModel, ValidationError

from shared.errors import Rejected
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


def test_says_in_chinese_what_a_field_may_be():
    class Body(BaseModel):
        mode: Literal["offline", "online"]

    with pytest.raises(ValidationError) as refused:
        Body.model_validate({"mode": "空中"})

    [error] = field_errors(refused.value.errors())
    assert (error.pointer, error.detail) == ("/mode", "只能是 'offline' 或 'online'")

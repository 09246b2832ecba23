"""How a refusal becomes a problem document."""

from shared.errors import Rejected
from shared.problem import problem_of


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

"""What the door says of a field has a number; the words are the door's own."""

import ast
import inspect
import re
from collections import Counter

import pytest

from deploy.bank_interface.field_errors import BODY_ERRORS, FIELD_ERRORS
from services.fund_monitor.api.banks import door
from shared.contracts import bank
from shared.problem import FIELD_WORDS

DETAILS = [one.detail for one in FIELD_ERRORS]
# No field of an event is an enum, a list, or bounded without its bound. Its numbers are strict, and
# its days and moments are read by validators with words of their own.
NOT_OF_EVENTS = {
    *("enum", "greater_than", "less_than", "too_long", "too_short", "value_error"),
    *("bool_type", "bool_parsing", "float_type", "float_parsing", "finite_number"),
    *("decimal_type", "decimal_parsing", "decimal_max_places", "decimal_max_digits"),
    *("decimal_whole_digits", "list_type", "tuple_type", "set_type", "frozen_set_type"),
    "string_unicode",
}


def _said_in(module: object, refusal: str) -> set[str]:
    """Return how each message begins with which a module refuses."""
    calls = ast.walk(ast.parse(inspect.getsource(module)))
    return {
        _beginning(call.args[0])
        for call in calls
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == refusal
    }


def _beginning(message: ast.expr) -> str:
    part = message.values[0] if isinstance(message, ast.JoinedStr) else message
    assert isinstance(part, ast.Constant)
    return str(part.value)


def _has_been_said(beginning: str, details: list[str]) -> bool:
    return any(detail.startswith(beginning) for detail in details)


def test_every_message_of_the_contract_has_a_number():
    said = _said_in(bank, "ValueError")

    assert len(said) == 9
    assert [one for one in said if not _has_been_said(one, DETAILS)] == []


def test_every_message_of_a_body_has_a_number():
    details = [one.detail for one in BODY_ERRORS]

    assert len(details) == len(_said_in(door, "Malformed"))
    assert [one for one in _said_in(door, "Malformed") if not _has_been_said(one, details)] == []


@pytest.mark.parametrize("kind", sorted(FIELD_WORDS.keys() - NOT_OF_EVENTS))
def test_every_word_for_a_field_of_an_event_has_a_number(kind):
    assert _has_been_said(FIELD_WORDS[kind].partition("{")[0], DETAILS)


@pytest.mark.parametrize("detail", DETAILS)
def test_a_bank_is_answered_in_chinese(detail):
    assert re.search(r"[\u4e00-\u9fff]", detail)


def test_no_number_and_no_message_is_used_twice():
    every = (*FIELD_ERRORS, *BODY_ERRORS)

    for found in (Counter(one.number for one in every), Counter(one.detail for one in every)):
        assert max(found.values()) == 1

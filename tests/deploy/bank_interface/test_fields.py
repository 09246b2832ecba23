"""The tables of events say what the schema says."""

from typing import get_args

import pytest
from pydantic import ValidationError

from deploy.bank_interface import fields
from deploy.bank_interface.told_fields import TOLD
from shared.contracts.bank import EVENT_ADAPTER, EVENT_FIELDS, AccountOpened, Deposit, Reversal

MODELS = fields.events()


def _row(model, name):
    [row] = [row for row in fields.table_of(model).rows if row[0] == f"`{name}`"]
    return dict(zip(fields.HEADER, row, strict=True))


def test_every_type_has_a_table_and_every_field_a_row():
    shown = {row[0].strip("`") for model in MODELS for row in fields.table_of(model).rows}

    assert len(MODELS) == 15
    assert shown == EVENT_FIELDS


@pytest.mark.parametrize("model", MODELS, ids=fields.type_of)
def test_every_cell_is_filled(model):
    assert fields.meaning_of(model)
    assert all(all(row) for row in fields.table_of(model).rows)


@pytest.mark.parametrize("model", MODELS, ids=fields.type_of)
def test_the_examples_are_an_event_that_the_door_takes(model):
    properties = model.model_json_schema()["properties"]
    whole = {name: one["examples"][0] for name, one in properties.items() if name != "type"}

    event = EVENT_ADAPTER.validate_python({**whole, "type": fields.type_of(model)})

    assert isinstance(event, model)


@pytest.mark.parametrize("model", MODELS, ids=fields.type_of)
def test_what_is_shown_as_required_is_required_and_nothing_else(model):
    needed = fields.example_of(model)
    shown = {row[0].strip("`") for row in fields.table_of(model).rows if row[3] == "是 yes"}

    assert shown == set(needed)
    assert isinstance(EVENT_ADAPTER.validate_python(needed), model)
    for name in shown:
        with pytest.raises(ValidationError):
            model.model_validate({each: needed[each] for each in needed if each != name})


@pytest.mark.parametrize(
    ("model", "name", "bounds"),
    [
        (Deposit, "serial_no", "1–64 位，`^[0-9A-Za-z._-]{1,64}$`"),
        (Deposit, "student_ref", "30 位，`^[Ss][Tt][Uu]_[A-Za-z2-7]{26}$`"),
        (Deposit, "amount_fen", "1 至 10000000000000"),
        (Deposit, "payee_class", "`own_settlement` `student` `other`"),
        (Deposit, "period_from", "10 位，2000–2100 年"),
        (AccountOpened, "institution_code", "18 位，`^[0-9A-Z]{18}$`"),
        (AccountOpened, "account_name", "1–64 字，不含控制字符"),
    ],
)
def test_a_length_or_a_range_is_read_from_the_schema(model, name, bounds):
    assert _row(model, name)["长度、范围 length, range"] == bounds


@pytest.mark.parametrize("name", ["booked_on", "reverses_booked_on", "reverses_entry_no"])
def test_a_field_that_may_be_declared_is_required_then(name):
    assert _row(Reversal, name)["必填 required"] == "声明后必填 if declared"


@pytest.mark.parametrize("model", [model for _, model in TOLD], ids=lambda model: model.__name__)
def test_every_field_of_an_answer_is_told_and_whether_it_may_be_absent(model):
    rows = {row[0].strip("`"): row for row in fields.answered_of(model).rows}

    assert list(rows) == list(model.model_fields)
    assert all(all(row) for row in rows.values())
    may_be_absent = {name for name, row in rows.items() if row[2] == "是 yes"}
    assert may_be_absent == {
        name
        for name, field in model.model_fields.items()
        if type(None) in get_args(field.annotation)
    }

"""Every field of every event, malformed in every way its schema knows, through the signed door."""

from collections.abc import Iterator
from typing import Any

import pytest

from deploy.bank_interface import fields
from tests.support.fund import FundMonitor

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]

NEVER: list[object] = [[], {}, ["x"], {"x": 1}, True]
OF_TEXT: list[object] = [5, 5.5, "", "x" * 2_000, "\x00", "x\ny"]
OF_WHOLE: list[object] = ["5", 5.5, 10**30, -(10**30), "", "五"]


def wrong_values(schema: dict[str, Any]) -> list[object]:
    kinds = {one.get("type") for one in (schema, *schema.get("anyOf", []))}
    return [*NEVER, *(OF_WHOLE if "integer" in kinds else OF_TEXT)]


def malformed(model: Any) -> Iterator[tuple[str, dict[str, object]]]:
    """Give each field's name with an event of which this field alone is wrong."""
    properties = model.model_json_schema()["properties"]
    whole = {name: one["examples"][0] for name, one in properties.items() if name != "type"}
    whole["type"] = fields.type_of(model)
    for name in whole.keys() - {"type"}:
        for value in wrong_values(properties[name]):
            yield name, {**whole, name: value}


@pytest.mark.parametrize("model", fields.events(), ids=fields.type_of)
async def test_is_refused_by_its_name_and_nothing_is_stored(fund: FundMonitor, model):
    cases = list(malformed(model))
    asked = [
        # Each with a number of its own, unless the number is what is wrong.
        event if name == "serial_no" else {**event, "serial_no": f"bad-{at}"}
        for at, (name, event) in enumerate(cases)
    ]

    answer = await fund.send(asked)
    await fund.settled()

    assert answer.status_code == 202, answer.text
    results = answer.json()["results"]
    taken = [
        (name, event[name])
        for (name, event), result in zip(cases, results, strict=True)
        if result["status"] != "refused"
    ]
    assert taken == []
    for (name, event), result in zip(cases, results, strict=True):
        pointers = {error["pointer"] for error in result["problem"]["errors"]}
        assert pointers == {f"/{name}"}, (event[name], result)
        assert all(error["detail"] for error in result["problem"]["errors"])
    assert await fund.db["events"].count_documents({}) == 0
    assert await fund.db["entries"].count_documents({}) == 0

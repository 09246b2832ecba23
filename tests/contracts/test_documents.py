"""The documents that departments and banks read are those of the code."""

import json

import pytest

from deploy import contracts
from shared.messaging.permissions import SERVICES

pytestmark = [
    pytest.mark.timeout(60),
    # A client that is never used is never closed either.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


def test_no_document_lags_behind_the_code():
    assert contracts.lagging() == []


def test_every_service_has_both_documents_the_city_two_and_banks_one_of_theirs():
    assert {path.as_posix() for path in contracts.documents()} == {
        "duties.md",
        "rules.md",
        "guides/bank-interface.md",
        "guides/signing/body.json",
        *(f"{kind}/{service}.json" for kind in ("openapi", "asyncapi") for service in SERVICES),
    }


def test_a_document_that_was_changed_by_hand_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(contracts, "FOLDER", tmp_path)
    changed = contracts.write()
    assert contracts.write() == []
    assert contracts.lagging() == []

    (tmp_path / changed[0]).write_text("{}")

    assert contracts.lagging() == [changed[0]]


def test_no_two_models_of_a_document_share_a_name():
    # FastAPI then puts the modules before the name, which no reader of an interface should see.
    for path, text in contracts.documents().items():
        if path.parent.name == "openapi":
            assert not [name for name in json.loads(text)["components"]["schemas"] if "__" in name]


def test_no_clock_on_a_wall_is_said_to_have_a_zone():
    # What pydantic makes of a plain ``time``; a reader that checks would refuse "20:30:00".
    assert [
        path for path, text in contracts.documents().items() if '"format": "time"' in text
    ] == []

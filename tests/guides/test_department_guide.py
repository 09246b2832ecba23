"""The department's guide tells what each field and word of an alert means."""

from typing import get_args

import pytest

from deploy.local.layout import CHECKOUT
from shared.contracts.alerts import AlertNotice, AlertState, NoticeOf, Outcome, Role

GUIDE = (CHECKOUT / "docs" / "guides" / "department.md").read_text()


@pytest.mark.parametrize("field", AlertNotice.model_fields)
def test_a_field_of_an_alert_is_explained(field):
    rows = [line for line in GUIDE.splitlines() if line.startswith("| `")]

    assert [row for row in rows if f"`{field}`" in row.split(" | ")[0]]


@pytest.mark.parametrize(
    "word", [word for words in (AlertState, NoticeOf, Outcome, Role) for word in get_args(words)]
)
def test_a_word_of_an_alert_is_explained(word):
    assert f"`{word}`" in GUIDE

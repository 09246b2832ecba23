"""The guide for sheets tells what each column of the contracts' sheet holds."""

import pytest

from deploy.local.layout import CHECKOUT
from services.fund_monitor.api.contracts.contract_sheet import COLUMNS
from shared.bodies import SHEET_BYTES
from shared.spreadsheets.sheet import MOST_ROWS, Column

GUIDE = (CHECKOUT / "docs" / "guides" / "spreadsheets.md").read_text()
ROWS = [line.split(" | ") for line in GUIDE.splitlines() if line.startswith("| ")]


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.key)
def test_a_column_is_explained(column: Column) -> None:
    assert [row for row in ROWS if column.header in row[0].removeprefix("| ").split("、")]


@pytest.mark.parametrize("column", [one for one in COLUMNS if one.kind.choices])
def test_its_choices_are_told(column: Column) -> None:
    [row] = [row for row in ROWS if column.header in row[0].removeprefix("| ").split("、")]

    assert [name for name in column.kind.choices if name not in row[1]] == []


def test_its_limits_are_told() -> None:
    assert f"{MOST_ROWS:,} 行、{SHEET_BYTES // 1024 // 1024} MB" in GUIDE

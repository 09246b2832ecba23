"""The guide to calendars tells what each column of its three sheets holds."""

import pytest

from deploy.local.layout import CHECKOUT
from services.schedule_monitor.api.calendars.calendar_sheets import (
    CALENDAR_SHEET,
    HOURS_SHEET,
    OVERRIDE_SHEET,
)
from services.schedule_monitor.domain.calendars.policies import VALUES
from shared.spreadsheets.sheet import Column

GUIDE = (CHECKOUT / "docs" / "guides" / "school-calendar.md").read_text()
ROWS = [line.split(" | ") for line in GUIDE.splitlines() if line.startswith("| ")]
COLUMNS = [
    column for sheet in (CALENDAR_SHEET, HOURS_SHEET, OVERRIDE_SHEET) for column in sheet.columns
]


def rows_of(column: Column) -> list[list[str]]:
    return [row for row in ROWS if column.header in row[0].removeprefix("| ").split("、")]


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.key)
def test_a_column_is_explained(column: Column) -> None:
    assert rows_of(column)


@pytest.mark.parametrize("column", [one for one in COLUMNS if one.kind.choices])
def test_its_choices_are_told(column: Column) -> None:
    told = "".join(row[1] for row in rows_of(column))

    offered = [name for name in column.kind.choices if not name.startswith("星期")]
    assert [name for name in offered if name not in told] == []


@pytest.mark.parametrize("switch", VALUES)
def test_a_switch_is_told_with_its_values(switch: str) -> None:
    [row] = [row for row in ROWS if f"`{switch}`" in row[0]]

    assert [value for value in VALUES[switch] if f"`{value}`" not in row[1]] == []

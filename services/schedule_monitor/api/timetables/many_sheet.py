"""The sheet of many institutions' timetables: whose a row is, and then as in any timetable."""

import re
from dataclasses import dataclass
from typing import Final

from services.schedule_monitor.api.timetables.timetable_sheet import TIMETABLE_SHEET, Planned
from shared.spreadsheets.kinds import in_one_form, text
from shared.spreadsheets.sheet import Column, Sheet, Values

_USCC_LENGTH: Final = 18
_ID_LENGTH: Final = 36
_CODE: Final = re.compile(r"[0-9A-Za-z-]{18,36}")
INSTITUTION: Final = "institution"
"""The key of the column that says whose a row is."""


@dataclass(frozen=True, slots=True)
class Placed:
    """What a row plans, and for whom: a 统一社会信用代码, or the register's own id."""

    code: str
    planned: Planned


def _made(values: Values) -> Placed:
    code = values[INSTITUTION]
    code = code.upper() if len(code) == _USCC_LENGTH else code.lower()
    return Placed(code, TIMETABLE_SHEET.make(values))


MANY_SHEET: Final = Sheet[Placed](
    name=TIMETABLE_SHEET.name,
    columns=(
        Column(
            key=INSTITUTION,
            header="机构",
            kind=in_one_form(
                text(
                    most=_ID_LENGTH,
                    least=_USCC_LENGTH,
                    pattern=_CODE.pattern,
                    form="18位统一社会信用代码，或登记的机构编号",
                )
            ),
            example="52330481MJ000001XJ",
            aliases=("统一社会信用代码", "机构编号"),
        ),
        *TIMETABLE_SHEET.columns,
    ),
    make=_made,
    notes=("一张表可填多家机构；每家机构按名称和版本号各备案一份课表。", *TIMETABLE_SHEET.notes),
)

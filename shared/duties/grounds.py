"""The lines of the plan that a decision rests on, by id: a task, a group or a duty.

``task.24`` is a task of the main part, ``group.funds`` a group of annex 2, ``pboc.1`` the first
clause of a row of annex 4.
"""

from collections.abc import Sequence
from itertools import chain
from typing import Final, TypeAlias

from shared.duties.annex4 import DUTIES, Duty
from shared.duties.departments import body_of, name_of
from shared.duties.groups import GROUPS, Group
from shared.duties.tasks import TASKS, TOWN_ROW, TOWN_ROW_NAME, Task

Ground: TypeAlias = Task | Group | Duty

_BY_ID: Final[dict[str, Ground]] = {one.id: one for one in chain[Ground](TASKS, GROUPS, DUTIES)}


def ground(identifier: str) -> Ground:
    """Return the line with this id; an unknown one is a ``KeyError``."""
    return _BY_ID[identifier]


def cited(identifiers: Sequence[str]) -> str:
    """Name lines as the plan numbers them, as in ``方案任务24、28、附件4（市金融办）``."""
    lines = [ground(identifier) for identifier in identifiers]
    tasks = [str(line.number) for line in lines if isinstance(line, Task)]
    groups = [f"附件2（{line.numeral}）" for line in lines if isinstance(line, Group)]
    rows = dict.fromkeys(line.body for line in lines if isinstance(line, Duty))
    return "、".join(
        [
            *(["方案任务" + "、".join(tasks)] if tasks else []),
            *groups,
            *(f"附件4（{row_name(row)}）" for row in rows),
        ]
    )


def place(line: Ground) -> str:
    """Say exactly where a line stands, down to the clause."""
    match line:
        case Task():
            return f"方案任务{line.number}"
        case Group():
            return f"附件2（{line.numeral}）{line.name}"
        case Duty():
            return f"附件4第{line.row}行（{row_name(line.body)}）第{line.clause}项"


def said(line: Ground) -> str:
    """Say what a line asks, in our own words."""
    match line:
        case Task():
            return line.title
        case Group():
            return line.does
        case Duty():
            return line.text


def row_of(code: str) -> str:
    """Return the row that speaks of a body: its own, or the one that all towns share."""
    return TOWN_ROW if body_of(code).kind == "town" else code


def row_name(row: str) -> str:
    """Return how the plan names a row of annex 4 or a party of a task or group."""
    return TOWN_ROW_NAME if row == TOWN_ROW else name_of(row)

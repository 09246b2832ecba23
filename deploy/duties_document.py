"""``docs/duties.md``: duties, groups and routes as officials read them, made from the data."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from deploy.rule_cards import cards
from shared.duties.annex4 import DUTIES, Duty, duties_of
from shared.duties.departments import DEPARTMENTS, TOWNS, Department, body_of, names_of
from shared.duties.explaining import escalation
from shared.duties.grounds import row_name
from shared.duties.groups import GROUPS, groups_of
from shared.duties.names import RENAMED, Name
from shared.duties.parties import COMPETENT, COMPETENT_DEPARTMENTS, ROLE_NAMES, WHERE_NONE_IS, Party
from shared.duties.routing import ROUTES
from shared.duties.tasks import TASKS, TOWN_ROW, Task, tasks_of

_COMPETENT = "主管部门 competent department"
_ITS_TOWN = "机构所在镇（街道） its town"
_OF_PLATFORM = "平台时牵头 leads where it is a platform"
_HEAD = """# 各部门职责与线索送达 · Duties and routes

本页由 `shared/duties` 的数据生成（`./run contracts`），请勿手改。职责以我们自己的话写成，
依据是海宁市“双减”实施方案（征求意见稿）的任务、附件2的小组和附件4的责任清单；
引用时以方案原文为准。

*Generated from `shared/duties`; duties are in our own words, the plan's own text is the reference.*

从任一服务也能读到 · Any service answers the same: `GET /v1/duties`, `GET /v1/duties/{code}`,
`GET /v1/routes/explain?kind=…`
"""
_CLAUSES = (
    "附件4每行以句号或分号分开，逐项编号；编号 `pboc.1` 即该行第1项。"
    "*A clause is what stands between full stops or semicolons of a row.*"
)
_ESCALATION = (
    "牵头部门逾期未办时依次升级，但绝不升级到自身也逾期的部门。"
    "*Escalation goes up in this order, never to a body that is itself late.*"
)
_NAMES = (
    "代码不随机构改革变化。来源 Seed 为方案原名，G 为常识、待核实。"
    "*Codes outlive names; G is general knowledge, to be confirmed.*"
)


def text() -> str:
    """Return the whole document."""
    sections = (_bodies(), _duties(), _tasks(), _groups(), _routes(), _names())
    return "\n".join([_HEAD, *("\n".join(section) for section in sections)])


def _bodies() -> Iterator[str]:
    yield "## 1 部门、成员单位与镇（街道） · Bodies\n"
    kinds = {"department": "附件4", "group_member": "附件2成员单位", "town": "镇（街道）"}
    rows = (
        (body.name, f"`{body.code}`", kinds[body.kind], _numbers(body), _group_names(body))
        for body in (*DEPARTMENTS, *TOWNS)
    )
    yield from _table(("名称 name", "代码 code", "出处", "任务 tasks", "小组 groups"), rows)


def _duties() -> Iterator[str]:
    yield f"## 2 职责 · Duties (annex 4)\n\n{_CLAUSES}\n"
    for row in dict.fromkeys(duty.body for duty in DUTIES):
        duties = duties_of(row)
        yield f"### {duties[0].row} {row_name(row)} · `{row}`\n"
        yield from _table(
            ("编号 id", "职责 duty", "任务 tasks"),
            ((f"`{duty.id}`", duty.text, _task_numbers(duty)) for duty in duties),
        )


def _tasks() -> Iterator[str]:
    yield "## 3 任务 · Tasks of the plan\n"
    yield from _table(
        ("任务 task", "内容 what", "责任单位 responsible"),
        ((str(task.number), task.title, _responsible(task)) for task in TASKS),
    )


def _groups() -> Iterator[str]:
    yield "## 4 专项小组 · Groups (annex 2)\n"
    yield from _table(
        ("小组 group", "牵头 leads", "成员 members", "职责 what it does"),
        (
            (
                f"（{group.numeral}）{group.name}",
                _row_names(group.leads),
                _row_names(group.members),
                group.does,
            )
            for group in GROUPS
        ),
    )


def _routes() -> Iterator[str]:
    yield "## 5 线索送给谁 · Routes\n"
    titles = {card.code: card.title for card in cards()}
    for kind, planned in ROUTES.items():
        yield f"### {titles[kind]} · `{kind}`\n"
        leading = planned.lead.department
        rows = (
            (ROLE_NAMES[role], _party_name(party), party.reason)
            for role, party in planned.parties
            if role == "lead" or party.department != leading
        )
        town = planned.town
        there = () if town is None else ((ROLE_NAMES["inform"], _ITS_TOWN, town.reason),)
        keeper = planned.of_platform
        of_platform = (
            () if keeper is None else ((_OF_PLATFORM, _party_name(keeper), keeper.reason),)
        )
        table = (*rows, *there, *of_platform)
        yield from _table(("角色 role", "部门 department", "理由 why"), table)
    yield "### 谁是主管部门 · The competent department\n"
    yield from _table(("部门 department", "理由 why"), _competent())
    yield f"### 逾期升级 · Escalation\n\n{_ESCALATION}\n"
    yield from _table(
        ("次序", "部门 department", "理由 why"),
        (
            (str(number), body_of(step.department).name, step.reason)
            for number, step in enumerate(escalation(late=()), start=1)
        ),
    )


def _competent() -> Iterator[Sequence[str]]:
    for code, reason in COMPETENT_DEPARTMENTS.items():
        yield body_of(code).name, reason
    yield body_of(WHERE_NONE_IS.department).name, WHERE_NONE_IS.reason


def _names() -> Iterator[str]:
    yield f"## 6 历次名称 · Names over time\n\n{_NAMES}\n"
    rows = (
        (f"`{code}`", name.name, _period(name), name.origin, name.note)
        for code in RENAMED
        for name in names_of(code)
    )
    yield from _table(
        ("代码 code", "名称 name", "起止（不含止日） period", "来源 origin", "说明 note"), rows
    )


def _table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(headers)} |"
    yield f"| {' | '.join('---' for _ in headers)} |"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def _party_name(party: Party) -> str:
    return _COMPETENT if party.department == COMPETENT else body_of(party.department).name


def _numbers(body: Department) -> str:
    return _ranges([task.number for task in tasks_of(_row(body))])


def _group_names(body: Department) -> str:
    row = _row(body)
    return "、".join(
        f"{group.name}（牵头）" if row in group.leads else group.name for group in groups_of(row)
    )


def _row(body: Department) -> str:
    return TOWN_ROW if body.kind == "town" else body.code


def _row_names(rows: Iterable[str]) -> str:
    return "、".join(row_name(row) for row in rows)


def _task_numbers(duty: Duty) -> str:
    return _ranges(duty.tasks)


def _ranges(numbers: Sequence[int]) -> str:
    """Write numbers shortly: ``1–16、30``."""
    runs = groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0])
    ends = ([number for _, number in run] for _, run in runs)
    return "、".join(f"{run[0]}–{run[-1]}" if len(run) > 1 else str(run[0]) for run in ends)


def _responsible(task: Task) -> str:
    return "、".join([*(row_name(row) for row in task.responsible), *task.others])


def _period(name: Name) -> str:
    return f"{name.since or '…'} — {name.until or '…'}"

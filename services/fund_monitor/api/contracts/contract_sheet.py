"""Contracts as a sheet that an institution fills in: a row each, the fields those of the filing."""

import re
import unicodedata
from datetime import date
from typing import Final, cast

from services.fund_monitor.app.contracts.upload_contracts import SheetContract
from services.fund_monitor.domain.contracts.contract import Instalment, TrainingContract
from services.fund_monitor.domain.contracts.filing import (
    MOST_COOLING_OFF_DAYS,
    MOST_INSTALMENTS,
    MOST_MINUTES,
    MOST_PUPILS,
)
from services.fund_monitor.domain.contracts.student import Identification, fault_of
from shared.contracts.bank import MOST_FEN
from shared.spreadsheets.calendar_kinds import day
from shared.spreadsheets.kinds import choice, decimal, text, whole, yuan
from shared.spreadsheets.raw import CellUnreadable, Value, as_text
from shared.spreadsheets.sheet import Column, Kind, RowWrong, Sheet, Values

_DAY: Final = day()
_YUAN: Final = yuan(least_fen=1, most_fen=MOST_FEN)
_STUDENT: Final = ("id_kind", "id_number", "student_name")
_COOLING_OFF_DAYS: Final = 7
_PART: Final = re.compile(r"(.+?)[\s:]+(\S+)")
_PARTS_FORM: Final = "各期写作“2026-09-01 600.00”，以分号隔开"
_LONGEST_PARTS: Final = 4_000

_SUBJECT: Final = {"学科类": "subject", "非学科类": "non_subject"}
_MODES: Final = {"线下": "offline", "线上": "online"}
_STAGES: Final = {
    "学龄前": "preschool",
    "义务教育": "compulsory",
    "高中": "senior_secondary",
    "幼儿": "preschool",
    "小学": "compulsory",
    "初中": "compulsory",
    "义务教育阶段": "compulsory",
    "普通高中": "senior_secondary",
}
_SUPERVISION: Final = {
    "资金托管": "custody",
    "风险保证金": "risk_deposit",
    "先学后付": "post_paid",
    # As the model contract (GF-2021-2604) and the plan of the city write them.
    "银行托管": "custody",
    "先上课后收费": "post_paid",
}
_ID_KINDS: Final = {"身份证": "id_card", "学籍号": "student_no", "其他证件": "other"}


def _instalments(cell: Value) -> tuple[Instalment, ...]:
    """Read the parts of a price from one cell: each a day and an amount in yuan."""
    told = unicodedata.normalize("NFKC", as_text(cell))
    if len(told) > _LONGEST_PARTS:
        raise CellUnreadable("分期过长")
    parts = [part.strip() for part in re.split(r"[;\n]", told) if part.strip()]
    if len(parts) > MOST_INSTALMENTS:
        raise CellUnreadable(f"最多 {MOST_INSTALMENTS} 期")
    return tuple(_instalment(part) for part in parts)


def _instalment(part: str) -> Instalment:
    found = _PART.fullmatch(part)
    if found is None:
        raise CellUnreadable(_PARTS_FORM)
    due_on, amount = _DAY.parse(found[1]), _YUAN.parse(found[2])
    return Instalment(cast("date", due_on), cast("int", amount))


COLUMNS: Final = (
    Column(
        key="contract_no",
        header="合同编号",
        kind=text(
            most=64, pattern=r"[0-9A-Za-z._-]+", form="1 至 64 位的字母、数字、点、横线或下划线"
        ),
        example="HT-2026-0001",
        aliases=("合同号",),
        help="本机构内唯一；再次报送且内容不同，记为新版本",
    ),
    Column(key="subject", header="课程", kind=text(most=64), example="美术", aliases=("科目",)),
    Column(key="course_kind", header="类别", kind=choice(_SUBJECT), example="非学科类"),
    Column(key="mode", header="授课方式", kind=choice(_MODES), example="线下"),
    Column(
        key="stage",
        header="学段",
        kind=choice(_STAGES, offered=("学龄前", "义务教育", "高中")),
        example="义务教育",
    ),
    Column(
        key="class_size",
        header="班级人数",
        kind=whole(least=1, most=MOST_PUPILS),
        example="10",
        aliases=("班型", "班额"),
    ),
    Column(
        key="lesson_minutes",
        header="每课时分钟数",
        kind=whole(least=1, most=MOST_MINUTES),
        example="45",
    ),
    Column(
        key="lessons",
        header="课时数",
        kind=decimal(least="0", most="99999.99", places=2),
        example="48",
        required=False,
        help="课时数与服务期至少填写一种",
    ),
    Column(
        key="period_from",
        header="服务期首日",
        kind=_DAY,
        example="2026-03-07",
        required=False,
        help="与服务期末日同时填写",
    ),
    Column(
        key="period_until",
        header="服务期末日",
        kind=_DAY,
        example="2026-06-06",
        required=False,
        help="当日仍提供服务",
    ),
    Column(
        key="price_fen",
        header="合同价款（元）",
        kind=_YUAN,
        example="1200.00",
        aliases=("合同价款", "价款"),
    ),
    Column(
        key="signed_on",
        header="签订日期",
        kind=_DAY,
        example="2026-03-01",
        aliases=("签约日期", "签订日"),
    ),
    Column(
        key="starts_on", header="开课日期", kind=_DAY, example="2026-03-07", aliases=("开课日",)
    ),
    Column(
        key="instalments",
        header="分期付款",
        kind=Kind(parse=_instalments, form=_PARTS_FORM),
        example="2026-03-01 600.00；2026-04-01 600.00",
        required=False,
        help="各期之和等于合同价款；一次付清的不填",
    ),
    Column(
        key="supervision",
        header="监管方式",
        kind=choice(_SUPERVISION, offered=("资金托管", "风险保证金", "先学后付")),
        example="资金托管",
        required=False,
        help="不填为资金托管",
    ),
    Column(
        key="cooling_off_days",
        header="冷静期天数",
        kind=whole(least=0, most=MOST_COOLING_OFF_DAYS),
        example="7",
        required=False,
        help=f"不填为 {_COOLING_OFF_DAYS} 天",
    ),
    Column(
        key="student_ref",
        header="学员代码",
        kind=text(
            most=30, pattern=r"[Ss][Tt][Uu]_[A-Za-z2-7]{26}", form="本系统签发的学员代码，stu_ 开头"
        ),
        example="",
        required=False,
        help="填写学员代码，或填写以下三列，二者择一",
    ),
    Column(
        key="id_kind",
        header="证件类型",
        kind=choice(_ID_KINDS),
        example="身份证",
        required=False,
    ),
    Column(
        key="id_number",
        header="证件号码",
        kind=text(least=4, most=32),
        example="330481201501011240",
        required=False,
        personal=True,
        help="只用于计算学员代码，不保存",
    ),
    Column(
        key="student_name",
        header="学员姓名",
        kind=text(most=64),
        example="王小禾",
        required=False,
        personal=True,
        help="只用于计算学员代码，不保存",
    ),
)


def contract_sheet(institution_id: str) -> Sheet[SheetContract]:
    """Return the sheet of one institution's contracts."""

    def make(values: Values) -> SheetContract:
        student = _student(values)
        given = {name: value for name, value in values.items() if name in _AS_GIVEN}
        contract = TrainingContract(
            institution_id=institution_id,
            version=0,
            student_ref="" if student else values["student_ref"].lower(),
            instalments=values["instalments"] or (),
            supervision=values["supervision"] or "custody",
            cooling_off_days=_or(values["cooling_off_days"], _COOLING_OFF_DAYS),
            **given,
        )
        return SheetContract(contract, student)

    return Sheet(
        name="合同",
        columns=COLUMNS,
        make=make,
        notes=("一份合同一行；一份表格只报一家机构的合同。",),
        unique=("contract_no",),
    )


_AS_GIVEN: Final = frozenset(
    (
        "contract_no",
        "subject",
        "course_kind",
        "mode",
        "stage",
        "class_size",
        "lesson_minutes",
        "lessons",
        "period_from",
        "period_until",
        "price_fen",
        "signed_on",
        "starts_on",
    )
)


def _student(values: Values) -> Identification | None:
    """Return who the student is, where no reference says it; one of the two is needed, whole."""
    named = [values[key] for key in _STUDENT]
    if values["student_ref"] is not None:
        if any(named):
            raise RowWrong([("student_ref", "已填写学员代码，不得再填写证件类型、号码和姓名")])
        return None
    if not any(named):
        raise RowWrong([("student_ref", "须填写学员代码，或填写证件类型、证件号码和学员姓名")])
    if missing := [key for key in _STUDENT if values[key] is None]:
        raise RowWrong((key, "证件类型、证件号码和学员姓名须同时填写") for key in missing)
    student = Identification(*named)
    if fault := fault_of(student.kind, student.number):
        raise RowWrong([("id_number", fault)])
    return student


def _or(value: int | None, usual: int) -> int:
    return usual if value is None else value

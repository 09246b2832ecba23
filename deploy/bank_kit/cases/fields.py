"""Each malformed field is refused for itself, and named."""

from functools import partial

from deploy.bank_kit.case import Case
from deploy.bank_kit.checking import Desk
from deploy.bank_kit.sending import Event


async def _wrong(desk: Desk, change: Event, pointer: str, *, kind: str) -> None:
    books = desk.books
    good = books.opened() if kind == "account_opened" else books.money(kind, 1_000)
    await desk.refused_at(good | change, pointer)


def _case(number: str, shows: str, change: Event, pointer: str, *, kind: str = "deposit") -> Case:
    play = partial(_wrong, change=change, pointer=pointer, kind=kind)
    return Case(number, shows, f"refused，指出 {pointer}", play)


CASES = (
    _case("K52", "不认识的字段（付款人姓名）", {"payer_name": "某某"}, "/payer_name"),
    _case("K53", "金额为 0", {"amount_fen": 0}, "/amount_fen"),
    _case("K54", "金额带小数", {"amount_fen": 1000.5}, "/amount_fen"),
    _case("K55", "金额写成文本", {"amount_fen": "1000"}, "/amount_fen"),
    _case("K56", "金额超过 10¹³ 分", {"amount_fen": 10**13 + 1}, "/amount_fen"),
    _case("K57", "时间没有时区", {"occurred_at": "2026-03-02T09:30:00"}, "/occurred_at"),
    _case("K58", "时间超前", {"occurred_at": "2100-01-01T00:00:00+08:00"}, "/occurred_at"),
    _case(
        "K59",
        "账户名称超过 64 字",
        {"account_name": "长" * 65},
        "/account_name",
        kind="account_opened",
    ),
    _case("K60", "合同号有不允许的字符", {"contract_no": "合同 1"}, "/contract_no"),
    _case("K61", "课时三位小数", {"lessons": "1.005"}, "/lessons"),
    _case("K62", "课时写成数字", {"lessons": 24}, "/lessons"),
    _case(
        "K63",
        "服务期末日早于首日",
        {"period_from": "2026-03-02", "period_until": "2026-03-01"},
        "/",
    ),
    _case("K64", "没有这样的日期", {"period_from": "2026-02-30"}, "/period_from"),
    _case("K65", "没有这个类型", {"type": "present"}, "/"),
    _case("K66", "缺流水号", {"serial_no": None}, "/serial_no"),
    _case("K67", "学员代号不是本套件发放的格式", {"student_ref": "stu_1"}, "/student_ref"),
    _case(
        "K68",
        "机构代码不足 18 位",
        {"institution_code": "5233"},
        "/institution_code",
        kind="account_opened",
    ),
    _case("K69", "司法扣划缺文书号", {}, "/document_no", kind="judicial_deduction"),
    _case("K70", "冲正未指明原交易", {}, "/reverses_serial_no", kind="reversal"),
)

"""Files in the drop folder: the rules of the door, a number that is taken once, a signed result."""

from collections import Counter

from deploy.bank_kit.case import Case
from deploy.bank_kit.checking import Desk, Differs
from deploy.bank_kit.dropping import DropFolder, Lines, lines_of
from deploy.bank_kit.plan import Plan
from deploy.bank_kit.sending import Event
from shared.senders.signing import new_signing_secret

_PAID = 30_000


def _folder(desk: Desk) -> DropFolder:
    folder = desk.plan.drop_folder
    if folder is None:
        raise Differs("没有投递目录")
    return DropFolder(folder, secret=desk.sending.secret, patience_seconds=desk.patience_seconds)


async def _dropped(desk: Desk, number: int, *events: Event, secret: str | None = None) -> Lines:
    content = lines_of(events)
    lines = await _folder(desk).answered(number, content, day=desk.plan.day, secret=secret)
    *answers, last = lines
    counts = Counter(line["status"] for line in answers)
    told = " ".join(f"{status}×{count}" for status, count in counts.items())
    summary = last["summary"]
    desk.note(f"整份 {summary['status']} {summary.get('number', '')}{told}")
    return lines


def _hold(found: object, wanted: object) -> None:
    if found != wanted:
        raise Differs(f"应为 {wanted}，实为 {found}")


async def _line_by_line(desk: Desk) -> None:
    number = _folder(desk).next_number()
    paid = desk.books.money("deposit", _PAID)
    wrong = desk.books.money("deposit", _PAID, payer_name="不接受的字段")
    lines = await _dropped(desk, number, desk.books.opened(), paid, paid, wrong)
    wanted = ["accepted", "accepted", "duplicate", "refused"]
    _hold([line["status"] for line in lines[:-1]], wanted)
    _hold(lines[3]["number"], "E1001")
    await desk.stands(paid, "posted")
    await desk.balance_is(_PAID)


async def _the_same_again(desk: Desk) -> None:
    number = _folder(desk).next_number()
    events = [desk.books.opened(), desk.books.money("deposit", _PAID)]
    first = await _dropped(desk, number, *events)
    _hold(await _dropped(desk, number, *events), first)
    await desk.balance_is(_PAID)


async def _another_under_the_number(desk: Desk) -> None:
    number = _folder(desk).next_number()
    opened, paid = desk.books.opened(), desk.books.money("deposit", _PAID)
    await _dropped(desk, number, opened, paid)
    lines = await _dropped(desk, number, opened, desk.books.money("deposit", _PAID))
    _hold(lines[-1]["summary"].get("number"), "E1302")
    await desk.balance_is(_PAID)


async def _a_number_left_out(desk: Desk) -> None:
    number = _folder(desk).next_number()
    later = await _dropped(desk, number + 1, desk.books.opened())
    if number not in later[-1]["summary"]["first_missing"]:
        raise Differs(f"应列出缺号 {number}")
    then = await _dropped(desk, number, desk.books.money("deposit", _PAID))
    if number in then[-1]["summary"]["first_missing"]:
        raise Differs(f"{number} 已到，不应再列为缺号")
    await desk.balance_is(_PAID)


async def _signed_by_another(desk: Desk) -> None:
    number = _folder(desk).next_number()
    opened = desk.books.opened()
    lines = await _dropped(desk, number, opened, secret=new_signing_secret())
    _hold(lines[-1]["summary"].get("number"), "E1002")
    _hold((await _dropped(desk, number, opened))[-1]["summary"]["status"], "accepted")


def _no_folder(plan: Plan) -> str | None:
    return None if plan.drop_folder else "没有 --drop-folder"


CASES = tuple(
    Case(number, shows, expected, play, needs=_no_folder, alone=True)
    for number, shows, expected, play in (
        ("K79", "投递一个事件文件", "逐行答复，与 HTTP 相同的规则", _line_by_line),
        ("K80", "同一文件再次投递", "结果文件相同，只入账一次", _the_same_again),
        ("K81", "同一顺序号、不同内容", "整份拒收 E1302", _another_under_the_number),
        ("K82", "跳过一个顺序号，随后补上", "先列为缺号，补上后不再列", _a_number_left_out),
        ("K83", "别的密钥签名的文件", "整份拒收 E1002，更正后同号接收", _signed_by_another),
    )
)

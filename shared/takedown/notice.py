"""A request as a letter: what an office prints, seals and serves on who has no signed door."""

from collections.abc import Iterator

from shared.city_time import CITY_TIME
from shared.duties.departments import name_of
from shared.takedown.model import Proof, Round, Takedown
from shared.working_days import WorkingDays

_NOT_LAW = {"G": "（一般认识，非法律依据）", "P": "（建议值，非法律规定）"}


def notice_of(takedown: Takedown, calendar: WorkingDays, *, title: str, kind: str) -> str:
    """Return the letter of a request's present round; a draft says that it is one."""
    return "\n".join(_lines(takedown, calendar, title, kind)) + "\n"


def _lines(takedown: Takedown, calendar: WorkingDays, title: str, kind: str) -> Iterator[str]:
    thing, current = takedown.thing, takedown.round
    yield title if current is not None else f"{title}（草稿，未送达）"
    yield f"编号：{takedown.id}" + (f"（第{current.number}次）" if current is not None else "")
    yield ""
    yield f"{takedown.recipient.name}："
    yield (
        f"　　经查，{kind}“{thing.title}”"
        + (f"（{thing.url}）" if thing.url else "")
        + "有以下情况："
    )
    for number, ground in enumerate(takedown.grounds, start=1):
        yield f"　　{number}. {ground.title}：{ground.says}"
        yield f"　　　 依据：{ground.article}{_NOT_LAW.get(ground.origin, '')}"
    yield f"　　要求：{takedown.demand}"
    if current is not None:
        yield f"　　期限：{_until(current, calendar)}前办理，并答复本单位，附证明材料。"
    yield "　　对上述情况有异议的，可在期限内说明理由。"
    yield "　　材料：" + "；".join(_shown(one) for one in takedown.proofs)
    yield ""
    yield f"　　{name_of(takedown.issuer)}"
    if current is not None:
        yield f"　　{current.opened_at.astimezone(CITY_TIME):%Y年%m月%d日}"


def _until(current: Round, calendar: WorkingDays) -> str:
    deadline = current.due(calendar)
    moment = f"{deadline.at.astimezone(CITY_TIME):%Y年%m月%d日%H时%M分}"
    return f"{moment}（暂定，以放假通知为准）" if deadline.provisional else moment


def _shown(proof: Proof) -> str:
    value = proof.sha256 or proof.reference or proof.text or ""
    words = {"file": "SHA-256 ", "snapshot": "快照 ", "text": ""}[proof.kind]
    return f"{proof.name}（{words}{value}）"

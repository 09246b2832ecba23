"""``docs/rules.md``: every rule of every service as officials read it, made from the code."""

from collections.abc import Iterator
from typing import Final

from deploy.bank_interface.blocks import Block, Heading, Said, Table
from deploy.bank_interface.markdown import markdown
from deploy.rule_cards import cards, gradings
from shared.alerts.model import LEVELS, Level
from shared.duties.departments import name_of
from shared.duties.parties import COMPETENT, Role, Route
from shared.duties.routing import ROUTES
from shared.rules import Origin, RuleCard

_HEAD: Final = Said(
    "本页由各服务的规则卡片和 `shared/duties` 的线索路由生成（`./run contracts`），请勿手改。"
    "每条预警都写明所依据的条款；标为“建议”的是可配置的默认值，标为“待核实”的出处尚未查到原文，"
    "二者都不作为法律依据引用。某日的课、款、广告按当日有效的规则判断。",
    "Generated from the cards of all rules and the routes of `shared/duties`. Every alert names "
    "the article that it rests on; what is proposed or unconfirmed is never shown as law. What "
    "happened is judged by the rules in force on its day.",
)
_KEYS: Final = (
    Said(
        "“线索”供人工复核，本身不使任何课、款、广告违规。“机构知情”的预警，机构可以看到并陈述。"
        "主管部门由机构类别决定，见 [各部门职责与线索送达](duties.md)。",
        "A clue is for a person to look at and makes nothing unlawful by itself. Of what an "
        "institution is told it may state its case. Who is the competent department follows from "
        "the kind of institution: see [duties](duties.md).",
    ),
    Said(
        "级别“黄或红”者，由轻重决定；升降的界限写在各服务的 README 与 ADR 中。",
        "Where a rule may be yellow or red, its gravity decides; the limits are told in the "
        "READMEs and ADRs of the services.",
    ),
)
_SERVICES: Final = {
    "schedule": "课程监测 · schedule_monitor",
    "fund": "资金监管 · fund_monitor",
    "ads": "广告监测 · ads_watch",
    "registry": "机构登记 · registry",
}
_ORIGINS: Final[dict[Origin, str]] = {
    "Seed": "方案",
    "L": "法律",
    "S": "公开文件",
    "G": "待核实",
    "P": "建议",
}
_ORIGIN_WORDS: Final = Said(
    "出处：方案＝海宁市“双减”实施方案（征求意见稿）；法律＝法律原文；公开文件＝公开页面上的文件；"
    "待核实＝常识，尚未查到原文；建议＝建议的默认值。",
    "Origins: the city's plan; a law that was read; a public document; general knowledge, "
    "unconfirmed; a proposed default.",
)
_LEVEL_NAMES: Final[dict[Level, str]] = {"yellow": "黄", "red": "红"}
_WHAT: Final = ("代码 code", "说什么 says", "适用于 applies to", "级别 level")
_WHY: Final = ("代码 code", "依据 article", "出处 origin", "施行 from", "失效 until")
_WHO: Final = ("代码 code", "牵头 leads", "协同 assist", "知会 informed", "机构知情 told")


def text() -> str:
    """Return the whole document."""
    return markdown(_blocks())


def _blocks() -> Iterator[Block]:
    yield Heading(1, "规则一览 · All rules")
    yield _HEAD
    yield from _KEYS
    yield _ORIGIN_WORDS
    found = sorted(cards(), key=lambda card: card.code)
    for prefix in sorted({_prefix(card) for card in found}, key=_place):
        some = [card for card in found if _prefix(card) == prefix]
        yield Heading(2, _SERVICES.get(prefix, prefix))
        yield Heading(3, "规则 · What they say")
        yield Table(_WHAT, tuple(_what(card) for card in some))
        yield Heading(3, "依据与期间 · Where it is written, and when it is in force")
        yield Table(_WHY, tuple(_why(card) for card in some))
        yield Heading(3, "送达 · Who leads, who is informed")
        yield Table(_WHO, tuple(_who(card) for card in some))


def _prefix(card: RuleCard) -> str:
    return card.code.partition(".")[0]


def _place(prefix: str) -> tuple[int, str]:
    known = list(_SERVICES)
    return (known.index(prefix) if prefix in known else len(known), prefix)


def _what(card: RuleCard) -> tuple[str, ...]:
    return f"`{card.code}`", card.title, card.applies_to, _level(card)


def _level(card: RuleCard) -> str:
    grading = gradings().get(card.code)
    levels = card.levels if grading is None else (grading.level,)
    words = "或".join(_LEVEL_NAMES[level] for level in LEVELS if level in levels)
    return f"{words}（线索）" if grading is not None and grading.review else words


def _why(card: RuleCard) -> tuple[str, ...]:
    article = card.article
    until = "" if article.in_force_until is None else article.in_force_until.isoformat()
    origin = _ORIGINS[article.origin]
    return f"`{card.code}`", article.reference, origin, article.in_force_from.isoformat(), until


def _who(card: RuleCard) -> tuple[str, ...]:
    route = ROUTES[card.code]
    informed = _parties(route, "inform")
    if route.town is not None:
        informed = "、".join(filter(None, (informed, "机构所在镇（街道）")))
    told = "是" if card.tells_institution else "否"
    return f"`{card.code}`", _parties(route, "lead"), _parties(route, "assist"), informed, told


def _parties(route: Route, role: Role) -> str:
    """Name who is there in a role; who leads a case is not told of it again."""
    leading = route.lead.department
    return "、".join(
        "主管部门" if party.department == COMPETENT else name_of(party.department)
        for each, party in route.parties
        if each == role and (role == "lead" or party.department != leading)
    )

"""A service's AsyncAPI document as a page for people: static, and without a word from elsewhere."""

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

_FOLDER: Final = Path(__file__).parent
_STYLE: Final = (_FOLDER / "asyncapi_page.css").read_text(encoding="utf-8")
_TEMPLATES: Final = Environment(
    loader=FileSystemLoader(_FOLDER),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_CODE: Final = re.compile(r"``(.+?)``")
_STYLE_DIGEST: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
# The page needs nothing but itself and its icon; a browser holds it to that.
POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_DIGEST}'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
ACTIONS: Final = {"send": "发送", "receive": "接收"}
NAMES: Final = {
    "CalendarYear": "年度日历",
    "AlertNotice": "预警通知",
    "AuditHeadSealed": "审计链锚点",
    "BankBatch": "银行报送批次",
    "BankBatches": "同时到达的银行报送批次",
    "ContractFiled": "合同已备案",
    "DayClosed": "账务日结",
    "InstitutionRegistered": "机构已登记",
    "InstitutionRevoked": "机构已注销",
    "InstitutionState": "机构现状",
    "LeadAcceptance": "部门受理移送",
    "LeadFeedback": "部门反馈移送",
    "LeadProgress": "移送进展",
    "LeadReturn": "部门退回移送",
    "LeadSent": "线索移送",
    "LicenceRenewed": "许可证已延续",
    "PatrolProposed": "巡查建议",
    "SchoolYear": "学年校历",
    "SessionHeld": "课次已开展",
    "UnapprovedSite": "在未经许可的地点上课",
    "SiteClosed": "校区已关闭",
    "SiteOpened": "校区已开设",
    "VisitResult": "巡查结果",
}
"""How departments call what is sent; a contract's own name stands beside it."""
_LIMITS: Final = {
    "format": "格式 {}",
    "pattern": "符合 {}",
    "minLength": "至少 {} 字",
    "maxLength": "至多 {} 字",
    "minItems": "至少 {} 项",
    "maxItems": "至多 {} 项",
    "minimum": "≥ {}",
    "exclusiveMinimum": "> {}",
    "maximum": "≤ {}",
    "exclusiveMaximum": "< {}",
}

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Type:
    """A type in words; ``schema`` is the name of the one it links to."""

    words: str
    schema: str | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a message as a row of its table."""

    name: str
    types: tuple[Type, ...]
    required: bool
    limits: tuple[str, ...]
    values: tuple[str, ...]
    description: str


@dataclass(frozen=True, slots=True)
class Schema:
    """A message's body or a part of one."""

    name: str
    called: str | None
    description: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One channel with what the service does there."""

    channel: str
    action: str
    address: str
    description: str
    payloads: tuple[str, ...]

    @property
    def called(self) -> str:
        return "、".join(NAMES.get(name, name) for name in self.payloads)


def page_of(document: Json) -> str:
    """Return the page of a document, whole: nothing of it is asked for later, but its icon."""
    operations = list(operations_of(document))
    return _TEMPLATES.get_template("asyncapi_page.html").render(
        title=document["info"]["title"],
        version=document["info"]["version"],
        asyncapi=document["asyncapi"],
        style=_STYLE,
        actions=ACTIONS,
        groups=[
            (action, [each for each in operations if each.action == action]) for action in ACTIONS
        ],
        schemas=schemas_of(document),
    )


def operations_of(document: Json) -> Iterator[Operation]:
    """Return what a service does on which channel."""
    for operation in document["operations"].values():
        channel = _name(operation["channel"])
        described = document["channels"][channel]
        messages = document["components"]["messages"]
        yield Operation(
            channel=channel,
            action=operation["action"],
            address=described["address"],
            description=described.get("description", ""),
            payloads=tuple(
                _name(messages[_name(message)]["payload"])
                for message in described["messages"].values()
            ),
        )


def schemas_of(document: Json) -> list[Schema]:
    """Return every message and part of one, messages first."""
    made = [
        Schema(
            name=name,
            called=NAMES.get(name),
            description=schema.get("description", ""),
            fields=tuple(_fields(schema)),
        )
        for name, schema in document["components"]["schemas"].items()
    ]
    return sorted(made, key=lambda schema: (schema.called is None, schema.name))


def paragraphs(text: str) -> list[Markup]:
    """Return a docstring as running text: its lines joined, its code marked, all else escaped."""
    parts = (" ".join(part.split()) for part in text.split("\n\n"))
    return [_with_code_marked(part) for part in parts if part]


def _with_code_marked(text: str) -> Markup:
    # What stands between the marks is every second piece.
    pieces = enumerate(_CODE.split(text))
    return Markup("").join(
        Markup("<code>{}</code>").format(piece) if place % 2 else escape(piece)
        for place, piece in pieces
    )


_TEMPLATES.filters["paragraphs"] = paragraphs


def _fields(schema: Json) -> Iterator[Field]:
    required = schema.get("required", ())
    for name, field in schema.get("properties", {}).items():
        # What may be absent is one of several types, and its limits are theirs.
        kinds = [field, *field.get("anyOf", ())]
        yield Field(
            name=name,
            types=tuple(_types(field)),
            required=name in required,
            limits=tuple(_limits(kinds)),
            values=tuple(str(value) for kind in kinds for value in _values(kind)),
            description=field.get("description", ""),
        )


def _types(field: Json) -> Iterator[Type]:
    if "$ref" in field:
        yield Type(_name(field), schema=_name(field))
    elif "anyOf" in field:
        for kind in field["anyOf"]:
            yield from _types(kind)
    elif field.get("type") == "array":
        for kind in _types(field.get("items", {})):
            yield Type(f"{kind.words}[]", schema=kind.schema)
    else:
        yield Type(str(field.get("type", "任意")))


def _values(kind: Json) -> list[Any]:
    return kind.get("enum") or ([kind["const"]] if "const" in kind else [])


def _limits(kinds: list[Json]) -> Iterator[str]:
    for kind in kinds:
        for key, words in _LIMITS.items():
            if key in kind:
                yield words.format(kind[key])
    if kinds[0].get("default") is not None:
        yield f"默认 {kinds[0]['default']}"
    if examples := kinds[0].get("examples"):
        yield f"如 {'、'.join(map(str, examples))}"


def _name(reference: Json) -> str:
    return str(reference["$ref"]).rsplit("/", 1)[-1]

"""Tables of a bank's events, read from the schema of the contract."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final, get_args

from pydantic import BaseModel

from deploy.bank_interface.blocks import Table
from shared.contracts.bank import IDENTITY_FIELDS, AnyBankEvent
from shared.plain_text import ONE_LINE

HEADER: Final = (
    "字段 field",
    "类型 type",
    "长度、范围 length, range",
    "必填 required",
    "示例 example",
    "含义 meaning",
)
SETTINGS: Final = (
    "字段 field",
    "类型 type",
    "长度、范围 length, range",
    "不填时 if left out",
    "含义 meaning",
)
ANSWERED: Final = ("字段 field", "类型 type", "可以没有 may be absent", "含义 meaning")
_DECLARED: Final = {f"{prefix}{name}" for prefix in ("", "reverses_") for name in IDENTITY_FIELDS}
# One character, or a class of them, and how often it stands there.
_PART: Final = re.compile(r"(?:\w|\[[^\]]*\])(?:\{(\d+)(?:,(\d+))?\})?")
_PARTS: Final = re.compile(rf"\^((?:{_PART.pattern})+)\$")
Schema = Mapping[str, Any]


def events() -> tuple[type[BaseModel], ...]:
    """Return the models of all types, in the order of the contract."""
    union, _ = get_args(AnyBankEvent)
    return get_args(union)


def type_of(model: type[BaseModel]) -> str:
    """Return the word by which an event of this model calls itself."""
    return str(get_args(model.model_fields["type"].annotation)[0])


def meaning_of(model: type[BaseModel]) -> str:
    """Return what an event of this model says, in Chinese."""
    return model.model_fields["type"].description or ""


def table_of(model: type[BaseModel]) -> Table:
    """Return the table of one type's fields: its name first, then what is required."""
    schema = model.model_json_schema()
    required = set(schema["required"])
    rows = [_row(model, name, schema["properties"][name], required) for name in _order(schema)]
    return Table(HEADER, tuple(rows))


def settings_of(model: type[BaseModel]) -> Table:
    """Return the table of what is declared once: what holds where a field is left out."""
    schema = model.model_json_schema()
    required = set(schema["required"])
    rows = []
    for name, one in schema["properties"].items():
        given = _given(one)
        left_out = "必填 required" if name in required else _left_out(one)
        rows.append((f"`{name}`", _kind(given), _bounds(given), left_out, str(one["description"])))
    return Table(SETTINGS, tuple(rows))


def answered_of(model: type[BaseModel]) -> Table:
    """Return the table of an answer's fields: what each is, and whether it may be absent."""
    schema = model.model_json_schema(mode="serialization")
    rows = [
        (
            f"`{name}`",
            _told(one),
            "是 yes" if {"type": "null"} in one.get("anyOf", ()) else "否 no",
            str(one["description"]),
        )
        for name, one in schema["properties"].items()
    ]
    return Table(ANSWERED, tuple(rows))


def _told(schema: Schema) -> str:
    """Return what kind of value an answer holds: codes are listed."""
    kinds = [kind for kind in schema.get("anyOf", [schema]) if kind.get("type") != "null"]
    words = [word for kind in kinds for word in kind.get("enum", ())]
    if words:
        return " ".join(f"`{word}`" for word in words)
    [given] = kinds
    if given.get("format") == "date-time":
        return "日期时间，UTC"
    if given.get("type") in (None, "array", "object"):
        return "列表" if given.get("type") == "array" else "对象"
    return _kind(given)


def _left_out(schema: Schema) -> str:
    default = schema["default"]
    if default is None:
        return "无 none"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def example_of(model: type[BaseModel]) -> dict[str, Any]:
    """Return an event of the examples of all its required fields."""
    schema = model.model_json_schema()
    return {name: _example(schema["properties"][name]) for name in schema["required"]}


def _order(schema: Schema) -> Iterator[str]:
    names = [name for name in schema["properties"] if name != "type"]
    yield "type"
    yield from (name for name in names if name in schema["required"])
    yield from (name for name in names if name not in schema["required"])


def _row(model: type[BaseModel], name: str, schema: Schema, required: set[str]) -> tuple[str, ...]:
    given = _given(schema)
    is_moment = model.model_fields[name].annotation is datetime
    return (
        f"`{name}`",
        "文本：日期时间" if is_moment else _kind(given),
        "2000–2100 年，须带时区" if is_moment else _bounds(given),
        _need(name, required),
        f"`{_example(schema)}`",
        str(schema["description"]),
    )


def _given(schema: Schema) -> Schema:
    """Return the schema of a value that is there: ``null`` only means an absent field."""
    kinds = [kind for kind in schema.get("anyOf", [schema]) if kind.get("type") != "null"]
    [kind] = kinds
    return dict(kind)


def _kind(schema: Schema) -> str:
    if schema.get("format") == "date":
        return "文本：日期"
    if "const" in schema or "enum" in schema:
        return "文本：代码"
    return {"string": "文本", "integer": "整数", "boolean": "是否"}[schema["type"]]


def _bounds(schema: Schema) -> str:
    if schema.get("format") == "date":
        return "10 位，2000–2100 年"
    if "const" in schema:
        return f"`{schema['const']}`"
    words = ["true", "false"] if schema["type"] == "boolean" else schema.get("enum")
    if words is not None:
        return " ".join("`TAB`" if word == "\t" else f"`{word}`" for word in words)
    if schema["type"] == "integer":
        return f"{schema['minimum']} 至 {schema['maximum']}"
    if schema.get("pattern", ONE_LINE) != ONE_LINE:
        return f"{_length(schema['pattern'])}`{schema['pattern']}`"
    one_line = "，不含控制字符" if "pattern" in schema else ""
    return f"{schema['minLength']}–{schema['maxLength']} 字{one_line}"


def _length(pattern: str) -> str:
    """Return how many characters a pattern takes, when it is a plain row of characters."""
    found = _PARTS.fullmatch(pattern)
    if found is None:
        return ""
    counts = [(int(least or 1), int(most or least or 1)) for least, most in _PART.findall(found[1])]
    least, most = (sum(ends) for ends in zip(*counts, strict=True))
    return f"{least} 位，" if least == most else f"{least}–{most} 位，"


def _need(name: str, required: set[str]) -> str:
    if name in required:
        return "是 yes"
    return "声明后必填 if declared" if name in _DECLARED else "否 no"


def _example(schema: Schema) -> str | int:
    if "const" in schema:
        return str(schema["const"])
    found: str | int = schema["examples"][0]
    return found

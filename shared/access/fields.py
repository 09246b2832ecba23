"""The second table at work: fields that are not for the caller leave the answer, in one place."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias, get_args

from pydantic import BaseModel
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.access.tokens import Caller
from shared.access.visibility import RESTRICTED, Restricted

Path: TypeAlias = tuple[str, ...]
_EACH = "*"
_REFUSALS = 300
_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in an answer a restricted field stands; ``*`` is each element of a list or mapping."""

    path: Path
    restricted: Restricted


class VisibleFields:
    """Takes out of each JSON answer what the bearer of the token may not see."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        await self._app(scope, receive, _Answer(scope, send).send)


class _Answer:
    """One answer on its way: passed on as it comes, or held until its fields are taken out."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self._start: Message | None = None
        self._hidden: list[Path] = []
        self._body = bytearray()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._hidden = _hidden_in(self._scope, message)
            if self._hidden:
                self._start = message
                return
        if self._start is None:
            await self._send(message)
            return
        self._body += message.get("body", b"")
        if not message.get("more_body", False):
            await self._send_without(self._start)

    async def _send_without(self, start: Message) -> None:
        content = json.loads(self._body)
        for path in self._hidden:
            take_out(content, path)
        body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        MutableHeaders(raw=start["headers"])["content-length"] = str(len(body))
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})


def _hidden_in(scope: Scope, start: Message) -> list[Path]:
    """Return what of this answer its caller may not see."""
    caller: Caller | None = scope.get("state", {}).get("caller")
    model = getattr(scope.get("route"), "response_model", None)
    if caller is None or model is None or start["status"] >= _REFUSALS:
        return []
    if not MutableHeaders(raw=start["headers"]).get("content-type", "").startswith(_JSON):
        return []
    return [it.path for it in places_in(model) if not it.restricted.is_seen_by(caller)]


def take_out(content: Any, path: Path) -> None:  # noqa: ANN401 - any JSON
    """Remove what stands at a path, wherever it leads; what is not there is no error."""
    name, *rest = path
    if name == _EACH:
        for each in content.values() if isinstance(content, dict) else content or ():
            take_out(each, tuple(rest))
    elif isinstance(content, dict) and not rest:
        content.pop(name, None)
    elif isinstance(content, dict) and name in content:
        take_out(content[name], tuple(rest))


@cache
def places_in(model: Any) -> tuple[Place, ...]:  # noqa: ANN401 - any annotation
    """Return every restricted field of an answer's model with its place."""
    return tuple(_walk(model, (), frozenset()))


def _walk(annotation: Any, path: Path, inside: frozenset[type]) -> Iterator[Place]:  # noqa: ANN401
    for kind, steps in _models_in(annotation):
        if kind in inside:
            continue
        for restricted in _restricted_of(kind.__name__):
            yield Place((*path, *steps, *restricted.field.split(".")), restricted)
        for name, field in kind.model_fields.items():
            yield from _walk(field.annotation, (*path, *steps, name), inside | {kind})


def _models_in(annotation: Any) -> Iterator[tuple[type[BaseModel], Path]]:  # noqa: ANN401
    """Return the models an annotation holds, through lists, mappings and alternatives."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation, ()
        return
    step = (_EACH,) if getattr(annotation, "__origin__", None) in (list, tuple, dict) else ()
    for inner in get_args(annotation):
        for kind, steps in _models_in(inner):
            yield kind, (*step, *steps)


def _restricted_of(model: str) -> Iterable[Restricted]:
    return (restricted for restricted in RESTRICTED if restricted.model == model)

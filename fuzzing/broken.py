"""A valid request broken in one place at a time, in ways that no schema thinks of."""

import copy
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import requests

from fuzzing.callers import Callers
from fuzzing.door import Door
from fuzzing.example import filled
from fuzzing.signing import STRANGER, sign
from fuzzing.story import Valid, prepared
from shared.bodies import MOST_BYTES

_UNAUTHENTICATED: Final = 401
_FORBIDDEN: Final = 403
_NOT_FOUND: Final = 404
_NOT_ALLOWED: Final = 405
_TOO_LARGE: Final = 413
_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")

_BODIES: Final = {
    "no body": b"",
    "half a document": b'{"a": [1, 2',
    "two documents": b"{}{}",
    "null": b"null",
    "a list": b"[]",
    "a text": b'"text"',
    "a number": b"18446744073709551616",
    "NaN": b"NaN",
    "NaN within": b'{"version": NaN, "events": [Infinity]}',
    "not UTF-8": b'{"reason": "\xff\xfe"}',
    "UTF-16": '{"reason": "x"}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "a lone surrogate": b'{"reason": "\\ud800", "\\udfff": 1}',
    "NUL": b'{"reason": "\\u0000", "a\\u0000": 1}\x00',
    "a thousand digits": b'{"version": ' + b"9" * 1_000 + b"}",
    "ten thousand digits": b'{"version": ' + b"9" * 10_000 + b"}",
    "an exponent": b'{"version": 1e999999}',
    "deep lists": b"[" * 50_000,
    "deep objects": b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
    "one name many times": b"{" + b",".join([b'"a": 1'] * 1_000) + b"}",
    "many names": json.dumps({f"n{n}": n for n in range(5_000)}).encode(),
}
_LEAVES: Final[tuple[object, ...]] = (
    *(2**53, 2**63, 2**64, -(2**63) - 1, 10**400, 1.5, None, True, [], {}),
    *("", "\x00", "\ud800", "a" * 100_000),
    *("0000-00-00", "9999-12-31", "9999-12-31T23:59:59.999999-23:59"),
)
_SEGMENTS: Final = (
    *("%00", "%FF", "%ED%A0%80", "%2F", "%", "%F0%9D%95%8F", "a" * 5_000),
    *("18446744073709551616", "-1", "0000-00-00", "9999-12-31"),
)
_PLACES: Final = (
    *("/nowhere", "/v1", "/v1/", "//", "/v1//alerts", "/%2e%2e/%2e%2e/etc/passwd", "/%00"),
    *("/docs/assets/nowhere", "/docs/assets/..%2f..%2fweb.py", "/docs/assets/%00", "/docs/assets/"),
    *("/v1/alerts/1/2/3/4", "/?" + "a=1&" * 2_000, "/" + "a" * 30_000, "/%FF", "/v1/\u00e4"),
)
_TYPES: Final = (
    *("", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"),
    *(
        "application/json; charset=utf-16",
        "application/json;;;",
        "\u00ff",
        "application/" + "x" * 9_000,
    ),
)
_KEYS: Final = ("", " ", "a" * 20_000, "\u00ff", "\t", "a,b")
_HEADERS: Final = (
    *(("traceparent", value) for value in ("00-x", "00-" + "f" * 32 + "-" + "f" * 16 + "-ff")),
    *(("accept", "text/html"), ("accept-encoding", "zip"), ("host", "elsewhere.invalid")),
    *(("origin", "https://elsewhere.invalid"), ("x-forwarded-for", "\u00ff" * 3)),
    *(("range", "bytes=9-1"), ("if-none-match", "*"), ("cookie", "a=" + "b" * 20_000)),
    ("expect", "200-maybe"),
)


class Breaker:
    """Breaks what one service was told, and holds each answer against what it must be."""

    def __init__(self, door: Door, callers: Callers) -> None:
        self._door = door
        self._callers = callers

    def break_operation(self, valid: Valid, document: Mapping[str, Any]) -> None:
        """Send one valid request again and again, each time broken otherwise."""
        for request in self._broken(valid, document.get("parameters", ())):
            self._door.send(valid.operation, request)
        roles = {grant["role"] for grant in document["x-roles"] if isinstance(grant, dict)}
        # A file is no JSON: its route has a limit of its own.
        if valid.body is not None and not isinstance(valid.body, bytes):
            self._send_too_much(valid)
        if roles:
            self._send_without_right(valid, roles)

    def break_paths(self, methods: dict[str, set[str]]) -> None:
        """Ask for what is not there, and what is there by methods it does not have."""
        for place in _PLACES:
            request = requests.Request("GET", self._door.url).prepare()
            request.url = self._door.url + place
            self._expect("GET (nowhere)", request, _NOT_FOUND, 307, 200)
        for template, known in methods.items():
            path = filled(template, _Anything())
            for method in _METHODS:
                if method not in known:
                    request = requests.Request(method, self._door.url + path).prepare()
                    # A neighbour with a parameter in this place may have the method.
                    self._expect(f"{method} {template}", request, _NOT_ALLOWED, _UNAUTHENTICATED)

    def break_headers(self, valid: Valid) -> None:
        """Send one valid request with headers that whatever stands before a handler may read."""
        for header, value in _HEADERS:
            request = self._prepared(valid, filled(valid.template, valid.parameters))
            request.headers[header] = value.encode("latin-1")
            self._door.send(valid.operation, request)

    def _broken(
        self, valid: Valid, parameters: Iterable[Mapping[str, Any]]
    ) -> Iterator[requests.PreparedRequest]:
        path = filled(valid.template, valid.parameters)
        for name in valid.parameters:
            yield from self._with_segments(valid, name)
        for parameter in parameters:
            if parameter["in"] == "query":
                yield from self._with_queries(valid, path, parameter["name"])
            elif parameter["name"] == "idempotency-key":
                yield from self._with_keys(valid, path)
        if valid.body is not None:
            yield from self._with_bodies(valid, path)

    def _with_segments(self, valid: Valid, name: str) -> Iterator[requests.PreparedRequest]:
        others = filled(valid.template, {**valid.parameters, name: "BROKEN"})
        for segment in _SEGMENTS:
            request = self._prepared(valid, others)
            request.url = str(request.url).replace("BROKEN", segment)
            yield request

    def _with_queries(
        self, valid: Valid, path: str, name: str
    ) -> Iterator[requests.PreparedRequest]:
        for segment in _SEGMENTS:
            request = self._prepared(valid, path)
            address, _, _ = str(request.url).partition("?")
            request.url = f"{address}?{name}={segment}&{name}={segment}"
            yield request

    def _with_keys(self, valid: Valid, path: str) -> Iterator[requests.PreparedRequest]:
        for key in _KEYS:
            request = self._prepared(valid, path)
            request.headers["Idempotency-Key"] = key.encode("latin-1")
            yield request

    def _with_bodies(self, valid: Valid, path: str) -> Iterator[requests.PreparedRequest]:
        for body in (*_BODIES.values(), *_with_leaves(valid.body)):
            yield self._prepared(valid, path, body)
        for media in _TYPES:
            request = self._prepared(valid, path)
            request.headers["Content-Type"] = media.encode("latin-1")
            yield request

    def _send_too_much(self, valid: Valid) -> None:
        path = filled(valid.template, valid.parameters)
        body = b'{"a": "' + b"a" * (MOST_BYTES + 1) + b'"}'
        self._expect(valid.operation, self._prepared(valid, path, body), _TOO_LARGE)

    def _send_without_right(self, valid: Valid, roles: set[str]) -> None:
        path = filled(valid.template, valid.parameters)
        for authorization in self._callers.refused().values():
            request = prepared(self._door, valid, path)
            request.headers.pop("Authorization", None)
            if authorization is not None:
                request.headers["Authorization"] = authorization.encode("latin-1")
            self._expect(valid.operation, request, _UNAUTHENTICATED)
        for role in {"bank", "bank_admin", "institution", "platform", "admin"} - roles:
            request = prepared(self._door, valid, path)
            request.headers["Authorization"] = f"Bearer {self._callers.token({'role': role})}"
            self._expect(valid.operation, request, _FORBIDDEN)

    def _prepared(
        self, valid: Valid, path: str, body: bytes | None = None
    ) -> requests.PreparedRequest:
        """Return the request to be broken; what cannot be signed goes to a sender unknown."""
        request = prepared(self._door, valid, path, body)
        if valid.secret is not None and not sign(request, valid.secret):
            stranger = dict.fromkeys(valid.parameters, STRANGER)
            request.url = self._door.url + filled(valid.template, stranger)
        return request

    def _expect(self, operation: str, request: requests.PreparedRequest, *statuses: int) -> None:
        answer = self._door.send(operation, request)
        if answer is not None and answer.status_code not in statuses:
            wanted = " or ".join(map(str, statuses))
            self._door.record.add(
                operation, f"answered {answer.status_code} instead of {wanted}", answer
            )


class _Anything(dict[str, str]):
    """Has a value for each parameter of a path."""

    def __missing__(self, name: str) -> str:
        return "anything"


def _with_leaves(body: object) -> Iterator[bytes]:
    """Return a body with each of its values replaced by each of those that break things."""
    for place in _places(body):
        for leaf in _LEAVES:
            broken = copy.deepcopy(body)
            _put(broken, place, leaf)
            yield json.dumps(broken).encode()


def _places(value: object, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner: list[tuple[Any, object]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value[:1]))
    for key, one in inner:
        yield (*place, key)
        yield from _places(one, (*place, key))


def _put(body: Any, place: tuple[Any, ...], leaf: object) -> None:  # noqa: ANN401 - any JSON
    for key in place[:-1]:
        body = body[key]
    body[place[-1]] = leaf

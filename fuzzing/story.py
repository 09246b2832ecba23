"""Tell the examples of a service in their order: each operation is used as it is meant to be."""

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import requests

from fuzzing.callers import Callers, own_institution
from fuzzing.door import Door
from fuzzing.example import Example, Known, picked
from fuzzing.signing import sign

_PATIENCE_SECONDS: Final = 30.0
_PAUSE_SECONDS: Final = 0.1
_GOOD: Final = range(200, 300)


@dataclass(frozen=True, slots=True, kw_only=True)
class Valid:
    """A request that was answered well, in parts that can be broken one by one."""

    method: str
    template: str
    parameters: Mapping[str, str]
    query: Mapping[str, Any]
    body: object | None
    authorization: str | None
    secret: str | None
    """What signs it, where its door is a signature."""

    @property
    def operation(self) -> str:
        return f"{self.method} {self.template}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """Sends examples to one service and remembers what it learns."""

    door: Door
    callers: Callers
    known: Known

    def tell(self, examples: Iterable[Example]) -> dict[str, Valid]:
        """Send each example and return those that were answered well, by operation."""
        return {
            example.operation: valid
            for example in examples
            if (valid := self._tell(example)) is not None
        }

    def _tell(self, example: Example) -> Valid | None:
        try:
            valid, path = self._valid(example), example.path(self.known)
        except KeyError:
            # What came before went wrong; this one is not reached either, which is reported.
            return None
        deadline = time.monotonic() + (_PATIENCE_SECONDS if example.patient else 0)
        while True:
            answer = self.door.send(example.operation, prepared(self.door, valid, path))
            if answer is not None and self._learns(example, answer):
                return valid
            if time.monotonic() >= deadline:
                return None
            time.sleep(_PAUSE_SECONDS)

    def _valid(self, example: Example) -> Valid:
        return Valid(
            method=example.method,
            template=example.template,
            parameters=example.parameters(self.known),
            query=example.query(self.known) if example.query else {},
            body=example.body(self.known) if example.body else None,
            authorization=self._authorization(example),
            secret=self.known["secret"] if example.by == "signed" else None,
        )

    def _authorization(self, example: Example) -> str | None:
        if example.by is None or example.by == "signed":
            return None
        claims = own_institution(self.known) if isinstance(example.by, str) else example.by
        return f"Bearer {self.callers.token(claims)}"

    def _learns(self, example: Example, answer: requests.Response) -> bool:
        if answer.status_code not in _GOOD:
            return False
        try:
            found = {name: picked(answer.json(), place) for place, name in example.keeps.items()}
        except (LookupError, ValueError):
            return False
        self.known.update(found)
        return True


def prepared(
    door: Door, valid: Valid, path: str, body: bytes | None = None
) -> requests.PreparedRequest:
    """Return a valid request ready to be sent, signed or with its bearer."""
    headers = {}
    if body is None and isinstance(valid.body, bytes):
        body = valid.body
    elif body is None and valid.body is not None:
        body = json.dumps(valid.body, ensure_ascii=False).encode()
    if body is not None:
        headers["Content-Type"] = "application/json"
    if valid.authorization is not None:
        headers["Authorization"] = valid.authorization
    request = requests.Request(
        valid.method, door.url + path, headers=headers, params=valid.query, data=body
    ).prepare()
    if valid.secret is not None:
        sign(request, valid.secret)
    return request

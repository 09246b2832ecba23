"""Requests that schemathesis makes of a service's own document: valid, invalid and at the edges."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import hypothesis
import requests
import schemathesis
from hypothesis.errors import HypothesisException
from hypothesis.strategies import SearchStrategy
from schemathesis import Case, GenerationMode
from schemathesis.config import GenerationConfig
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Err
from schemathesis.schemas import APIOperation, BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from fuzzing.callers import Callers
from fuzzing.door import Door
from fuzzing.example import filled
from fuzzing.signing import STRANGER, sign
from fuzzing.story import Valid

_CHECKS: Final = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
Operation = APIOperation[Any, Any, Any, Any]
Generated = Case[Any]


@schemathesis.serializer("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
def _as_it_is(_: object, value: object) -> bytes:
    """Send a spreadsheet's bytes: schemathesis knows no more of what they are than we do."""
    return value if isinstance(value, bytes) else str(value).encode()


def schema_of(url: str) -> BaseSchema:
    """Return a running service's own document."""
    return schemathesis.openapi.from_url(f"{url}/openapi.json", wait_for_schema=10)


def operations_of(schema: BaseSchema) -> dict[str, Operation]:
    """Return every operation of a document by its name."""
    found: dict[str, Operation] = {}
    for result in schema.get_all_operations():
        if isinstance(result, Err):
            raise result.err()
        operation = result.ok()
        found[operation.label] = operation
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Generator:
    """Sends generated cases to one service."""

    door: Door
    callers: Callers

    def cover(self, operation: Operation, valid: Valid, *, most: int | None) -> None:
        """Send the cases at the edges of every parameter and field, each of them once."""
        turns = self.callers.turns(operation.definition.raw)
        cases = operation.schema.iter_coverage_cases(
            operation,
            generation_modes=list(GenerationMode),
            generation_config=GenerationConfig(),
        )
        for case in islice(cases, most):
            self._send(case, valid, next(turns))

    def explore(self, operation: Operation, valid: Valid, *, seed: int, examples: int) -> None:
        """Send so many random cases of each kind: valid or not, about known things or not."""
        turns = self.callers.turns(operation.definition.raw)
        for strategy in _strategies(operation, valid):
            _run(
                strategy,
                lambda case: self._send(case, valid, next(turns)),
                seed=seed,
                examples=examples,
            )

    def _send(self, case: Generated, valid: Valid, authorization: str | None) -> None:
        request = self._prepared(case)
        if request is None:
            return
        if valid.secret is not None:
            self._sign(request, valid, valid.secret)
        elif authorization is not None:
            request.headers["Authorization"] = authorization.encode("latin-1")
        answer = self.door.send(valid.operation, request)
        if answer is None:
            return
        try:
            case.validate_response(answer, checks=_CHECKS)
        except FailureGroup as failed:
            for failure in failed.exceptions:
                what = f"{failure.title}: {failure.message[:300]}"
                self.door.record.add(valid.operation, what, answer)

    def _prepared(self, case: Generated) -> requests.PreparedRequest | None:
        """Return a case as a request; nothing where HTTP itself has no place for it."""
        told = case.as_transport_kwargs(base_url=self.door.url)
        fields = ("method", "url", "headers", "params", "data", "json", "files", "cookies")
        try:
            return requests.Request(
                **{name: told[name] for name in fields if name in told}
            ).prepare()
        except (requests.RequestException, ValueError):
            return None

    def _sign(self, request: requests.PreparedRequest, valid: Valid, secret: str) -> None:
        """Sign what goes to the known sender's door; strangers' requests stay as they are."""
        own = self.door.url + filled(valid.template, valid.parameters)
        if str(request.url).partition("?")[0] != own:
            return
        if sign(request, secret):
            return
        stranger = dict.fromkeys(valid.parameters, STRANGER)
        request.url = self.door.url + filled(valid.template, stranger)


def _strategies(operation: Operation, valid: Valid) -> Iterator[SearchStrategy[Generated]]:
    for mode in GenerationMode:
        yield operation.as_strategy(generation_mode=mode)
        if valid.parameters:
            yield operation.as_strategy(
                generation_mode=mode, path_parameters=dict(valid.parameters)
            )


def _run(
    strategy: SearchStrategy[Generated],
    send: Callable[[Generated], None],
    *,
    seed: int,
    examples: int,
) -> None:
    """Draw cases and send them; nothing is shrunk, a finding carries its whole request."""

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(case=strategy)
    def each(case: Generated) -> None:
        send(case)

    try:
        each()
    except HypothesisException:
        # Nothing of an operation without parameters can be made invalid.
        return

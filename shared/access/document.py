"""What both tables say, in the OpenAPI document: who may ask, with which scope, who sees what."""

from collections.abc import Callable
from typing import Any, Final

from fastapi import FastAPI

from shared import problem
from shared.access.grants import Grant, Row
from shared.access.scopes import SCOPES
from shared.access.table import rows_of
from shared.access.visibility import RESTRICTED, Restricted
from shared.errors import Forbidden, TooManyRequests, Unauthenticated

_SCHEMES: Final = {
    "HTTPBearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "JWT of the city's issuer",
    },
    "StandardWebhooks": {
        "type": "apiKey",
        "in": "header",
        "name": "webhook-signature",
        "description": "Standard Webhooks: webhook-id, webhook-timestamp, webhook-signature",
    },
}
_SECURITY: Final[dict[str, list[dict[str, list[str]]]]] = {
    "token": [{"HTTPBearer": []}],
    "signature": [{"StandardWebhooks": []}],
    "public": [],
}
_REFUSALS: Final = {
    "token": problem.responses(Unauthenticated, Forbidden, TooManyRequests),
    "signature": problem.responses(TooManyRequests),
    "public": {},
}


def document_access(app: FastAPI, service: str) -> None:
    """State on operations and fields of the document what the tables hold."""
    given: Callable[[], dict[str, Any]] = app.openapi
    rows = rows_of(service)

    def openapi() -> dict[str, Any]:
        document = given()
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                if (row := rows.get((method.upper(), path))) is not None:
                    _describe(operation, row)
        components = document.setdefault("components", {})
        components["securitySchemes"] = _SCHEMES
        for restricted in RESTRICTED:
            _mark(components.get("schemas", {}), restricted)
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own way to extend it


def _describe(operation: dict[str, Any], row: Row) -> None:
    operation["security"] = _SECURITY[row.door]
    operation["x-roles"] = [_grant(grant) for grant in row.grants] or [row.door]
    if row.scope is not None:
        operation["x-scope"] = {"name": row.scope, "description": SCOPES[row.scope]}
    for status, answer in _REFUSALS[row.door].items():
        operation["responses"].setdefault(str(status), answer)


def _grant(grant: Grant) -> dict[str, Any]:
    said: dict[str, Any] = {"role": grant.role, "bound": grant.bound}
    return said | ({"departments": list(grant.departments)} if grant.departments else {})


def _mark(schemas: dict[str, Any], restricted: Restricted) -> None:
    schema = schemas.get(restricted.model)
    if schema is not None:
        _mark_in(schema, restricted)


def _mark_in(schema: dict[str, Any], restricted: Restricted) -> None:
    name, _, key = restricted.field.partition(".")
    field = schema.get("properties", {}).get(name)
    if field is None:
        return
    readers: dict[str, Any] = {"seen_by": list(restricted.seen_by)}
    if restricted.but_not:
        readers["but_not"] = list(restricted.but_not)
    if key:
        field.setdefault("x-visible-keys", {})[key] = readers
    else:
        field["x-visible-to"] = readers
        # What may be absent is not promised.
        required: list[str] = schema.get("required", [])
        if name in required:
            required.remove(name)

"""The table at work: before a handler runs, the row of its route is held against the caller."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends, FastAPI, Request
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import BaseRoute, Mount

from shared.access.grants import Grant, Row
from shared.access.revocation import Revocations
from shared.access.table import rows_of
from shared.access.throttle import Throttle
from shared.access.tokens import Caller, Verifier
from shared.duties.departments import is_known
from shared.errors import Forbidden, Unauthenticated
from shared.senders.route import SignedRoute

Rows = Mapping[tuple[str, str], Row]

_BEARER = "bearer "
_CLAIMS = {"own institution": "institution", "own bank": "bank", "own platform": "platform"}
_PARAMETERS = {"own institution": "institution_id", "own bank": "bank", "own platform": "platform"}
_NOT_YOURS = {
    "own institution": "培训机构只能查询自己的登记信息",
    "own bank": "银行只能查询自己的记录",
    "own platform": "平台只能查询自己的记录",
}


class RouteWithoutRow(Exception):
    """An application has a route that the table of access does not know: it may not start."""


async def enforce(request: Request) -> None:
    """Let a request pass to its handler only as the row of its route says."""
    row = _row_of(request)
    if row is None:
        raise Forbidden("此地址未列入权限表，不对任何人开放")
    if row.door == "token":
        caller = await _bearer_of(request)
        request.state.caller = caller
        throttle: Throttle = request.app.state.throttle
        throttle.subject(caller.subject)
        revocations: Revocations = request.app.state.revocations
        await revocations.refuse_revoked(caller)
        admit(caller, row, request.path_params)


async def caller(request: Request) -> Caller:
    """Return who asks, as the table let them in."""
    found: Caller | None = getattr(request.state, "caller", None)
    return found or await _bearer_of(request)


CallerDep = Annotated[Caller, Depends(caller)]


def admit(caller: Caller, row: Row, parameters: Mapping[str, str]) -> None:
    """Refuse a caller whom the row does not name, or not for what the path names."""
    grants = [grant for grant in row.grants if grant.role == caller.role]
    if not grants:
        roles = "、".join(dict.fromkeys(grant.role for grant in row.grants))
        raise Forbidden(f"此操作仅限以下角色：{roles}")
    for grant in grants:
        _hold(caller, grant, parameters)
    if row.scope is not None and row.scope not in caller.scopes:
        raise Forbidden(f"令牌不含此操作所需的权限 {row.scope}")


def missing_rows(app: FastAPI, service: str) -> list[str]:
    """Return the routes of an application that no row covers."""
    rows = rows_of(service)
    return [
        f"{method} {path}"
        for method, path, route in routes_of(app)
        if (row := rows.get((method, path))) is None
        # A dependency guards FastAPI's own routes only: pages and files beside them are open.
        or (row.door != "public" and not isinstance(route, APIRoute))
        # Nor does it guard what is called without any.
        or (row.door != "signature" and isinstance(route, SignedRoute))
    ]


def check_rows(app: FastAPI, service: str) -> None:
    """Refuse to start an application that has a route without a row."""
    if missing := missing_rows(app, service):
        raise RouteWithoutRow(f"以下地址未列入权限表：{'、'.join(missing)}")


def routes_of(app: FastAPI) -> list[tuple[str, str, BaseRoute]]:
    """Return every route of an application: method, path and the route itself."""
    found: list[tuple[str, str, BaseRoute]] = []
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        path = context.path or ""
        if isinstance(route, Mount):
            found.append(("GET", f"{path}/*", route))
        else:
            methods = (context.methods or {"GET"}) - {"HEAD"}
            found += [(method, path, route) for method in sorted(methods)]
    return found


def _row_of(request: Request) -> Row | None:
    # Routers are included without a further prefix: a route's own path is the whole of it. One
    # that is not so has no row, and the application does not start.
    rows: Rows = request.app.state.access_rows
    return rows.get((request.method, request.scope["route"].path_format))


async def _bearer_of(request: Request) -> Caller:
    given = request.headers.get("authorization", "")
    if given[: len(_BEARER)].lower() != _BEARER:
        raise Unauthenticated("缺少 Bearer 令牌")
    verifier: Verifier = request.app.state.verifier
    return await verifier.caller_of(given[len(_BEARER) :].strip())


def _hold(caller: Caller, grant: Grant, parameters: Mapping[str, str]) -> None:
    if grant.bound in ("own office", "named office"):
        _hold_office(caller, grant, parameters)
    elif grant.bound != "any":
        own = getattr(caller, _CLAIMS[grant.bound])
        named = parameters.get(_PARAMETERS[grant.bound], own)
        if own is None or named != own:
            raise Forbidden(_NOT_YOURS[grant.bound])


def _hold_office(caller: Caller, grant: Grant, parameters: Mapping[str, str]) -> None:
    if caller.office is None or not is_known(caller.office):
        raise Forbidden("令牌未写明所在部门或镇（街道）")
    named = parameters["department"] if grant.bound == "named office" else caller.office
    if named != caller.office:
        raise Forbidden("只能办理本部门（镇、街道）的事项")
    if grant.departments and caller.office not in grant.departments:
        raise Forbidden("此操作不属于您所在部门的职责")

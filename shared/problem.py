"""Errors on the wire: RFC 9457, one media type, one shape, one place."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, ValidationError
from pymongo.errors import PyMongoError
from starlette.exceptions import HTTPException

from shared import errors
from shared.errors import Refusal
from shared.logs import log
from shared.mongo import unreachable
from shared.plain_text import ONE_LINE, PERHAPS_ONE_LINE

MEDIA_TYPE = "application/problem+json"

_STATUS: dict[type[Refusal], HTTPStatus] = {
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.Rejected: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.Malformed: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.Forbidden: HTTPStatus.FORBIDDEN,
    errors.Unauthenticated: HTTPStatus.UNAUTHORIZED,
    errors.TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.TooSlow: HTTPStatus.REQUEST_TIMEOUT,
    errors.TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
PLAIN_TITLES = {
    404: ("no-such-page", "没有这个地址"),
    413: (errors.TooLarge.code, errors.TooLarge.title),
    405: ("method-not-allowed", "此地址不支持该方法"),
}
# pydantic's kinds of error, in the words a bank or a department reads: all that fields here can
# raise. A kind that is not among them keeps pydantic's own words.
FIELD_WORDS = {
    "missing": "缺少必填字段",
    "extra_forbidden": "不接受的字段",
    "int_type": "必须是整数",
    "string_type": "必须是文本",
    "string_too_long": "文本过长，最多 {max_length} 个字符",
    "string_too_short": "文本过短，至少 {min_length} 个字符",
    "string_pattern_mismatch": "不符合格式 {pattern}",
    "greater_than": "必须大于 {gt}",
    "greater_than_equal": "不得小于 {ge}",
    "less_than": "必须小于 {lt}",
    "less_than_equal": "不得大于 {le}",
    "literal_error": "只能是 {expected}",
    "enum": "只能是 {expected}",
    "union_tag_invalid": "未知的类型，只能是 {expected_tags}",
    "union_tag_not_found": "缺少必填字段 type",
    "model_attributes_type": "必须是 JSON 对象",
    "value_error": "{error}",
    "too_long": "项数过多，最多 {max_length} 项",
    "too_short": "项数过少，至少 {min_length} 项",
    **dict.fromkeys(("int_parsing", "int_parsing_size", "int_from_float"), "必须是整数"),
    **dict.fromkeys(("float_type", "float_parsing", "finite_number"), "必须是数字"),
    **dict.fromkeys(("decimal_type", "decimal_parsing"), "必须是数字"),
    "decimal_max_places": "小数最多 {decimal_places} 位",
    "decimal_max_digits": "数字过长，最多 {max_digits} 位",
    "decimal_whole_digits": "整数部分最多 {whole_digits} 位",
    **dict.fromkeys(("bool_type", "bool_parsing"), "只能是 true 或 false"),
    **dict.fromkeys(
        ("date_type", "date_parsing", "date_from_datetime_parsing", "date_from_datetime_inexact"),
        "不是有效的日期",
    ),
    **dict.fromkeys(
        ("datetime_type", "datetime_parsing", "datetime_from_date_parsing"),
        "不是有效的 ISO 8601 时间",
    ),
    "timezone_aware": "时间必须带时区，如 +08:00",
    **dict.fromkeys(("list_type", "tuple_type", "set_type", "frozen_set_type"), "必须是 JSON 数组"),
    **dict.fromkeys(("dict_type", "model_type", "dataclass_type"), "必须是 JSON 对象"),
    "string_unicode": "不是有效的文本（UTF-8）",
}
# What pydantic puts between the last two of several values.
_OR = " or "
_MOST_ERRORS = 20
_NO_JSON = "请求体不是有效的 JSON（UTF-8）"


class FieldError(BaseModel):
    """One field that breaks one rule."""

    pointer: str
    detail: str


class Problem(BaseModel):
    """The body of every answer that is not 2xx."""

    type: str
    title: str
    status: int
    detail: str | None = None
    instance: str | None = None
    errors: list[FieldError] = Field(default_factory=list)
    counts: dict[str, int] = Field(default_factory=dict)


_COMPONENTS = "#/components/schemas/"
_SCHEMA = {"$ref": f"{_COMPONENTS}{Problem.__name__}"}


def status_of(error: type[Refusal]) -> HTTPStatus:
    """Return the status of a kind of refusal."""
    return next(status for kind, status in _STATUS.items() if issubclass(error, kind))


def problem_of(error: Refusal) -> Problem:
    """Return the problem document of a refusal."""
    return Problem(
        type=f"urn:haining:problem:{error.code}",
        title=error.title,
        status=status_of(type(error)),
        detail=str(error) or None,
        errors=[FieldError(pointer=pointer, detail=detail) for pointer, detail in error.fields],
        counts=error.counts,
    )


def field_errors(found: list[Any], *, skip: int = 0) -> list[FieldError]:
    """Return pydantic's errors as pointers and Chinese sentences, never with the input's value."""
    return [
        FieldError(
            pointer="/" + "/".join(str(part)[:64] for part in error["loc"][skip:]),
            detail=_detail(error),
        )
        for error in found[:_MOST_ERRORS]
    ]


def _detail(error: Any) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    words = FIELD_WORDS.get(error["type"])
    if words is None:
        return str(error["msg"])
    told = dict(error.get("ctx", {}))
    if "expected" in told:
        told["expected"] = told["expected"].replace(", ", "、").replace(_OR, "、")
    if told.get("pattern") in (ONE_LINE, PERHAPS_ONE_LINE):
        return "不符合格式：须为一行文字，不得含换行等控制字符"
    return words.format(**told)


def invalid(found: list[Any], *, skip: int = 0) -> Problem:
    """Return the problem document of a body that breaks its schema."""
    return Problem(
        type=f"urn:haining:problem:{errors.Malformed.code}",
        title=errors.Malformed.title,
        status=422,
        errors=field_errors(found, skip=skip),
    )


def responses(*refusals: type[Refusal]) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI ``responses=`` for the refusals a route can give."""
    found: dict[int | str, dict[str, Any]] = {}
    for refusal in refusals:
        found.setdefault(
            int(status_of(refusal)),
            {"description": refusal.title, "content": {MEDIA_TYPE: {"schema": _SCHEMA}}},
        )
    return found


def _answer(
    request: Request, problem: Problem, headers: dict[str, str] | None = None
) -> JSONResponse:
    body = problem.model_copy(update={"instance": request.url.path})
    return JSONResponse(
        body.model_dump(exclude_none=True, exclude_defaults=True),
        problem.status,
        headers=headers,
        media_type=MEDIA_TYPE,
    )


async def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refusal)  # noqa: S101 - registered for this class only
    wait = getattr(error, "retry_after_seconds", None)
    headers = {} if wait is None else {"Retry-After": str(wait)}
    if isinstance(error, errors.Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    return _answer(request, problem_of(error), headers)


async def _malformed(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError | ValidationError)  # noqa: S101 - as above
    found = list(error.errors())
    if found and found[0]["type"] == "json_invalid":
        # The framework points at a character of the body, which is no field of it.
        place = int(found[0]["loc"][-1]) + 1
        return await _refused(request, errors.Malformed(f"{_NO_JSON}，第{place}个字符处有误"))
    return _answer(request, invalid(found, skip=1))


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - as above
    status = HTTPStatus(error.status_code)
    if status is HTTPStatus.BAD_REQUEST:
        # What the framework says of a body that is no text at all.
        return await _refused(request, errors.Malformed(_NO_JSON))
    code, title = PLAIN_TITLES.get(status, ("about:blank", status.phrase))
    kind = code if code == "about:blank" else f"urn:haining:problem:{code}"
    headers = dict(error.headers or {})
    return _answer(request, Problem(type=kind, title=title, status=status), headers)


async def _store_error(request: Request, error: Exception) -> JSONResponse:
    if unreachable(error):
        log.warning("http.store_unreachable", path=request.url.path, error=type(error).__name__)
        return await _refused(request, errors.Unavailable("数据库暂时无法访问"))
    return await _crashed(request, error)


async def _crashed(request: Request, error: Exception) -> JSONResponse:
    log.error("http.crashed", path=request.url.path, exc_info=error)
    return _answer(request, Problem(type="about:blank", title="内部错误", status=500))


def install(app: FastAPI) -> None:
    """Answer every refusal, every malformed request and every crash as a problem document."""
    _document(app)
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(PyMongoError, _store_error)
    app.add_exception_handler(Exception, _crashed)


def _document(app: FastAPI) -> None:
    """Put the schema of problems into the document once; every answer refers to it."""
    given: Callable[[], dict[str, Any]] = app.openapi
    schema = Problem.model_json_schema(ref_template=f"{_COMPONENTS}{{model}}")
    schemas = {**schema.pop("$defs"), Problem.__name__: schema}

    def openapi() -> dict[str, Any]:
        document = given()
        held = document.setdefault("components", {}).setdefault("schemas", {})
        for name, component in schemas.items():
            held.setdefault(name, component)
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own way to extend it

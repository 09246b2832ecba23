"""Check a bank's events one by one: what the schema and the bank's declaration say of each."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import TypeAdapter, ValidationError

from services.fund_monitor.domain.banks.identity import identity_of
from shared.contracts.bank import (
    EVENT_ADAPTER,
    EVENT_FIELDS,
    AcceptedEvent,
    AnyBankEvent,
    BankEvent,
    MoneyEvent,
    RefusedEvent,
    without_nulls,
)
from shared.problem import FieldError, Problem, invalid

MOST_AHEAD = timedelta(minutes=5)
_MOST_NAMES = 20
# Made once: ``json.dumps`` makes one for every event.
_TEXT = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))
_LONGEST_TEXT = 64


@dataclass(frozen=True, slots=True)
class Checked:
    """One event of a request, either accepted with its identity or refused with its problem."""

    index: int
    serial_no: str | None
    account_no: str | None
    accepted: AcceptedEvent | None = None
    identity: str | None = None
    refused: RefusedEvent | None = None
    problem: Problem | None = None


def check_events(
    events: Sequence[object], *, bank: str, declared: Sequence[str], now: datetime
) -> list[Checked]:
    """Check each event of a request for itself."""
    return [
        _check(index, event, bank=bank, declared=declared, now=now)
        for index, event in enumerate(events)
    ]


def digest_of(body: Mapping[str, object]) -> str:
    """Return the digest of a validated event, in which two deliveries of one event agree."""
    compared = {name: value for name, value in body.items() if name != "feed_no"}
    return _sha256(compared)


def _check(
    index: int, event: object, *, bank: str, declared: Sequence[str], now: datetime
) -> Checked:
    given = without_nulls(event) if isinstance(event, dict) else {}
    try:
        parsed = EVENT_ADAPTER.validate_python(given if isinstance(event, dict) else event)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=True)
        return _refused(index, event, given, invalid(_without_tag(found)))
    missing = _missing(parsed, declared=declared, now=now)
    if missing:
        problem = Problem(
            type="urn:haining:problem:invalid-request",
            title="请求格式有误",
            status=422,
            errors=missing,
        )
        return _refused(index, event, given, problem)
    body = parsed.model_dump(mode="json", exclude_none=True)
    return Checked(
        index,
        parsed.serial_no,
        parsed.account_no,
        accepted=AcceptedEvent(digest=digest_of(body), event=body),
        identity=identity_of(bank, body, declared=declared),
    )


def _without_tag(found: Sequence[object]) -> list[object]:
    """Drop the event's type from the places of errors: a bank knows its fields, not our union."""
    for error in found:
        if isinstance(error, dict) and not error["type"].startswith("union_tag"):
            error["loc"] = tuple(error["loc"][1:])
    return list(found)


def _missing(event: AnyBankEvent, *, declared: Sequence[str], now: datetime) -> list[FieldError]:
    """Return what only the bank's declaration and the clock can find."""
    prefixes = ("", "reverses_") if event.type == "reversal" else ("",)
    found = [
        FieldError(pointer=f"/{prefix}{name}", detail="该银行已声明此字段为交易标识，必须填写")
        for prefix in prefixes
        for name in declared
        if getattr(event, f"{prefix}{name}") is None
    ]
    if event.occurred_at > now + MOST_AHEAD:
        found.append(FieldError(pointer="/occurred_at", detail="发生时间最多可比服务时钟晚5分钟"))
    return found


def _refused(index: int, event: object, given: Mapping[str, object], problem: Problem) -> Checked:
    known = _passed(given)
    serial_no, account_no = (known.get(name) for name in ("serial_no", "account_no"))
    unknown = sorted(str(name)[:_LONGEST_TEXT] for name in given if name not in EVENT_FIELDS)
    refused = RefusedEvent(
        index=index,
        digest=_sha256(event),
        problems=[error.model_dump() for error in problem.errors],
        known=known,
        unknown_fields=unknown[:_MOST_NAMES],
    )
    return Checked(
        index,
        str(serial_no) if serial_no is not None else None,
        str(account_no) if account_no is not None else None,
        refused=refused,
        problem=problem,
    )


_MODELS: tuple[type[BankEvent], ...] = (
    *BankEvent.__subclasses__(),
    *MoneyEvent.__subclasses__(),
)
_FIELD_ADAPTERS: dict[str, TypeAdapter[object]] = {
    name: TypeAdapter(field.rebuild_annotation())
    for model in _MODELS
    for name, field in model.model_fields.items()
    if name != "type"
}


def _passed(given: Mapping[str, object]) -> dict[str, object]:
    """Return the known fields that pass for themselves: nothing else of a refused event travels."""
    passed: dict[str, object] = {}
    for name, value in given.items():
        adapter = _FIELD_ADAPTERS.get(name)
        if adapter is None:
            continue
        try:
            passed[name] = adapter.dump_python(adapter.validate_python(value), mode="json")
        except ValidationError:
            continue
    return passed


def _sha256(value: object) -> str:
    return "sha256:" + hashlib.sha256(_TEXT.encode(value).encode()).hexdigest()

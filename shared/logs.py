"""Structured log lines: JSON on standard error, with what must not be read masked."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog
from opentelemetry.trace import get_current_span

log = structlog.stdlib.get_logger()

_SECRET_KEYS = re.compile(
    r"account_no|account_name|student_ref|token|secret|password|seed|authorization|signature",
    re.IGNORECASE,
)
# A Chinese character beside a number is a word character too, so ``\b`` would not part them.
_SECRET_TEXT = re.compile(
    r"(whsec_|(?i:stu_)|eyJ)[0-9A-Za-z_\-+/=.]{8,}|(?<![0-9A-Za-z])\d{12,30}(?![0-9A-Za-z])"
)


def _mask(_logger: object, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    masked: MutableMapping[str, Any] = _masked(event)
    return masked


def masked_text(text: str) -> str:
    """Return a text as it may be read."""
    return _SECRET_TEXT.sub("***", text)


def _masked(value: Any) -> Any:  # noqa: ANN401 - whatever is logged
    """Return a value as it may be read: fields of telling names and telling texts are gone."""
    if isinstance(value, Mapping):
        return {
            _masked(str(key)): "***" if _SECRET_KEYS.search(str(key)) else _masked(one)
            for key, one in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(one) for one in value]
    if value is None or isinstance(value, bool | float):
        return value
    text = value if isinstance(value, str) else repr(value)
    masked = _SECRET_TEXT.sub("***", text)
    return value if isinstance(value, int) and masked == text else masked


def _place(
    _logger: object, _name: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Say in which span a line was written. After masking: an id may look like a number."""
    context = get_current_span().get_span_context()
    if context.is_valid:
        event["trace_id"] = f"{context.trace_id:032x}"
        event["span_id"] = f"{context.span_id:016x}"
    return event


def configure(service: str, *, level: str = "INFO") -> None:
    """Send this process's log lines to standard error, as JSON, masked."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _mask,
            _place,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level.upper()]
        ),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, force=True)

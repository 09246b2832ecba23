"""Structured log lines: JSON on standard error, with what must not be read masked."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

log = structlog.stdlib.get_logger()

_SECRET_KEYS = re.compile(
    r"account_no|account_name|student_ref|token|secret|password|seed|authorization|signature",
    re.IGNORECASE,
)
_SECRET_TEXT = re.compile(r"(whsec_|stu_|eyJ)[0-9A-Za-z_\-+/=.]{8,}|\b\d{12,30}\b")


def _mask(_logger: object, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if _SECRET_KEYS.search(key):
            event[key] = "***"
        elif isinstance(value, str):
            event[key] = _SECRET_TEXT.sub("***", value)
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

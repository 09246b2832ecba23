"""Subscribers continue the trace of what they receive."""

from collections.abc import Awaitable, Callable
from typing import Any

from faststream import BaseMiddleware, ContextRepo
from faststream.message import StreamMessage
from faststream.nats.response import NatsPublishCommand
from opentelemetry.trace import SpanKind, Tracer

from shared.telemetry.carried import continued, header_of


class Continuing:
    """A middleware that handles each message in a span, named by its subject without the id.

    FastStream's own one names spans by the whole subject, and there would be as many names as
    institutions.
    """

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer

    def __call__(
        self, msg: object, /, *, context: ContextRepo
    ) -> BaseMiddleware[NatsPublishCommand, Any]:
        return _Handling(msg, context=context, tracer=self._tracer)


class _Handling(BaseMiddleware[NatsPublishCommand, Any]):
    def __init__(self, msg: object, /, *, context: ContextRepo, tracer: Tracer) -> None:
        super().__init__(msg, context=context)
        self._tracer = tracer

    async def consume_scope(
        self, call_next: Callable[[Any], Awaitable[Any]], msg: StreamMessage[Any]
    ) -> Any:  # noqa: ANN401 - what the handler returns
        name = f"{_fact(msg.raw_message.subject)} process"
        with continued(self._tracer, name, [header_of(msg.headers)], kind=SpanKind.CONSUMER):
            return await call_next(msg)


def _fact(subject: str) -> str:
    """Return what a subject tells of: everything before the version."""
    return subject.partition(".v1")[0]

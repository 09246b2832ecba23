"""A trace on its way: W3C ``traceparent`` texts in headers and rows, and spans that continue them.

Only the OpenTelemetry API is used here: where nothing is traced, a text is handed on unchanged.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from opentelemetry.context import Context
from opentelemetry.trace import (
    Link,
    NoOpTracer,
    Span,
    SpanContext,
    SpanKind,
    Tracer,
    get_current_span,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

HEADER: Final = "traceparent"
UNTRACED: Final = NoOpTracer()
MOST_TRACES = 8
"""So many traces at most lead from one batch or mark to what is made of it."""

_W3C = TraceContextTextMapPropagator()


def carried() -> dict[str, str]:
    """Return the header that lets another process continue the present span, if there is one."""
    carrier: dict[str, str] = {}
    _W3C.inject(carrier)
    # ``tracestate`` belongs to the vendors of whoever called us, and its length to nobody.
    return {HEADER: carrier[HEADER]} if HEADER in carrier else {}


def kept() -> str | None:
    """Return the present span as a row keeps it; what is not recorded is not worth a field."""
    return text_of(get_current_span())


def text_of(span: Span) -> str | None:
    """Return a span that is recorded as a text that outlives it."""
    context = span.get_span_context()
    if not (context.is_valid and context.trace_flags.sampled):
        return None
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def header_of(headers: Mapping[str, str] | None) -> str | None:
    """Return what a message carries of its trace."""
    return None if headers is None else headers.get(HEADER)


@contextmanager
def continued(
    tracer: Tracer,
    name: str,
    traces: Iterable[str | None],
    *,
    kind: SpanKind = SpanKind.INTERNAL,
) -> Iterator[Span]:
    """Run the block in a span that continues the first of some traces and links the others."""
    parent, links = _ancestry(traces)
    with tracer.start_as_current_span(name, context=parent, kind=kind, links=links) as span:
        yield span


def begun(tracer: Tracer, name: str, trace: str | None, *, kind: SpanKind) -> Span:
    """Begin a span that continues a trace beside the present one; whoever asks ends it."""
    parent, _ = _ancestry([trace])
    return tracer.start_span(name, context=parent, kind=kind)


def _ancestry(traces: Iterable[str | None]) -> tuple[Context, list[Link]]:
    """Return what to continue, recorded before unrecorded, and links to the rest, each once."""
    # An empty context, not the present one: without a trace a span begins its own.
    contexts = [_W3C.extract({HEADER: text}, Context()) for text in dict.fromkeys(traces) if text]
    contexts.sort(key=lambda context: not _span_context(context).trace_flags.sampled)
    if not contexts:
        return Context(), []
    others = [_span_context(context) for context in contexts[1:]]
    return contexts[0], [Link(other) for other in others if other.is_valid]


def _span_context(context: Context) -> SpanContext:
    return get_current_span(context).get_span_context()

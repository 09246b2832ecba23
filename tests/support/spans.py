"""Spans kept in memory, from as many processes' providers as a test has, and shown as a tree."""

from collections.abc import Iterator, Sequence

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared.telemetry.exporters import provider_of

_NANOSECONDS_A_MILLISECOND = 1_000_000


class Spans:
    """What would have been sent to a collector, by the road every span takes."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        self._providers: list[TracerProvider] = []

    def provider(self, process: str, *, ratio: float = 1.0) -> TracerProvider:
        """Return a provider whose spans come here."""
        made = provider_of(process, [self._exporter], ratio=ratio)
        self._providers.append(made)
        return made

    def finished(self) -> Sequence[ReadableSpan]:
        """Return every span that has ended, in the order of their beginnings."""
        for provider in self._providers:
            provider.force_flush()
        return sorted(self._exporter.get_finished_spans(), key=lambda span: span.start_time or 0)

    def close(self) -> None:
        """End the providers' threads."""
        for provider in self._providers:
            provider.shutdown()


def trace_of(span: ReadableSpan) -> str:
    """Return the trace a span is of, in hexadecimal."""
    return f"{span.context.trace_id:032x}"


def parent_of(span: ReadableSpan) -> int | None:
    """Return the id of the span that a span continues."""
    return None if span.parent is None else span.parent.span_id


def shown(spans: Sequence[ReadableSpan]) -> str:
    """Return one trace as an indented tree: process, step, milliseconds, and where it leads."""
    known = {span.context.span_id for span in spans}
    roots = [span for span in spans if parent_of(span) not in known]
    return "\n".join(line for root in roots for line in _lines(root, spans, depth=0))


def _lines(span: ReadableSpan, spans: Sequence[ReadableSpan], *, depth: int) -> Iterator[str]:
    took = ((span.end_time or 0) - (span.start_time or 0)) / _NANOSECONDS_A_MILLISECOND
    process = str(span.resource.attributes["service.name"])
    links = f"  links: {len(span.links)}" if span.links else ""
    yield f"{'  ' * depth}{process}: {span.name}  {took:.1f} ms{links}"
    for child in spans:
        if parent_of(child) == span.context.span_id:
            yield from _lines(child, spans, depth=depth + 1)

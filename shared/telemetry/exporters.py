"""Where spans go, and what of them: an allowed set of attributes, never a text about a person."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import Link, Status
from opentelemetry.util.types import AttributeValue

_ROTATED_BYTES = 20 * 1024 * 1024
_OTLP_SECONDS = 2.0
_NANOSECONDS = 1_000_000_000
_OWN = "haining."
_ALLOWED: Final = frozenset(
    {
        "db.mongodb.collection",
        "db.name",
        "db.system",
        "exception.type",
        "http.method",
        "http.route",
        "http.status_code",
        "messaging.destination.name",
        "messaging.system",
    }
)


def provider_of(
    service: str, exporters: Sequence[SpanExporter], *, ratio: float = 1.0
) -> TracerProvider:
    """Return what makes a process's spans and sends them on in the background."""
    provider = TracerProvider(
        sampler=ParentBased(TraceIdRatioBased(ratio)),
        resource=Resource({"service.name": service}),
        shutdown_on_exit=False,
    )
    for exporter in exporters:
        provider.add_span_processor(BatchSpanProcessor(Allowed(exporter)))
    return provider


def exporters_of(*, file: Path | None, endpoint: str | None) -> list[SpanExporter]:
    """Return where the settings send spans: a file, a collector, both or nowhere."""
    found: list[SpanExporter] = []
    if file is not None:
        found.append(SpanFile(file))
    if endpoint is not None:
        found.append(OTLPSpanExporter(endpoint=endpoint, timeout=_OTLP_SECONDS))
    return found


class Allowed(SpanExporter):
    """Hands spans on with their allowed attributes; paths, statements and messages stay here.

    Instrumentations write what they see: addresses with account numbers, errors that quote a key.
    """

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self._exporter.export([_allowed(span) for span in spans])

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._exporter.force_flush(timeout_millis)


def _allowed(span: ReadableSpan) -> ReadableSpan:
    return ReadableSpan(
        name=span.name,
        context=span.get_span_context(),
        parent=span.parent,
        resource=span.resource,
        attributes=_kept(span.attributes),
        events=[Event(one.name, _kept(one.attributes), one.timestamp) for one in span.events],
        links=[Link(one.context) for one in span.links],
        kind=span.kind,
        # The code alone: a description is the text of an error.
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _kept(attributes: Mapping[str, AttributeValue] | None) -> dict[str, AttributeValue]:
    return {
        name: value
        for name, value in (attributes or {}).items()
        if name in _ALLOWED or name.startswith(_OWN)
    }


def _row(span: ReadableSpan) -> dict[str, object]:
    """Return a span as its line has it. The library's own JSON costs more than the whole span."""
    began, ended = span.start_time or 0, span.end_time or 0
    return {
        "trace_id": f"{span.context.trace_id:032x}",
        "span_id": f"{span.context.span_id:016x}",
        "parent_id": None if span.parent is None else f"{span.parent.span_id:016x}",
        "service": span.resource.attributes.get("service.name"),
        "name": span.name,
        "kind": span.kind.name.lower(),
        "began_at": datetime.fromtimestamp(began / _NANOSECONDS, UTC).isoformat(),
        "milliseconds": round((ended - began) / _NANOSECONDS * 1_000, 3),
        "status": span.status.status_code.name.lower(),
        "attributes": dict(span.attributes or {}),
        "events": [{"name": one.name, **(one.attributes or {})} for one in span.events],
        "links": [f"{one.context.trace_id:032x}-{one.context.span_id:016x}" for one in span.links],
    }


class SpanFile(SpanExporter):
    """Appends spans to a file, one JSON line each, and keeps one older file."""

    def __init__(self, path: Path, *, most_bytes: int = _ROTATED_BYTES) -> None:
        self._path = path
        self._most_bytes = most_bytes

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        lines = "".join(f"{json.dumps(_row(span), ensure_ascii=False)}\n" for span in spans)
        try:
            with self._path.open("a") as file:
                file.write(lines)
                full = file.tell() > self._most_bytes
            if full:
                self._path.replace(self._path.with_name(f"{self._path.name}.1"))
        except OSError:
            return SpanExportResult.FAILURE
        return SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        """Nothing is held open."""

"""What one process lets be seen of its work, handed to whoever works: figures and traces."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from fastapi import FastAPI
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.metrics import NoOpMeterProvider
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import Tracer
from prometheus_client import CollectorRegistry

from shared.telemetry.carried import UNTRACED

Look = Callable[[], Awaitable[None]]
"""Asks a server and sets figures. It ends by itself: by the driver's limit, or its own."""

# What an orchestrator asks every second is no work worth a trace.
_NOT_TRACED = "/health/,/metrics"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """The one registry of a process, its tracer, and what must be asked before figures are read."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    provider: TracerProvider | None = None
    looks: dict[str, Look] = field(default_factory=dict)

    @property
    def tracer(self) -> Tracer:
        """Return what makes spans, or what makes none and hands on those of others."""
        return UNTRACED if self.provider is None else self.provider.get_tracer("haining")

    @contextmanager
    def of(self, app: FastAPI) -> Iterator[None]:
        """Let every request of an application be a span, for the length of the block."""
        if self.provider is None:
            yield
            return
        FastAPIInstrumentor.instrument_app(
            app,
            tracer_provider=self.provider,
            meter_provider=NoOpMeterProvider(),
            excluded_urls=_NOT_TRACED,
            exclude_spans=["receive", "send"],
        )
        try:
            yield
        finally:
            FastAPIInstrumentor.uninstrument_app(app)

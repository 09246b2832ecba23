"""MongoDB's commands as spans, within a span only: what polls would fill the traces with itself."""

from opentelemetry.instrumentation.pymongo import CommandTracer
from opentelemetry.trace import Tracer, get_current_span
from pymongo.monitoring import CommandStartedEvent


class CommandSpans(CommandTracer):
    """The library's listener for one client; commands outside of every span make none."""

    def __init__(self, tracer: Tracer) -> None:
        super().__init__(tracer)

    def started(self, event: CommandStartedEvent) -> None:
        """Begin a command's span where one is under way."""
        if get_current_span().is_recording():
            super().started(event)

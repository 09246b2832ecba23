"""MongoDB's commands as spans, within a span only: what polls would fill the traces with itself."""

from opentelemetry.instrumentation.pymongo import CommandTracer
from opentelemetry.trace import Tracer, get_current_span
from pymongo.monitoring import CommandStartedEvent

_COMMIT = "commitTransaction"


class CommandSpans(CommandTracer):
    """The library's listener, for one client: a span for each commit, or for every command.

    A commit is where an effect becomes durable, and one a batch. Every command is ten times as many
    spans; who looks for a slow query asks for them.
    """

    def __init__(self, tracer: Tracer, *, every: bool = False) -> None:
        super().__init__(tracer)
        self._every = every

    def started(self, event: CommandStartedEvent) -> None:
        """Begin a command's span where one is under way."""
        wanted = self._every or event.command_name == _COMMIT
        if wanted and get_current_span().is_recording():
            super().started(event)

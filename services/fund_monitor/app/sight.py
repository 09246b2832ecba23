"""What fund_monitor counts, times and traces of its own work: counts and codes, never who."""

import time
from collections import Counter as Counts
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from opentelemetry.trace import SpanKind
from prometheus_client import Counter, Histogram

from shared.errors import Refusal, Unavailable
from shared.in_hand import Busy
from shared.mongo import unreachable
from shared.telemetry.carried import MOST_TRACES, begun, continued, text_of
from shared.telemetry.sight import Sight

_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 15.0)
_MESSAGE = "BANK_INTAKE process"


class FundSight:
    """The door's, the posting's and the judge's figures, in the registry of their process."""

    def __init__(self, sight: Sight) -> None:
        self.tracer = sight.tracer
        registry = sight.registry
        self._requests = Histogram(
            "haining_fund_intake_seconds",
            "Requests at the bank's door, by how they ended.",
            ["outcome"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._answered = Counter(
            "haining_fund_intake_events",
            "Events at the bank's door, by what was answered.",
            ["outcome"],
            registry=registry,
        )
        self._filed = Counter(
            "haining_fund_dropped_files",
            "Files of banks at the file door, by how they ended.",
            ["outcome"],
            registry=registry,
        )
        self._batches = Histogram(
            "haining_fund_posting_seconds",
            "Batches of a partition's messages, by how they ended.",
            ["outcome"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._posted = Counter(
            "haining_fund_posting_events",
            "Events in batches that were committed, repeats among them.",
            registry=registry,
        )
        self._judged = Histogram(
            "haining_fund_judging_seconds",
            "Judgings of some institutions or banks together, by how they ended.",
            ["kind", "outcome"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._judged_marks = Counter(
            "haining_fund_judged",
            "Institutions and banks that were judged.",
            ["kind"],
            registry=registry,
        )

    @contextmanager
    def request(self) -> Iterator[None]:
        """Time one request at the door."""
        with _timed(self._requests):
            yield

    def answered(self, outcomes: Sequence[str]) -> None:
        """Count what the door said of each event."""
        for outcome, events in Counts(outcomes).items():
            self._answered.labels(outcome).inc(events)

    def filed(self, outcome: str) -> None:
        """Count a dropped file that was taken or refused."""
        self._filed.labels(outcome).inc()

    def posted(self, events: int) -> None:
        """Count the events of a committed batch."""
        self._posted.inc(events)

    @contextmanager
    def posting(self, traces: Sequence[str | None]) -> Iterator[list[str | None]]:
        """Time and trace one batch; gives each message's own step, for the marks it leads to.

        Each message is a step of its request's trace. The batch's work hangs below the first of
        them and links the others, so that from each of them it is found.
        """
        with ExitStack() as ends, _timed(self._batches):
            steps = [
                begun(self.tracer, _MESSAGE, trace, kind=SpanKind.CONSUMER) for trace in traces
            ]
            for step in steps:
                ends.callback(step.end)
            texts = [text_of(step) for step in steps]
            with continued(self.tracer, "post batch", texts) as span:
                span.set_attribute("haining.messages", len(texts))
                yield texts

    @contextmanager
    def judging(self, kind: str, traces: Sequence[Sequence[str]]) -> Iterator[None]:
        """Time and trace the judging of some marked things together, and count them.

        It hangs below the first thing's trace and links the others.
        """
        every = list(dict.fromkeys(trace for some in traces for trace in some))[:MOST_TRACES]
        with _timed(self._judged, kind), continued(self.tracer, "judge together", every) as span:
            span.set_attribute("haining.marks", len(traces))
            yield
        self._judged_marks.labels(kind).inc(len(traces))

    @contextmanager
    def alerting(self, kind: str, traces: Sequence[str]) -> Iterator[None]:
        """Trace what a judgement of one thing changes."""
        with continued(self.tracer, "judge", traces) as span:
            span.set_attribute("haining.kind", kind)
            yield


@contextmanager
def _timed(seconds: Histogram, *labels: str) -> Iterator[None]:
    began, outcome = time.perf_counter(), "cancelled"
    try:
        yield
        outcome = "done"
    except Exception as error:
        outcome = _outcome(error)
        raise
    finally:
        seconds.labels(*labels, outcome).observe(time.perf_counter() - began)


def _outcome(error: Exception) -> str:
    if isinstance(error, Busy):
        return "busy"
    if isinstance(error, Unavailable) or unreachable(error):
        return "unavailable"
    return "refused" if isinstance(error, Refusal) else "failed"

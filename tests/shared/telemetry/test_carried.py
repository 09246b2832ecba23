"""A trace on its way: what is kept of it, and what continues it."""

import pytest
from opentelemetry.trace import SpanKind

from shared.telemetry.carried import UNTRACED, begun, carried, continued, header_of, kept, text_of
from tests.support.spans import Spans, trace_of

SAMPLED = f"00-{'a' * 32}-{'1' * 16}-01"
UNSAMPLED = f"00-{'b' * 32}-{'2' * 16}-00"
OTHER = f"00-{'c' * 32}-{'3' * 16}-01"


@pytest.fixture
def spans():
    made = Spans()
    yield made
    made.close()


@pytest.fixture
def tracer(spans):
    return spans.provider("tests").get_tracer("tests")


def ended(spans, name: str):
    return next(span for span in spans.finished() if span.name == name)


class TestContinued:
    def test_continues_the_first_trace_and_links_the_others(self, spans, tracer):
        with continued(tracer, "judge", [SAMPLED, OTHER]):
            pass

        span = ended(spans, "judge")
        assert trace_of(span) == "a" * 32
        assert [link.context.span_id for link in span.links] == [int("3" * 16, 16)]

    def test_continues_what_is_recorded_before_what_is_not(self, spans, tracer):
        with continued(tracer, "judge", [UNSAMPLED, OTHER]):
            pass

        assert trace_of(ended(spans, "judge")) == "c" * 32

    def test_links_each_trace_once(self, spans, tracer):
        with continued(tracer, "judge", [SAMPLED, OTHER, OTHER, None, SAMPLED]):
            pass

        assert len(ended(spans, "judge").links) == 1

    @pytest.mark.parametrize("traces", [[], [None], [""], ["not a trace"], ["00-0-0-01"]])
    def test_begins_a_trace_of_its_own_without_one_to_continue(self, spans, tracer, traces):
        with tracer.start_as_current_span("a request"), continued(tracer, "judge", traces):
            pass

        assert ended(spans, "judge").parent is None

    def test_says_that_the_block_failed_and_lets_the_failure_through(self, spans, tracer):
        with pytest.raises(LookupError), continued(tracer, "judge", [SAMPLED]):
            raise LookupError

        assert not ended(spans, "judge").status.is_ok


class TestKept:
    def test_is_the_present_span_as_a_header_says_it(self, tracer):
        with continued(tracer, "judge", [SAMPLED]):
            assert kept() == header_of(carried())
            assert kept().startswith(f"00-{'a' * 32}-")

    def test_is_nothing_outside_of_every_span(self):
        assert kept() is None
        assert carried() == {}

    def test_is_nothing_of_a_trace_that_is_not_recorded_though_its_header_goes_on(self, tracer):
        with continued(tracer, "judge", [UNSAMPLED]):
            assert kept() is None
            assert header_of(carried()).startswith(f"00-{'b' * 32}-")

    def test_leaves_the_vendors_state_of_a_caller_behind(self, tracer):
        with continued(tracer, "judge", [SAMPLED]):
            assert set(carried()) == {"traceparent"}


class TestUntraced:
    """A process that traces nothing hands on the traces of others, unchanged."""

    def test_hands_on_what_it_received(self):
        with continued(UNTRACED, "judge", [SAMPLED, OTHER]):
            assert (kept(), carried()) == (SAMPLED, {"traceparent": SAMPLED})

    def test_hands_on_each_of_a_batch(self):
        step = begun(UNTRACED, "message", OTHER, kind=SpanKind.CONSUMER)

        assert text_of(step) == OTHER


@pytest.mark.parametrize(
    ("headers", "trace"), [(None, None), ({}, None), ({"traceparent": SAMPLED}, SAMPLED)]
)
def test_a_message_may_carry_a_trace_or_not(headers, trace):
    assert header_of(headers) == trace

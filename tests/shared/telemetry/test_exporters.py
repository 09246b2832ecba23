"""Where spans go: what is left out on the way, and a file that does not grow for ever."""

import json

import pytest
from opentelemetry.sdk.trace.export import SpanExportResult

from shared.telemetry.carried import continued
from shared.telemetry.exporters import SpanFile, exporters_of, provider_of
from tests.support.spans import Spans

SAMPLED = f"00-{'a' * 32}-{'1' * 16}-01"
OTHER = f"00-{'c' * 32}-{'3' * 16}-01"
ACCOUNT = "6222020200012345678"


@pytest.fixture
def spans():
    made = Spans()
    yield made
    made.close()


class TestAllowed:
    def test_addresses_statements_and_texts_of_errors_stay_behind(self, spans):
        tracer = spans.provider("tests").get_tracer("tests")

        with (
            pytest.raises(ValueError, match=ACCOUNT),
            tracer.start_as_current_span(
                "step",
                attributes={
                    "http.target": f"/v1/banks/alpha/accounts/{ACCOUNT}",
                    "db.statement": f"find {ACCOUNT}",
                    "http.route": "/v1/banks/{bank}/accounts/{account_no}",
                    "haining.messages": 3,
                },
            ),
        ):
            raise ValueError(ACCOUNT)

        [span] = spans.finished()
        assert ACCOUNT not in span.to_json()
        assert dict(span.attributes) == {
            "http.route": "/v1/banks/{bank}/accounts/{account_no}",
            "haining.messages": 3,
        }
        assert dict(span.events[0].attributes) == {"exception.type": "ValueError"}
        assert not span.status.is_ok

    def test_a_ratio_of_nothing_records_nothing(self, spans):
        tracer = spans.provider("tests", ratio=0.0).get_tracer("tests")

        with tracer.start_as_current_span("step") as step:
            assert step.get_span_context().is_valid

        assert spans.finished() == []


class TestSpanFile:
    def written(self, file, names):
        provider = provider_of("tests", [file])
        for name in names:
            provider.get_tracer("tests").start_span(name).end()
        provider.shutdown()

    def test_has_a_line_for_each_span(self, tmp_path):
        path = tmp_path / "tests.spans.jsonl"

        self.written(SpanFile(path), ["one", "two"])
        self.written(SpanFile(path), ["three"])

        lines = [json.loads(line) for line in path.read_text().splitlines()]
        assert [line["name"] for line in lines] == ["one", "two", "three"]
        assert {line["service"] for line in lines} == {"tests"}

    def test_tells_where_a_span_belongs_and_how_long_it_took(self, tmp_path):
        path = tmp_path / "tests.spans.jsonl"
        provider = provider_of("tests", [SpanFile(path)])
        tracer = provider.get_tracer("tests")

        with (
            continued(tracer, "judge", [SAMPLED, OTHER]) as span,
            tracer.start_as_current_span("inner"),
        ):
            span.set_attribute("haining.kind", "bank")
        provider.shutdown()

        inner, outer = (json.loads(line) for line in path.read_text().splitlines())
        assert (outer["trace_id"], outer["parent_id"]) == ("a" * 32, "1" * 16)
        assert (inner["trace_id"], inner["parent_id"]) == ("a" * 32, outer["span_id"])
        assert outer["links"] == [f"{'c' * 32}-{'3' * 16}"]
        assert outer["attributes"] == {"haining.kind": "bank"}
        assert (outer["kind"], outer["status"]) == ("internal", "unset")
        assert 0 < inner["milliseconds"] <= outer["milliseconds"]

    def test_keeps_one_older_file_and_no_more(self, tmp_path):
        path = tmp_path / "tests.spans.jsonl"

        for name in ("one", "two", "three"):
            self.written(SpanFile(path, most_bytes=10), [name])

        assert [one.name for one in tmp_path.iterdir()] == ["tests.spans.jsonl.1"]
        [line] = (tmp_path / "tests.spans.jsonl.1").read_text().splitlines()
        assert json.loads(line)["name"] == "three"

    def test_a_full_disk_or_a_missing_folder_is_no_failure_of_the_work(self, tmp_path):
        file = SpanFile(tmp_path / "missing" / "spans.jsonl")

        assert file.export([]) == SpanExportResult.FAILURE


class TestExportersOf:
    def test_nothing_is_sent_anywhere_by_default(self):
        assert exporters_of(file=None, endpoint=None) == []

    def test_spans_go_wherever_the_settings_say(self, tmp_path):
        endpoint = "http://127.0.0.1:4318/v1/traces"

        found = exporters_of(file=tmp_path / "spans.jsonl", endpoint=endpoint)

        assert [type(one).__name__ for one in found] == ["SpanFile", "OTLPSpanExporter"]
        for one in found:
            one.shutdown()

"""A route that nobody knows how to use is told before any service is started."""

from fuzzing.examples.table import EXAMPLES, without_example


class TestWithoutExample:
    def test_names_what_no_example_uses(self):
        operations = [example.operation for example in EXAMPLES["registry"]]

        missing = without_example("registry", [*operations, "GET /v1/new-route"])

        assert missing == ["GET /v1/new-route"]

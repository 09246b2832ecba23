"""Log lines: what must not be read is not there, in whatever place of the line it was."""

import json
import logging

import pytest
import structlog

from shared import logs
from shared.telemetry.carried import UNTRACED, continued

ACCOUNT = "6222020200012345678"
STUDENT = "stu_abcdefghijklmnopqrstuvwxyz"
TOKEN = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ0ZXN0In0.c2lnbmF0dXJl-_x"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SECRETS = (ACCOUNT, STUDENT, TOKEN, SECRET)


@pytest.fixture
def logged(monkeypatch):
    # The handlers of the standard library are pytest's here.
    monkeypatch.setattr(logging, "basicConfig", lambda **_: None)
    logs.configure("tests")
    factory = structlog.ReturnLoggerFactory()
    structlog.configure(logger_factory=factory, cache_logger_on_first_use=False)

    def logged(**fields) -> dict[str, object]:
        return json.loads(structlog.get_logger().error("something.happened", **fields))

    yield logged
    structlog.contextvars.clear_contextvars()
    structlog.reset_defaults()


@pytest.mark.parametrize("secret", SECRETS)
class TestMasked:
    @pytest.mark.parametrize(
        "text",
        ["{}", "Bearer {}", "{{'x': '{}'}}", "账户{}已开立", 'E11000 dup key: {{ _id: "{}" }}'],
    )
    def test_in_any_text(self, logged, secret, text):
        line = logged(error=text.format(secret))

        assert secret not in json.dumps(line, ensure_ascii=False)
        assert "***" in line["error"]

    def test_in_what_is_nested(self, logged, secret):
        line = logged(body={"events": [{"note": f"见{secret}"}, (secret,)], secret: 1})

        assert secret not in json.dumps(line, ensure_ascii=False)

    def test_in_the_text_of_an_exception(self, logged, secret):
        line = logged(exc_info=ValueError(f"不接受 {secret}"))

        assert "ValueError" in line["exception"]
        assert secret not in json.dumps(line, ensure_ascii=False)

    def test_in_an_object_shown_by_its_repr(self, logged, secret):
        line = logged(error=ValueError(secret))

        assert secret not in json.dumps(line, ensure_ascii=False)


@pytest.mark.parametrize(
    "key", ["account_no", "account_name", "student_ref", "token", "Authorization", "seed", "secret"]
)
def test_fields_of_telling_names_are_masked_whatever_they_hold(logged, key):
    line = logged(**{key: "abc"}, body={key: "abc", "deep": [{key: 7}]})

    assert line[key] == "***"
    assert line["body"] == {key: "***", "deep": [{key: "***"}]}


def test_an_account_number_that_is_a_number_is_masked(logged):
    assert ACCOUNT not in json.dumps(logged(found=int(ACCOUNT)))


def test_what_is_harmless_stays(logged):
    event_id = "0190f5fe-7c3a-7d1e-8a2b-3c4d5e6f7a8b"
    line = logged(event_id=event_id, count=20_000, ready=True, path="/v1/banks/chaocheng/events")

    assert line["event"] == "something.happened"
    assert (line["event_id"], line["count"], line["ready"]) == (event_id, 20_000, True)
    assert line["path"] == "/v1/banks/chaocheng/events"
    assert line["service"] == "tests"


class TestPlace:
    """In which span a line was written, so that a trace leads to its lines and back."""

    SAMPLED = f"00-{'a' * 32}-{'1' * 16}-01"

    def test_is_said_within_a_span(self, logged):
        with continued(UNTRACED, "step", [self.SAMPLED]):
            line = logged()

        # An id of digits alone looks like an account number, and is none.
        assert (line["trace_id"], line["span_id"]) == ("a" * 32, "1" * 16)

    def test_is_not_there_outside_of_every_span(self, logged):
        assert not {"trace_id", "span_id"} & set(logged())

"""Send one request to a running service, count and judge its answer."""

from dataclasses import dataclass, field
from threading import Event
from typing import Final

import requests

from fuzzing.judging import faults
from fuzzing.record import Record

TIMEOUT_SECONDS: Final = 20.0
# What the client itself refuses to put on the wire.
_UNSENDABLE: Final = (
    requests.exceptions.InvalidHeader,
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
    UnicodeError,
)


def session() -> requests.Session:
    """Return a session for the doors of this machine, whatever proxies are set for others."""
    made = requests.Session()
    made.trust_env = False
    return made


class Ended(Exception):
    """Whoever started the fuzzing has gone."""


@dataclass(slots=True)
class Door:
    """One service as strangers reach it."""

    service: str
    url: str
    record: Record
    http: requests.Session = field(default_factory=session)
    ending: Event = field(default_factory=Event)
    """Set from outside when nothing more is to be sent."""

    def send(self, operation: str, request: requests.PreparedRequest) -> requests.Response | None:
        """Send a request as it is; nothing when no answer came, which is a finding."""
        if self.ending.is_set():
            raise Ended
        try:
            answer = self.http.send(request, timeout=TIMEOUT_SECONDS, allow_redirects=False)
        except _UNSENDABLE:
            return None
        except requests.RequestException as error:
            self.record.lose(operation, f"no answer: {type(error).__name__}", request)
            return None
        self.judge(operation, answer)
        return answer

    def judge(self, operation: str, answer: requests.Response) -> None:
        """Count an answer and keep what is wrong with it."""
        self.record.count(operation, answer.status_code)
        for what in faults(answer):
            self.record.add(operation, what, answer)

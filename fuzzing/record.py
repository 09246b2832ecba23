"""What was asked and answered, by operation; and each finding once, with how to repeat it."""

import base64
import shlex
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Final

import requests

from fuzzing.signing import body_of

_LONGEST_SHOWN: Final = 16 * 1024
_OK: Final = range(200, 300)
# What requests adds by itself, or curl does.
_LEFT_OUT: Final = frozenset(
    {"content-length", "connection", "accept-encoding", "user-agent", "accept"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that should not be, and the first request that showed it."""

    service: str
    operation: str
    what: str
    curl: str
    answer: str

    def text(self) -> str:
        """Return it as a person reads it."""
        return f"{self.service} {self.operation}\n  {self.what}\n  {self.answer}\n  {self.curl}"


@dataclass(slots=True)
class Record:
    """Statuses and findings of one service."""

    service: str
    statuses: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    findings: dict[tuple[str, str], Finding] = field(default_factory=dict)

    @property
    def sent(self) -> int:
        """How many requests were sent."""
        return sum(counted.total() for counted in self.statuses.values())

    def good(self, operation: str) -> int:
        """How often an operation answered that it went well."""
        return sum(times for status, times in self.statuses[operation].items() if status in _OK)

    def count(self, operation: str, status: int) -> None:
        """Count one answer."""
        self.statuses[operation][status] += 1

    def add(self, operation: str, what: str, answer: requests.Response) -> None:
        """Keep a finding, the first time it is seen."""
        self.findings.setdefault(
            (operation, what),
            Finding(
                service=self.service,
                operation=operation,
                what=what,
                curl=curl_of(answer.request),
                answer=f"{answer.status_code} {answer.text[:300]}",
            ),
        )

    def lose(self, operation: str, what: str, request: requests.PreparedRequest) -> None:
        """Keep a request that got no answer at all."""
        self.findings.setdefault(
            (operation, what),
            Finding(
                service=self.service,
                operation=operation,
                what=what,
                curl=curl_of(request),
                answer="-",
            ),
        )


def curl_of(request: requests.PreparedRequest) -> str:
    """Return a command line that sends the same request again; a long body is left out."""
    parts = ["curl", "-sS", "-i", "--path-as-is", "-X", str(request.method)]
    for name, value in request.headers.items():
        if name.lower() not in _LEFT_OUT:
            text = value.decode("latin-1") if isinstance(value, bytes) else value
            parts += ["-H", f"{name}: {text}"]
    body = body_of(request)
    if not body:
        return shlex.join([*parts, str(request.url)])
    if len(body) > _LONGEST_SHOWN:
        return shlex.join([*parts, str(request.url)]) + f"  # with a body of {len(body)} bytes"
    encoded = base64.b64encode(body).decode()
    command = shlex.join([*parts, "--data-binary", "@-", str(request.url)])
    return f"echo {encoded} | base64 -d | {command}"

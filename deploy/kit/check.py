"""One thing that a department's access was tried for, and what to do when it does not work."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """What was tried, whether it went as it must, what was seen, and what to do if not."""

    name: str
    ok: bool
    detail: str
    advice: str = ""


def passed(name: str, detail: str) -> Check:
    """Return a check that went as it must."""
    return Check(name, True, detail)  # noqa: FBT003  (the one place that says so)


def failed(name: str, detail: str, *, advice: str) -> Check:
    """Return a check that did not, with what to do."""
    return Check(name, False, detail, advice)  # noqa: FBT003  (the one place that says so)

"""What an answer must never be, whatever was asked."""

from typing import Final

import requests
from pydantic import ConfigDict, ValidationError

from shared.problem import MEDIA_TYPE, Problem

_REFUSED: Final = 400
_FAILED: Final = 500


class _Whole(Problem):
    """A problem document as the house writes it: nothing else, and no status but the answer's."""

    model_config = ConfigDict(extra="forbid", strict=True)

    instance: str


def faults(answer: requests.Response) -> list[str]:
    """Return what is wrong with an answer; an answer that went well is nobody's business here."""
    if answer.status_code >= _FAILED:
        return [f"answered {answer.status_code}"]
    if answer.status_code >= _REFUSED:
        return _problem_faults(answer)
    return []


def _problem_faults(answer: requests.Response) -> list[str]:
    media = answer.headers.get("content-type", "")
    if media != MEDIA_TYPE:
        return [f"answered {answer.status_code} as {media or 'nothing'}, not {MEDIA_TYPE}"]
    try:
        problem = _Whole.model_validate_json(answer.content)
    except ValidationError as error:
        where = ", ".join("/".join(map(str, one["loc"])) or one["type"] for one in error.errors())
        return [f"answered {answer.status_code} with a problem document broken at {where}"]
    if problem.status != answer.status_code:
        return [f"answered {answer.status_code} with a problem document of {problem.status}"]
    if not problem.type.startswith("urn:haining:problem:"):
        return [f"answered {answer.status_code} with a problem of type {problem.type}"]
    return []

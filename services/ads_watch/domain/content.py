"""The first verdict: which forbidden promises or offers the words of an advertisement make."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from services.ads_watch.domain.rules.frames import is_forbidden_or_quoted, why_no_advertisement
from services.ads_watch.domain.rules.guarantees import GUARANTEES
from services.ads_watch.domain.rules.subjects import (
    GROWN_UPS,
    NOT_SUBJECT,
    SUBJECT_WORD,
    SUBJECTS,
)
from shared.hidden_text import Normal, normal

Label = Literal["guarantee", "subject_training_ad"]
Advertiser = Literal["training_institution", "school", "government", "other", "unknown"]

LONGEST_TEXT: Final = 4_000
_NEAR: Final = 12
_SPEAKERS: Final = {"school": "学校", "government": "机关"}


@dataclass(frozen=True, slots=True)
class Phrase:
    """What was found, with its place in the text as it was written."""

    label: Label
    phrase: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Content:
    """What the words say: the phrases found, or why the text is no advertisement."""

    phrases: tuple[Phrase, ...]
    no_advertisement: str | None = None


def content_of(text: str, *, advertiser: Advertiser) -> Content:
    """Judge the words of a text; each label is found once, by its first phrase."""
    if len(text) > LONGEST_TEXT:
        raise ValueError("A text to be judged is bounded where it comes in.")
    read = normal(text)
    speaker = _SPEAKERS.get(advertiser)
    why = f"发布者是{speaker}，不是培训机构" if speaker else why_no_advertisement(read.text)
    if why is not None:
        return Content((), why)
    found = (
        _first(read, GUARANTEES, "guarantee"),
        None if GROWN_UPS.search(read.text) else _first(read, SUBJECTS, "subject_training_ad"),
    )
    return Content(tuple(phrase for phrase in found if phrase is not None))


def _first(read: Normal, patterns: Iterable[re.Pattern[str]], label: Label) -> Phrase | None:
    for pattern in patterns:
        for match in pattern.finditer(read.text):
            if is_forbidden_or_quoted(read.text, match.start()):
                continue
            if label == "subject_training_ad" and _is_of_arts_or_sports(read.text, match):
                continue
            start, end = read.found(*match.span())
            return Phrase(label, read.original[start:end], start, end)
    return None


def _is_of_arts_or_sports(text: str, match: re.Match[str]) -> bool:
    """Tell whether an offer is one of training that is no subject training."""
    around = text[max(0, match.start() - _NEAR) : match.end() + _NEAR]
    return bool(NOT_SUBJECT.search(around)) and not SUBJECT_WORD.search(match.group())

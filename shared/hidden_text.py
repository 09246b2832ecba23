"""A text as the patterns read it, with the way back to where each character stood.

Whoever wants to evade writes circled digits, traditional characters, or a star between two
characters. The patterns see none of that, and what they find is still shown as it was written.
"""

import unicodedata
from dataclasses import dataclass
from typing import Final

_TRADITIONAL: Final = str.maketrans(
    "證過輔導補習數學語題績間間師員園級試歷縣區證錄進獎幫優鐘課對應報階輕鬆時達實長歲選讓書強化訓練開",
    "证过辅导补习数学语题绩间间师员园级试历县区证录进奖帮优钟课对应报阶轻松时达实长岁选让书强化训练开",
)
# Between two Han characters these say nothing; a stop, a comma or a quotation mark does.
_FILLERS: Final = frozenset("*·•・._-~^|/\\+#@=&$`★☆●○◆◇■□▲△…—–")
_DASHES: Final = frozenset("—–―~〜～")


@dataclass(frozen=True, slots=True)
class Normal:
    """A normalised text; ``places`` gives for each of its characters the one it came from."""

    text: str
    places: tuple[int, ...]
    original: str

    def found(self, start: int, end: int) -> tuple[int, int]:
        """Return where a stretch of the normalised text stands in the original."""
        return self.places[start], self.places[end - 1] + 1


def normal(original: str) -> Normal:
    """Fold widths, case, digits and traditional characters; drop what hides between Han."""
    folded = [
        (character, place)
        for place, written in enumerate(original)
        for character in _folded(written)
    ]
    kept = [
        folded[index]
        for index in range(len(folded))
        if not _is_filler(folded[index][0]) or not _stands_between_han(folded, index)
    ]
    text = "".join(character for character, _ in kept)
    return Normal(text, tuple(place for _, place in kept), original)


def _folded(written: str) -> str:
    folded = unicodedata.normalize("NFKC", written).translate(_TRADITIONAL).lower()
    return "".join("-" if character in _DASHES else character for character in folded)


def _is_filler(character: str) -> bool:
    if character in _FILLERS or character.isspace():
        return character != "\n"
    return unicodedata.category(character) in ("Cf", "So", "Sk", "Mn")


def _stands_between_han(folded: list[tuple[str, int]], index: int) -> bool:
    before = _neighbour(folded, index, -1)
    after = _neighbour(folded, index, 1)
    return _is_han(before) and _is_han(after)


def _neighbour(folded: list[tuple[str, int]], index: int, step: int) -> str:
    """Return the nearest character on one side that is no filler; a few are looked at."""
    for distance in range(1, 5):
        place = index + step * distance
        if not 0 <= place < len(folded):
            break
        if not _is_filler(folded[place][0]):
            return folded[place][0]
    return ""


def _is_han(character: str) -> bool:
    return "\u4e00" <= character <= "\u9fff"

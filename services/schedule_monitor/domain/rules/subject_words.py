"""Words by which a course of another kind shows that it teaches a subject."""

import re
from functools import lru_cache
from typing import Final

from shared.hidden_text import normal

# The subjects of the national curriculum, and names under which they are sold. A clue, no verdict:
# a person looks at the course. Whatever else these characters mean is taken out first.
_WORDS: Final = re.compile(
    "语文|数学|英语|外语|日语|俄语|物理|化学|生物学|道德与法治|道法|思想政治|历史|地理|"
    "奥数|珠心算|作文|写作|阅读理解|大语文|拼音|识字|自然拼读|新概念|剑桥英语|"
    "数理化|理化|语数英?|文化课|小升初|幼小衔接|幼升小|中考|高考|学科思维|数学思维|同步辅导|培优提分"
)
_OTHER_MEANINGS: Final = re.compile("(?:中考|高考)体育|体育(?:中考|高考)|物理治疗|地理标志")
_MOST_TEXTS = 100_000


@lru_cache(maxsize=_MOST_TEXTS)
def subject_words_in(text: str) -> tuple[str, ...]:
    """Return the subject words of a text, each once, also where they are disguised."""
    read = _OTHER_MEANINGS.sub(" ", normal(text).text)
    return tuple(dict.fromkeys(_WORDS.findall(read)))

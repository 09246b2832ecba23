"""Words of a filing by which a practice shows that is not allowed: clues, no verdicts."""

import re
from functools import lru_cache
from typing import Final, Literal

from shared.hidden_text import normal

Clue = Literal["homework", "ahead", "contest", "contest_general", "overseas"]

# Letters that stand alone: "ib" is no part of "library".
_ALONE: Final = r"(?<![a-z0-9])(?:{})(?![a-z])"
_WORDS: Final[dict[Clue, re.Pattern[str]]] = {
    "homework": re.compile("作业|打卡|课后练习|课后习题|课前预习|课后巩固|家庭练习"),
    "ahead": re.compile(
        "提前学|提前班|超前|超纲|超标|抢跑|先修|预科|跳级|衔接班|新初一|新高一|幼小衔接|幼升小"
    ),
    # Of a subject, whatever the institution is registered as.
    "contest": re.compile(
        "奥数|奥赛|奥林匹克(?:数学|物理|化学|英语)|华杯|希望杯|迎春杯|走美杯|"
        "(?:语文|数学|英语|物理|化学|作文|学科)[^\n]{0,4}(?:竞赛|杯赛|大赛|等级考|考级|排名)|"
        + _ALONE.format("amc(?:8|10|12)?")
    ),
    # Sports and arts have contests and grades that are lawful: asked of subject classes only.
    "contest_general": re.compile("竞赛|杯赛|等级考|考级|排名|" + _ALONE.format("ket|pet|fce")),
    "overseas": re.compile(
        "境外(?:教育)?课程|海外课程|国际课程|"
        "(?:美国|英国|加拿大|澳洲|澳大利亚|新加坡|北美|英美|欧美|加州)(?:小学|中学|高中|原版)?课程|"
        "美高|" + _ALONE.format("a-?levels?|igcse|ib(?:dp|myp|pyp)?|ap|ossd|sat")
    ),
}
_OTHER_MEANINGS: Final[dict[Clue, re.Pattern[str]]] = {
    "homework": re.compile(
        "(?:不留|不布置|不设|无|零)(?:课后|家庭|书面|任何)*作业|(?:校内|学校)作业|"
        "作业(?:辅导|指导|托管|看护|本)|(?:签到|考勤)打卡|打卡(?:签到|考勤)"
    ),
    "ahead": re.compile("不(?:提前学|超前|超纲|超标|抢跑)"),
    "contest": re.compile("不(?:参加|组织|举办)[^\n]{0,8}(?:竞赛|杯赛|大赛|考级)"),
    "contest_general": re.compile("不(?:参加|组织|举办|进行)[^\n]{0,8}(?:竞赛|杯赛|考级|排名)"),
    "overseas": re.compile("不(?:含|提供|使用)[^\n]{0,4}(?:境外(?:教育)?|海外|国际)课程"),
}
_MOST_TEXTS: Final = 100_000


@lru_cache(maxsize=_MOST_TEXTS)
def practice_words_in(text: str, clue: Clue) -> tuple[str, ...]:
    """Return the words of one clue in a text, each once, also where they are disguised."""
    read = _OTHER_MEANINGS[clue].sub(" ", normal(text).text)
    return tuple(dict.fromkeys(_WORDS[clue].findall(read)))

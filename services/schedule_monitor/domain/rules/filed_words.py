"""What the words of a filed course hint at that may not be practised: clues for a person."""

from typing import Final

from services.schedule_monitor.domain.rules import practice_articles as articles
from services.schedule_monitor.domain.rules.columns import (
    AHEAD_WORDS,
    CONTEST_GENERAL_WORDS,
    CONTEST_WORDS,
    HOMEWORK_WORDS,
    KIND,
    OVERSEAS_WORDS,
    STAGE,
)
from services.schedule_monitor.domain.rules.practice_words import Clue, practice_words_in
from services.schedule_monitor.domain.rules.rule import Case, Rule, Wording
from shared.rules import RuleCard

_TO: Final = "各类培训，报送课程的课"
HOMEWORK_FILED: Final = RuleCard(
    "schedule.homework_words", "备案内容疑似留作业", articles.HOMEWORK_WORDS, _TO
)
AHEAD_FILED: Final = RuleCard(
    "schedule.ahead_words", "备案内容疑似超标超前", articles.AHEAD_WORDS, _TO
)
CONTEST_FILED: Final = RuleCard(
    "schedule.contest_words",
    "备案内容疑似学科类考级、竞赛、排名",
    articles.CONTEST_WORDS,
    f"{_TO}，义务教育和高中阶段",
)
OVERSEAS_FILED: Final = RuleCard(
    "schedule.overseas_words", "备案内容疑似境外课程", articles.OVERSEAS_WORDS, _TO
)


def _words(what: str, *clues: Clue) -> Wording:
    def message(case: Case) -> str:
        course = case.course
        name, text = ("", "") if course is None else (course.name, course.text)
        # What several clues share is one word to the reader.
        words = dict.fromkeys(word for clue in clues for word in practice_words_in(text, clue))
        return f"课程“{name}”的名称、内容或教材出现{what}词语（{'、'.join(words)}），须人工复核"

    return message


WORD_RULES: Final = (
    Rule(HOMEWORK_FILED, "yellow", HOMEWORK_WORDS, message=_words("作业", "homework"), review=True),
    Rule(AHEAD_FILED, "yellow", AHEAD_WORDS, message=_words("超前", "ahead"), review=True),
    Rule(
        CONTEST_FILED,
        "yellow",
        (STAGE != "preschool") & (CONTEST_WORDS | ((KIND == "subject") & CONTEST_GENERAL_WORDS)),
        message=_words("考级、竞赛、排名", "contest", "contest_general"),
        review=True,
    ),
    Rule(
        OVERSEAS_FILED,
        "yellow",
        OVERSEAS_WORDS,
        message=_words("境外课程", "overseas"),
        review=True,
    ),
)

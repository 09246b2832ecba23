"""What may not be practised, whatever the timetable says: each rule with its article and dates."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from services.schedule_monitor.domain.practices.practice import Practice
from services.schedule_monitor.domain.rules import practice_articles as articles
from services.schedule_monitor.domain.session import Kind, Mode, Stage
from shared.rules import Level, RuleCard

_ALL: Final = "各类培训"
_PUPILS: Final[tuple[Stage, ...]] = ("compulsory", "senior_secondary")
_OTHER_KINDS: Final[tuple[Kind, ...]] = ("culture_arts", "sports", "science_tech")


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeRule:
    """A practice that is not allowed, and of which kinds, modes and stages; ``None`` is all.

    A stage that was not told is no reason to look away; kind and mode are registered or told.
    """

    card: RuleCard
    level: Level
    practice: Practice
    kinds: tuple[Kind, ...] | None = None
    modes: tuple[Mode, ...] | None = None
    stages: tuple[Stage, ...] | None = None

    def forbids(
        self, practice: Practice, *, kind: Kind | None, mode: Mode, stage: Stage | None
    ) -> bool:
        """Tell whether the rule is about such a practice, whenever it was."""
        return (
            practice == self.practice
            and (self.kinds is None or kind in self.kinds)
            and (self.modes is None or mode in self.modes)
            and (self.stages is None or stage is None or stage in self.stages)
        )

    def in_force(self, first: date, last: date) -> bool:
        """Tell whether the rule is in force on any of some days, the last included."""
        article = self.card.article
        until = article.in_force_until
        return article.in_force_from <= last and (until is None or first < until)


_TO_SUBJECTS: Final = "学科类培训"
_TO_PUPILS: Final = "各类机构组织的面向中小学生的学科类活动"

HOMEWORK: Final = RuleCard("schedule.homework", "留作业", articles.HOMEWORK, _ALL)
HOMEWORK_2021: Final = RuleCard(
    "schedule.homework_2021", "留作业（2021年7月24日前）", articles.HOMEWORK_2021, _ALL
)
HOMEWORK_2018: Final = RuleCard(
    "schedule.homework_2018", "留作业（2021年4月2日前）", articles.HOMEWORK_2018, _ALL
)
AHEAD: Final = RuleCard("schedule.ahead_of_standard", "超标超前培训", articles.AHEAD, _TO_SUBJECTS)
AHEAD_2018: Final = RuleCard(
    "schedule.ahead_of_standard_2018",
    "超标超前培训（2021年7月24日前）",
    articles.AHEAD_2018,
    _TO_SUBJECTS,
)
GRADED_EXAM: Final = RuleCard(
    "schedule.graded_exam", "组织学科类等级考试", articles.EXAMS, _TO_PUPILS
)
GRADED_EXAM_2018: Final = RuleCard(
    "schedule.graded_exam_2018",
    "组织学科类等级考试（2021年7月24日前）",
    articles.EXAMS_2018,
    _TO_PUPILS,
)
CONTEST: Final = RuleCard("schedule.contest", "组织学科类竞赛", articles.EXAMS, _TO_PUPILS)
CONTEST_2018: Final = RuleCard(
    "schedule.contest_2018",
    "组织学科类竞赛（2021年7月24日前）",
    articles.EXAMS_2018,
    _TO_PUPILS,
)
RANKING: Final = RuleCard("schedule.ranking", "进行学科成绩排名", articles.EXAMS, _TO_PUPILS)
RANKING_2018: Final = RuleCard(
    "schedule.ranking_2018",
    "进行学科成绩排名（2021年7月24日前）",
    articles.EXAMS_2018,
    _TO_PUPILS,
)
OVERSEAS: Final = RuleCard(
    "schedule.overseas_curriculum", "提供境外教育课程", articles.OVERSEAS, _ALL
)
PHOTO_SEARCH: Final = RuleCard(
    "schedule.photo_search", "提供拍照搜题", articles.PHOTO_SEARCH, "各类线上培训"
)
SUBJECT_TEACHING: Final = RuleCard(
    "schedule.subject_teaching",
    "非学科类机构从事学科类培训",
    articles.SUBJECT_TEACHING,
    "登记为非学科类的机构",
)
RECORDED_TEACHING: Final = RuleCard(
    "schedule.recorded_teaching",
    "以录播代替直播授课",
    articles.RECORDED_TEACHING,
    "各类线上培训",
)

PRACTICE_RULES: Final = (
    PracticeRule(card=HOMEWORK, level="yellow", practice="homework"),
    PracticeRule(card=HOMEWORK_2021, level="yellow", practice="homework"),
    PracticeRule(card=HOMEWORK_2018, level="yellow", practice="homework"),
    PracticeRule(card=AHEAD, level="red", practice="ahead_of_standard", kinds=("subject",)),
    PracticeRule(card=AHEAD_2018, level="red", practice="ahead_of_standard", kinds=("subject",)),
    PracticeRule(card=GRADED_EXAM, level="red", practice="graded_exam", stages=_PUPILS),
    PracticeRule(card=GRADED_EXAM_2018, level="red", practice="graded_exam", stages=_PUPILS),
    PracticeRule(card=CONTEST, level="red", practice="contest", stages=_PUPILS),
    PracticeRule(card=CONTEST_2018, level="red", practice="contest", stages=_PUPILS),
    PracticeRule(card=RANKING, level="red", practice="ranking", stages=_PUPILS),
    PracticeRule(card=RANKING_2018, level="red", practice="ranking", stages=_PUPILS),
    PracticeRule(card=OVERSEAS, level="red", practice="overseas_curriculum"),
    PracticeRule(card=PHOTO_SEARCH, level="red", practice="photo_search", modes=("online",)),
    PracticeRule(
        card=SUBJECT_TEACHING, level="red", practice="subject_teaching", kinds=_OTHER_KINDS
    ),
    PracticeRule(
        card=RECORDED_TEACHING, level="yellow", practice="recorded_teaching", modes=("online",)
    ),
)
PRACTICE_RULE_CODES: Final = tuple(rule.card.code for rule in PRACTICE_RULES)
PRACTICE_OF_RULE: Final[dict[str, Practice]] = {
    rule.card.code: rule.practice for rule in PRACTICE_RULES
}

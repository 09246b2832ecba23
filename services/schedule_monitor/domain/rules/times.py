"""Until when a class may last, how long, and how soon the next may follow."""

from datetime import time, timedelta
from typing import Final

from services.schedule_monitor.domain.rules import articles
from services.schedule_monitor.domain.rules.case import Case, Rule
from services.schedule_monitor.domain.session import MODE_NAMES, Mode
from shared.rules import RuleCard

_OFFLINE = "各类线下培训"
_ONLINE = "各类线上（直播）培训"

OFFLINE_END = RuleCard("schedule.offline_end", "线下培训结束过晚", articles.OFFLINE_END, _OFFLINE)
ONLINE_END = RuleCard("schedule.online_end", "线上培训结束过晚", articles.ONLINE_END, _ONLINE)
ONLINE_LENGTH = RuleCard("schedule.online_length", "线上课时过长", articles.ONLINE_LENGTH, _ONLINE)
ONLINE_GAP = RuleCard("schedule.online_gap", "线上课程间隔过短", articles.ONLINE_GAP, _ONLINE)
OFFLINE_END_2021 = RuleCard(
    "schedule.offline_end_2021", "线下培训结束过晚", articles.OFFLINE_END_2021, _OFFLINE
)
ONLINE_END_2021 = RuleCard(
    "schedule.online_end_2021", "线上培训结束过晚", articles.ONLINE_END_2021, _ONLINE
)
ONLINE_LENGTH_2019 = RuleCard(
    "schedule.online_length_2019", "线上课时过长", articles.ONLINE_LENGTH_2019, _ONLINE
)
ONLINE_GAP_2019 = RuleCard(
    "schedule.online_gap_2019", "线上课程间隔过短", articles.ONLINE_GAP_2019, _ONLINE
)


def offline_class_ends_in_time(case: Case) -> str | None:
    """An offline class ends by 20:30; 20:30 exactly is lawful."""
    return _ends_by(case, "offline", articles.OFFLINE_ENDS_BY)


def online_class_ends_in_time(case: Case) -> str | None:
    """An online class ends by 21:00; 21:00 exactly is lawful."""
    return _ends_by(case, "online", articles.ONLINE_ENDS_BY)


def online_class_stays_within_thirty_minutes(case: Case) -> str | None:
    """An online class lasts at most 30 minutes; 30 exactly is lawful."""
    return _lasts_at_most(case, articles.LONGEST_ONLINE)


def online_class_stays_within_forty_minutes(case: Case) -> str | None:
    """Until the opinions of 2021 an online class lasted at most 40 minutes."""
    return _lasts_at_most(case, articles.LONGEST_ONLINE_2019)


def online_classes_leave_a_gap(case: Case) -> str | None:
    """Between two online classes of one group lie at least 10 minutes; 10 exactly is lawful."""
    if case.before is None or case.session.mode != "online":
        return None
    gap = case.session.gap_after(case.before)
    if gap >= articles.SHORTEST_GAP:
        return None
    until = f"上一节线上课{case.before.end}结束，本节{case.session.start}开始，"
    between = f"间隔{_spoken(gap)}" if gap >= timedelta(0) else f"重叠{_spoken(-gap)}"
    return f"{until}{between}，少于{_spoken(articles.SHORTEST_GAP)}"


def _ends_by(case: Case, mode: Mode, limit: time) -> str | None:
    session = case.session
    if session.mode != mode or session.end <= limit:
        return None
    return f"{MODE_NAMES[mode]}培训{session.end}结束，晚于{limit}"


def _lasts_at_most(case: Case, limit: timedelta) -> str | None:
    session = case.session
    if session.mode != "online" or session.length <= limit:
        return None
    return f"线上培训本节{_spoken(session.length)}，超过{_spoken(limit)}"


def _spoken(length: timedelta) -> str:
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    return f"{minutes}分钟" + (f"{seconds}秒" if seconds else "")


TIME_RULES: Final = (
    Rule(OFFLINE_END, "yellow", offline_class_ends_in_time),
    Rule(ONLINE_END, "yellow", online_class_ends_in_time),
    Rule(ONLINE_LENGTH, "yellow", online_class_stays_within_thirty_minutes),
    Rule(ONLINE_GAP, "yellow", online_classes_leave_a_gap),
    Rule(OFFLINE_END_2021, "yellow", offline_class_ends_in_time),
    Rule(ONLINE_END_2021, "yellow", online_class_ends_in_time),
    Rule(ONLINE_LENGTH_2019, "yellow", online_class_stays_within_forty_minutes),
    Rule(ONLINE_GAP_2019, "yellow", online_classes_leave_a_gap),
)

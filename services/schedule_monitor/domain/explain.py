"""What is said of a judged class, in one Chinese paragraph."""

from services.schedule_monitor.domain.calendars.calendar import named
from services.schedule_monitor.domain.judge import Judged
from services.schedule_monitor.domain.rules import articles
from services.schedule_monitor.domain.session import KIND_NAMES, MODE_NAMES, STAGE_NAMES


def explain_session(judged: Judged) -> str:
    """Say what the class is, what is found of it, and by which article."""
    session = judged.session
    what = (
        f"{named(session.on)}{session.start}至{session.end}，{STAGE_NAMES[session.stage]}"
        f"{MODE_NAMES[session.mode]}{KIND_NAMES[session.kind]}培训："
    )
    return what + _outcome(judged, lawful=_lawful(judged)) + _noted(judged)


def explain_day(judged: Judged) -> str:
    """Say whether subject classes may be held on a day."""
    return _outcome(judged, lawful=_lawful_day(judged)) + _noted(judged)


def _outcome(judged: Judged, *, lawful: str) -> str:
    found = "".join(
        f"{found.message}（{found.rule.card.article.reference}）。" for found in judged.findings
    )
    if judged.verdict == "unlawful":
        return found
    clues = f"线索：{found}" if found else ""
    if judged.missing:
        return f"缺少{'、'.join(judged.missing)}，不能判定；其他规定未见违反。{clues}"
    return lawful + clues


def _lawful(judged: Judged) -> str:
    return f"未见违反培训时间规定。{judged.day.why if judged.session.kind == 'subject' else ''}"


def _lawful_day(judged: Judged) -> str:
    if not articles.DAYS.applies_on(judged.session.on):
        return (
            f"{articles.DAYS.document}自{articles.DAYS.in_force_from}起限制培训日期，此前不适用。"
        )
    return "可以举办学科类培训，仍须遵守结束时间、课时和间隔的规定。"


def _noted(judged: Judged) -> str:
    return "".join(f"注：{note.rstrip('。')}。" for note in judged.notes)

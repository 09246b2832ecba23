"""Random reports of practice, and what the words of the law say of them: by day, kind and mode."""

from datetime import date, timedelta

import pytest

from services.schedule_monitor.domain.practices.practice import EXPERT_PRACTICES, PRACTICE_NAMES
from services.schedule_monitor.domain.practices.practice_breaches import hits_of
from services.schedule_monitor.domain.rules.practices import PRACTICE_RULE_CODES
from tests.schedule_monitor.builders import a_registered, a_report, an_opinion
from tests.schedule_monitor.domain.random_timetables import a_source

STANDARDS, SLEEP_NOTICE = date(2018, 8, 22), date(2021, 4, 2)
OPINIONS = date(2021, 7, 24)
EDGES = [STANDARDS, SLEEP_NOTICE, OPINIONS, date(2026, 2, 1)]
LEVELS = {"homework": "yellow", "recorded_teaching": "yellow"}
KINDS = ("subject", "culture_arts", "sports", "science_tech")
NEVER = date.max


def a_case(rng):
    first = rng.choice(EDGES) + timedelta(days=rng.randint(-40, 40))
    if rng.random() < 0.6:
        first = rng.choice(EDGES) - timedelta(days=rng.choice([0, 1]))
    last = first + timedelta(days=rng.choice([0, 0, 1, 45]))
    practice = rng.choice(list(PRACTICE_NAMES))
    report = a_report(
        practice,
        rng.choice(["filing", "tip", "visit"]),
        first.isoformat(),
        last.isoformat(),
        kind=rng.choice([None, *KINDS]),
        mode=rng.choice([None, "online", "offline"]),
        stage=rng.choice([None, "preschool", "compulsory", "senior_secondary"]),
    )
    for number in range(1, 1 + rng.choice([0, 0, 1, 2])):
        report = report.asked(an_opinion(number))
        said = rng.choice([None, "supports", "supports", "does_not_support", "unclear"])
        if said is not None:
            report = report.given(an_opinion(number, said))
    return report, a_registered(kind=rng.choice(KINDS), mode=rng.choice(["online", "offline"]))


def law_of(practice):
    """Return the rules on a practice: since when, until when, and what their codes end in."""
    if practice == "homework":
        return [
            (STANDARDS, SLEEP_NOTICE, "_2018"),
            (SLEEP_NOTICE, OPINIONS, "_2021"),
            (OPINIONS, NEVER, ""),
        ]
    if practice in ("ahead_of_standard", "graded_exam", "contest", "ranking"):
        return [(STANDARDS, OPINIONS, "_2018"), (OPINIONS, NEVER, "")]
    return [(OPINIONS, NEVER, "")]


def is_about(practice, told, registered):
    subject = registered.kind == "subject" or (told.kind or registered.kind) == "subject"
    online = (told.mode or registered.mode) == "online"
    return {
        "ahead_of_standard": subject,
        "graded_exam": told.stage != "preschool",
        "contest": told.stage != "preschool",
        "ranking": told.stage != "preschool",
        "photo_search": online,
        "recorded_teaching": online,
        "subject_teaching": registered.kind != "subject",
    }.get(practice, True)


def stands(report):
    """Return whether a report stands (``True``), fell (``False``), or is still to be judged."""
    said = {one.says for one in report.opinions if one.says is not None}
    if said == {"supports"}:
        return True
    if said == {"does_not_support"}:
        return False
    if said or report.opinions or report.told.practice in EXPERT_PRACTICES:
        return None
    return None if report.told.source == "tip" else True


def said(report, registered):
    """Return codes with month and level, day by day."""
    told, outcome = report.told, stands(report)
    if outcome is False or not is_about(told.practice, told, registered):
        return set()
    level = LEVELS.get(told.practice, "red") if outcome else "yellow"
    days = [told.first_on + timedelta(n) for n in range((told.last_on - told.first_on).days + 1)]
    return {
        (f"schedule.{told.practice}{suffix}", f"{day:%Y-%m}", level)
        for day in days
        for since, until, suffix in law_of(told.practice)
        if since <= day < until
    }


@pytest.mark.parametrize("block", range(4))
def test_are_held_against_the_law_of_their_days(block):
    for seed in range(block * 500, (block + 1) * 500):
        report, registered = a_case(a_source(seed))

        hits = hits_of(report, registered)

        found = {(hit.rule.card.code, hit.month, hit.level) for hit in hits}
        assert found == said(report, registered), (seed, report, registered)


def test_break_every_rule_on_practices():
    codes = {code for seed in range(2_000) for code, *_ in said(*a_case(a_source(seed)))}

    assert codes == set(PRACTICE_RULE_CODES)

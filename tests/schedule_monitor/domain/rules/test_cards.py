"""Whom a rule's card says it is for, it is for: kind, mode and stage, on random timetables."""

from collections import defaultdict

import pytest

from services.schedule_monitor.domain.evaluation import RULES
from services.schedule_monitor.domain.judge import judge_sessions
from services.schedule_monitor.domain.session import Kind, Mode, Stage
from tests.schedule_monitor.domain.random_timetables import a_source, a_timetable, a_world

OTHER_KINDS = {"culture_arts", "sports", "science_tech"}
STAGES = {
    "学龄前和义务教育阶段": {"preschool", "compulsory"},
    "义务教育和高中阶段": {"compulsory", "senior_secondary"},
    "义务教育阶段": {"compulsory"},
    "学龄前": {"preschool"},
}
# So many breaches of random classes leave no kind, mode or stage out by chance.
ENOUGH = 60


def kinds(said) -> set[Kind]:
    if "非学科类" in said:
        return OTHER_KINDS
    return {"subject"} if "学科类" in said else {"subject", *OTHER_KINDS}


def modes(said) -> set[Mode]:
    if "线上线下" in said or ("线上" not in said and "线下" not in said):
        return {"online", "offline"}
    return {"online"} if "线上" in said else {"offline"}


def stages(said) -> set[Stage]:
    every = {"preschool", "compulsory", "senior_secondary"}
    return next((found for words, found in STAGES.items() if words in said), every)


@pytest.fixture(scope="module")
def broken():
    found = defaultdict(list)
    for seed in range(150):
        rng = a_source(seed)
        world, sessions = a_world(rng), a_timetable(rng, size=60)
        for one in judge_sessions(sessions, world.calendars, world.surroundings):
            for finding in one.findings:
                found[finding.rule.card.code].append(one.session)
    return found


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.card.code)
def test_a_card_says_whom_its_rule_is_for(rule, broken):
    said, breaches = rule.card.applies_to, broken[rule.card.code]

    assert breaches
    for words, name in ((kinds, "kind"), (modes, "mode"), (stages, "stage")):
        found = {getattr(one, name) for one in breaches}
        assert found <= words(said), (said, found)
        assert found == words(said) or len(breaches) < ENOUGH, (said, found, len(breaches))

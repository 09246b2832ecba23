"""Before school age: 方案任务22 and the national opinions."""

import pytest

from services.schedule_monitor.domain.rules.preschool import (
    no_offline_subject_class_before_school_age,
    no_online_class_before_school_age,
)
from tests.schedule_monitor.builders import a_case, a_session


def breaches(**how):
    case = a_case(a_session(**how))
    return (
        no_online_class_before_school_age(case) is not None,
        no_offline_subject_class_before_school_age(case) is not None,
    )


@pytest.mark.parametrize(
    ("stage", "mode", "kind", "found"),
    [
        ("preschool", "online", "subject", (True, False)),
        ("preschool", "online", "sports", (True, False)),
        ("preschool", "offline", "subject", (False, True)),
        ("preschool", "offline", "sports", (False, False)),
        ("compulsory", "online", "subject", (False, False)),
        ("compulsory", "offline", "subject", (False, False)),
    ],
)
def test_forbid_everything_online_and_subjects_offline(stage, mode, kind, found):
    assert breaches(stage=stage, mode=mode, kind=kind) == found

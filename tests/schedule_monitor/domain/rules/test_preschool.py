"""Before school age: 方案任务22 and the national opinions."""

import pytest

from services.schedule_monitor.domain.rules.preschool import PRESCHOOL_ONLINE, PRESCHOOL_SUBJECT
from tests.schedule_monitor.builders import a_session, said


def breaches(**how):
    session = a_session(**how)
    return said(PRESCHOOL_ONLINE, session) is not None, said(PRESCHOOL_SUBJECT, session) is not None


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

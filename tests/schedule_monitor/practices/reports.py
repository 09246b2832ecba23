"""Reports of practice as requests state them; every default is taken in."""

from tests.schedule_monitor.builders import INSTITUTION

REPORTS = "/v1/practice-reports"
DIGEST = f"sha256:{'ab' * 32}"


def a_report(**more):
    return {
        "practice": "homework",
        "source": "visit",
        "institution_id": INSTITUTION,
        "first_on": "2026-02-26",
        "seen": "白板上写有当晚的作业清单",
        "evidence": [{"digest": DIGEST, "shows": "白板照片"}],
        **more,
    }


def a_tip(**more):
    return a_report(
        source="tip", source_reference="12345-0001", seen="家长称每天打卡", evidence=[], **more
    )


A_QUESTION = {
    "expert": "沈一",
    "office": "市中小学课程教材审查专家委员会",
    "question": "内容是否超出三年级课程标准",
}

import pytest

from deploy import duties_document
from shared.duties.annex4 import DUTIES
from shared.duties.departments import DEPARTMENTS, TOWNS
from shared.duties.groups import GROUPS
from shared.duties.routing import ROUTES
from shared.duties.tasks import TASKS


@pytest.fixture(scope="module")
def lines() -> list[str]:
    return duties_document.text().splitlines()


class TestText:
    def test_has_every_body_duty_task_group_and_route(self, lines):
        for begins in (
            *(f"| {body.name} | `{body.code}` |" for body in (*DEPARTMENTS, *TOWNS)),
            *(f"| `{duty.id}` | {duty.text} |" for duty in DUTIES),
            *(f"| {task.number} | {task.title} |" for task in TASKS),
            *(f"| （{group.numeral}）{group.name} |" for group in GROUPS),
        ):
            assert [line for line in lines if line.startswith(begins)], begins
        for kind in ROUTES:
            assert [line for line in lines if line.endswith(f" · `{kind}`")]

    def test_has_tables_whose_rows_are_as_wide_as_their_heads(self, lines):
        rows = [line for line in lines if line.startswith("|")]
        width = 0
        for previous, line in zip(["", *lines], lines, strict=False):
            if line in rows and previous not in rows:
                width = line.count("|")
            assert line not in rows or line.count("|") == width

    def test_shortens_runs_of_task_numbers(self, lines):
        assert "| 市教育局 | `education` | 附件4 | 1–30 |" in "\n".join(lines)

    def test_does_not_send_the_lead_of_a_banks_conflict_a_second_copy(self, lines):
        start = next(n for n, line in enumerate(lines) if "`fund.identity_conflict`" in line)

        assert [line.split(" | ")[1] for line in lines[start + 4 : start + 7]] == [
            "市人民银行",
            "嘉兴银保监分局海宁监管组",
            "市金融办",
        ]

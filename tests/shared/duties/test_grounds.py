import pytest

from shared.duties.annex4 import DUTIES
from shared.duties.grounds import cited, ground, place, said
from shared.duties.groups import GROUPS
from shared.duties.tasks import TASKS


class TestGround:
    @pytest.mark.parametrize("line", [*TASKS, *GROUPS, *DUTIES], ids=lambda line: line.id)
    def test_finds_every_line_of_the_plan_by_its_id(self, line):
        assert ground(line.id) is line
        assert said(line)

    def test_refuses_an_unknown_id(self):
        with pytest.raises(KeyError):
            ground("pboc.2")


class TestCited:
    @pytest.mark.parametrize(
        ("identifiers", "text"),
        [
            (["task.24"], "方案任务24"),
            (["task.24", "task.28"], "方案任务24、28"),
            (["task.18", "education.2"], "方案任务18、附件4（市教育局）"),
            (["group.funds", "finance_office.1"], "附件2（五）、附件4（市金融办）"),
            (["education.1", "education.2"], "附件4（市教育局）"),
            (["towns.3", "towns.4"], "附件4（各镇（街道））"),
        ],
    )
    def test_names_lines_as_the_plan_numbers_them(self, identifiers, text):
        assert cited(identifiers) == text


class TestPlace:
    @pytest.mark.parametrize(
        ("identifier", "text"),
        [
            ("task.24", "方案任务24"),
            ("group.funds", "附件2（五）资金监管组"),
            ("cbirc.1", "附件4第24行（嘉兴银保监分局海宁监管组）第1项"),
            ("towns.5", "附件4第26行（各镇（街道））第5项"),
        ],
    )
    def test_points_to_the_clause(self, identifier, text):
        assert place(ground(identifier)) == text

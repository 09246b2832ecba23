"""Every clause of annex 4 is somebody's duty, once. The counts were made from the plan by hand."""

import re
from pathlib import Path

import pytest

from shared.duties.annex4 import DUTIES, duties_of
from shared.duties.departments import DEPARTMENTS
from shared.duties.tasks import TASKS, TOWN_ROW

# Row by row, as the annex lists them: how many parts end in a full stop or a semicolon.
CLAUSES = [
    ("foreign_affairs", 1),
    ("publicity", 6),
    ("political_legal", 2),
    ("staffing", 1),
    ("petitions", 1),
    ("development_reform", 2),
    ("economy_it", 1),
    ("education", 5),
    ("science_tech", 5),
    ("public_security", 6),
    ("civil_affairs", 2),
    ("justice", 1),
    ("human_resources", 1),
    ("housing_construction", 3),
    ("culture_tourism_sports", 3),
    ("health", 1),
    ("market_regulation", 7),
    ("finance_office", 2),
    ("urban_enforcement", 1),
    ("media_center", 2),
    ("data_bureau", 1),
    ("tax", 1),
    ("pboc", 1),
    ("cbirc", 1),
    ("fire_rescue", 1),
    ("towns", 5),
]
PLAN = Path(__file__).parents[4] / "shared" / "source" / "haining-double-reduction-plan.zh.txt"


class TestDuties:
    def test_cover_the_twenty_five_departments_and_the_towns_row_by_row(self):
        in_annex_4 = [body.code for body in DEPARTMENTS if body.kind == "department"]

        assert [body for body, _ in CLAUSES] == [*in_annex_4, TOWN_ROW]
        assert sum(count for _, count in CLAUSES) == len(DUTIES) == 63

    @pytest.mark.parametrize(
        ("row", "body", "clauses"),
        [(row, body, count) for row, (body, count) in enumerate(CLAUSES, start=1)],
    )
    def test_refer_to_each_clause_of_a_row_once(self, row, body, clauses):
        places = [(duty.body, duty.clause) for duty in DUTIES if duty.row == row]

        assert places == [(body, clause) for clause in range(1, clauses + 1)]

    def test_have_each_an_id_and_words_of_their_own(self):
        assert len({duty.id for duty in DUTIES}) == len({duty.text for duty in DUTIES}) == 63

    @pytest.mark.parametrize("duty", DUTIES, ids=lambda duty: duty.id)
    def test_name_only_tasks_that_name_the_body(self, duty):
        responsible = {task.number for task in TASKS if duty.body in task.responsible}

        assert set(duty.tasks) <= responsible

    @pytest.mark.parametrize("duty", DUTIES, ids=lambda duty: duty.id)
    def test_are_one_short_sentence_for_an_official(self, duty):
        assert re.fullmatch(r"[^。]{4,80}。", duty.text)

    def test_are_none_for_a_body_that_only_belongs_to_a_group(self):
        assert duties_of("youth_league") == ()


@pytest.mark.skipif(not PLAN.exists(), reason="the plan's text is not beside this checkout")
class TestPlan:
    def test_has_as_many_clauses_in_each_row(self):
        _, annex_4 = PLAN.read_text().rsplit("责任清单", 1)
        # A row is a block of lines: the department's name, which may be broken, and its duties.
        blocks = [block for block in annex_4.split("\n\n") if "\t" in block][1:]
        texts = ["".join(block.split("\t")[-1].split()) for block in blocks]

        assert [len(re.findall(r"[^。；;]+", text)) for text in texts] == [
            count for _, count in CLAUSES
        ]

import pytest

from shared.duties.annex4 import duties_of
from shared.duties.departments import ALL_CODES, DEPARTMENTS, is_known
from shared.duties.grounds import row_of
from shared.duties.groups import GROUPS, groups_of
from shared.duties.tasks import TASKS, TOWN_ROW, tasks_of


def codes(bodies):
    return {code for code in bodies if code != TOWN_ROW}


class TestTasks:
    def test_are_the_thirty_of_the_plan_in_order(self):
        assert [task.number for task in TASKS] == list(range(1, 31))

    @pytest.mark.parametrize("task", TASKS, ids=lambda task: task.id)
    def test_name_bodies_of_the_city_each_once(self, task):
        assert task.responsible
        assert len(set(task.responsible)) == len(task.responsible)
        assert all(is_known(code) for code in codes(task.responsible))

    # Counted in the plan: how many of the thirty name the body.
    @pytest.mark.parametrize(
        ("row", "count"),
        [
            ("education", 30),
            ("market_regulation", 11),
            ("culture_tourism_sports", 10),
            ("science_tech", 10),
            ("civil_affairs", 7),
            ("finance_bureau", 4),
            ("development_reform", 3),
            ("education_supervision", 3),
            ("towns", 2),
            ("cbirc", 2),
            ("pboc", 1),
            ("petitions", 0),
        ],
    )
    def test_name_a_body_as_often_as_the_plan_does(self, row, count):
        assert len(tasks_of(row)) == count


class TestGroups:
    def test_are_the_eight_of_annex_2_in_order(self):
        assert [group.numeral for group in GROUPS] == list("一二三四五六七八")

    @pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.code)
    def test_name_bodies_of_the_city_each_once(self, group):
        assert len(set(group.everyone)) == len(group.everyone)
        assert all(is_known(code) for code in codes(group.everyone))

    @pytest.mark.parametrize(
        ("code", "leads", "members"),
        [
            ("general", ["education"], 2),
            ("after_school", ["education"], 9),
            ("registration", ["civil_affairs", "market_regulation"], 4),
            ("enforcement", ["education", "urban_enforcement"], 9),
            ("funds", ["finance_office", "pboc"], 5),
            ("opinion", ["publicity"], 4),
            ("stability", ["political_legal"], 9),
            # Twenty-one departments, four members without a row in annex 4, and the towns.
            ("supervision", ["education_supervision"], 26),
        ],
    )
    def test_have_the_leads_and_as_many_members_as_in_the_plan(self, code, leads, members):
        [group] = [group for group in GROUPS if group.code == code]

        assert list(group.leads) == leads
        assert len(group.members) == members

    def test_the_last_follows_every_member_of_the_others(self):
        *others, supervision = GROUPS

        assert set(supervision.members) == {body for group in others for body in group.everyone}


class TestEveryBody:
    @pytest.mark.parametrize("code", ALL_CODES)
    def test_has_a_duty_a_task_or_a_group(self, code):
        row = row_of(code)

        assert duties_of(row) or tasks_of(row) or groups_of(row)

    @pytest.mark.parametrize(
        "code", [body.code for body in DEPARTMENTS if body.kind == "group_member"]
    )
    def test_that_only_belongs_to_groups_is_in_one(self, code):
        assert groups_of(code)

    def test_in_a_town_has_the_towns_duties(self):
        assert row_of("xucun") == row_of("haichang") == TOWN_ROW
        assert row_of("pboc") == "pboc"

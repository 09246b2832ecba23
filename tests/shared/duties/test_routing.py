import re

import pytest

from shared.duties.annex4 import Duty
from shared.duties.departments import DEPARTMENTS
from shared.duties.grounds import ground
from shared.duties.groups import Group
from shared.duties.parties import COMPETENT, COMPETENT_DEPARTMENTS
from shared.duties.routing import ROUTES, explain, route, route_of_platform

KNOWN = {body.code for body in DEPARTMENTS}
FUND_KINDS = ["fund.over_collection", "fund.coverage", "fund.unregistered_money"]
CITES_THE_PLAN = re.compile(r"方案任务\d+|附件[24]（")


def roles(decision):
    return {delivery.department: delivery.role for delivery in decision.deliveries}


def bodies(line):
    """Return whom a line of the plan speaks of."""
    match line:
        case Duty():
            return (line.body,)
        case Group():
            return line.leads
        case _:
            return line.responsible


class TestRoutes:
    @pytest.mark.parametrize("kind", ROUTES)
    def test_name_departments_of_the_city_only(self, kind):
        parties = {party.department for _, party in ROUTES[kind].parties}

        assert parties <= KNOWN | {COMPETENT}

    @pytest.mark.parametrize("kind", ROUTES)
    def test_give_every_party_a_reason_that_cites_the_plan(self, kind):
        for _, party in ROUTES[kind].parties:
            assert CITES_THE_PLAN.match(party.reason)

    def test_give_the_regulators_of_money_the_reasons_of_annex_4(self):
        reasons = {party.department: party.reason for _, party in ROUTES["fund.coverage"].parties}

        assert reasons["cbirc"].startswith("附件4（嘉兴银保监分局海宁监管组）：")
        assert reasons["finance_office"].startswith("附件2（五）、附件4（市金融办）：")

    def test_know_competent_departments_that_exist(self):
        assert set(COMPETENT_DEPARTMENTS) <= KNOWN


class TestRoute:
    @pytest.mark.parametrize("kind", ROUTES)
    @pytest.mark.parametrize("competent", [None, *COMPETENT_DEPARTMENTS])
    def test_puts_one_lead_first_and_nobody_twice(self, kind, competent):
        decision = route(kind, competent=competent)

        departments = [delivery.department for delivery in decision.deliveries]
        assert departments[0] == decision.lead
        assert [delivery.role for delivery in decision.deliveries].count("lead") == 1
        assert len(departments) == len(set(departments))
        assert set(departments) <= KNOWN

    @pytest.mark.parametrize("kind", ROUTES)
    @pytest.mark.parametrize("competent", [None, *COMPETENT_DEPARTMENTS])
    def test_rests_on_lines_of_the_plan_that_speak_of_each_department(self, kind, competent):
        for delivery in route(kind, competent=competent).deliveries:
            lines = [ground(identifier) for identifier in delivery.grounds]

            assert delivery.department in {named for line in lines for named in bodies(line)}

    @pytest.mark.parametrize("kind", FUND_KINDS)
    def test_leads_to_the_competent_department_and_informs_the_three_of_finance(self, kind):
        decision = route(kind, competent="culture_tourism_sports")

        assert roles(decision) == {
            "culture_tourism_sports": "lead",
            "pboc": "inform",
            "cbirc": "inform",
            "finance_office": "inform",
        }

    @pytest.mark.parametrize("competent", [None, "foreign_affairs"])
    def test_falls_back_to_education_and_says_so(self, competent):
        decision = route("fund.unregistered_money", competent=competent)

        assert decision.lead == "education"
        assert "尚不能确定该机构的主管部门" in decision.deliveries[0].reason

    def test_says_which_kind_of_institution_the_lead_is_in_charge_of(self):
        decision = route("fund.coverage", competent="science_tech")

        assert "科技创新类" in decision.deliveries[0].reason

    def test_sends_a_banks_conflict_to_the_central_bank_once(self):
        decision = route("fund.identity_conflict", competent=None)

        assert roles(decision) == {"pboc": "lead", "cbirc": "inform", "finance_office": "inform"}

    def test_refuses_a_kind_without_a_route(self):
        with pytest.raises(KeyError):
            route("fund.unheard_of", competent=None)


class TestRouteOfPlatform:
    @pytest.mark.parametrize("kind", ROUTES)
    def test_has_one_lead_and_rests_on_the_plan_as_any_other(self, kind):
        decision = route_of_platform(kind)

        departments = [delivery.department for delivery in decision.deliveries]
        assert departments[0] == decision.lead
        assert [delivery.role for delivery in decision.deliveries].count("lead") == 1
        assert len(departments) == len(set(departments))
        for delivery in decision.deliveries:
            lines = [ground(identifier) for identifier in delivery.grounds]
            assert delivery.department in {named for line in lines for named in bodies(line)}

    def test_of_a_practice_is_led_by_the_keeper_of_platforms(self):
        found = roles(route_of_platform("schedule.photo_search"))

        assert found == {"economy_it": "lead", "education": "assist"}


class TestExplain:
    def test_names_department_role_and_reason(self):
        lead, *_ = route("fund.coverage", competent="education").deliveries

        assert explain(lead).startswith("市教育局（牵头）：方案任务24")

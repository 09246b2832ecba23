import pytest

from shared.duties.departments import ALL_CODES
from shared.duties.explaining import (
    ALWAYS,
    WHEN_COMPETENT,
    WHEN_NONE_IS,
    escalation,
    explained,
    parts_of,
)
from shared.duties.grounds import ground
from shared.duties.parties import COMPETENT_DEPARTMENTS
from shared.duties.routing import ROUTES, route


def rising(late):
    return [step.department for step in escalation(late=late)]


class TestEscalation:
    @pytest.mark.parametrize(
        ("late", "steps"),
        [
            pytest.param(
                {"science_tech"}, ["education", "education_supervision"], id="first 综合组"
            ),
            pytest.param({"education"}, ["education_supervision"], id="综合组 is late itself"),
            pytest.param({"science_tech", "education_supervision"}, ["education"], id="no 督导"),
            pytest.param({"education", "education_supervision"}, [], id="nobody is left"),
        ],
    )
    def test_rises_to_the_two_groups_but_never_to_a_body_that_is_late(self, late, steps):
        assert rising(late) == steps

    def test_says_by_which_group(self):
        general, supervision = escalation(late=())

        assert general.reason.startswith("附件2（一）：综合组由市教育局牵头")
        assert supervision.reason.startswith("附件2（八）：督导督查组由市政府教育督导委员会办公室")


class TestExplained:
    @pytest.mark.parametrize("kind", ROUTES)
    @pytest.mark.parametrize("competent", [None, *COMPETENT_DEPARTMENTS])
    def test_decides_as_the_route_does(self, kind, competent):
        explanation = explained(kind, competent=competent)

        assert explanation.decision == route(kind, competent=competent)
        assert explanation.decision.lead not in {it.department for it in explanation.escalation}

    def test_tells_a_town_its_duty_though_the_case_is_not_sent_to_it(self):
        town = explained("fund.coverage", competent="education", town="xucun").town

        assert town is not None
        assert (town.town, town.role) == ("xucun", None)
        assert [ground(identifier).body for identifier in town.grounds] == ["towns", "towns"]


class TestPartsOf:
    def test_informs_the_central_bank_of_money_and_lets_it_lead_what_concerns_banks(self):
        parts = {part.kind: (part.role, part.when) for part in parts_of("pboc")}

        assert parts.keys() == {kind for kind in ROUTES if kind.startswith("fund.")}
        led = {kind for kind, (role, _) in parts.items() if role == "lead"}
        assert led == {
            "fund.bank_silent",
            "fund.difference_overdue",
            "fund.identity_conflict",
        }
        assert set(parts.values()) == {("inform", ALWAYS), ("lead", ALWAYS)}

    def test_lets_education_lead_for_its_own_and_where_nobody_is_known(self):
        parts = [part for part in parts_of("education") if part.kind == "fund.coverage"]

        assert [(part.role, part.when) for part in parts] == [
            ("lead", WHEN_COMPETENT),
            ("lead", WHEN_NONE_IS),
        ]
        assert "尚不能确定" in parts[1].reason

    def test_are_none_for_a_body_without_findings(self):
        assert parts_of("fire_rescue") == ()

    @pytest.mark.parametrize("kind", ROUTES)
    @pytest.mark.parametrize("competent", [None, *COMPETENT_DEPARTMENTS])
    def test_say_of_every_delivery_the_same_as_the_route(self, kind, competent):
        said = {
            (code, part.role, part.reason)
            for code in ALL_CODES
            for part in parts_of(code)
            if part.kind == kind
        }

        for delivery in route(kind, competent=competent).deliveries:
            assert (delivery.department, delivery.role, delivery.reason) in said

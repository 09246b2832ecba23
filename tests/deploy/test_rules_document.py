import pytest

from deploy import rules_document
from deploy.rule_cards import cards, gradings
from services.schedule_monitor.domain.evaluation import RULES
from services.schedule_monitor.domain.rules.held import HELD_RULES


@pytest.fixture(scope="module")
def lines() -> list[str]:
    return rules_document.text().splitlines()


class TestText:
    def test_tells_of_every_rule_what_it_says_where_it_is_written_and_who_leads(self, lines):
        for card in cards():
            what, why, who = [line for line in lines if line.startswith(f"| `{card.code}` |")]
            assert f"| {card.title} | {card.applies_to} |" in what
            assert f"| {card.article.reference} |" in why
            assert f"| {card.article.in_force_from} |" in why
            assert who.split(" | ")[1]

    def test_tells_until_when_an_old_law_was_in_force(self, lines):
        [old] = [
            line for line in lines if line.startswith("| `schedule.online_length_2019` | 关于")
        ]

        assert old.endswith("| 2019-07-12 | 2021-07-24 |")

    def test_marks_clues_and_what_may_be_either_level(self, lines):
        text = "\n".join(lines)

        assert "| 各类线下培训，报送教室的课 | 黄（线索） |" in text
        assert "| 采用银行托管方式的培训机构 | 黄或红 |" in text
        assert "| 学科类培训，线上线下，各学段 | 红 |" in text

    def test_does_not_name_the_lead_again_among_who_is_informed(self, lines):
        start = lines.index("## 资金监管 · fund_monitor")
        conflict = [line for line in lines[start:] if line.startswith("| `fund.identity_conflict`")]

        assert conflict[2].count("市人民银行") == 1


class TestGradings:
    def test_know_every_rule_on_classes(self):
        rules = {rule.card.code: rule for rule in (*RULES, *HELD_RULES)}

        assert set(rules) <= set(gradings())
        assert {code: rule.level for code, rule in rules.items()} == {
            code: gradings()[code].level for code in rules
        }

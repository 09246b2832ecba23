"""The 验收报告: what is signed is what was found."""

import hashlib
import json
from datetime import UTC, datetime

from docx import Document

from deploy.bank_kit import report
from deploy.bank_kit.case import Ended
from deploy.bank_kit.cases import CASES
from deploy.bank_kit.result import Result, table
from tests.deploy.bank_kit.plans import SECRET, a_plan


def a_result(*outcomes: str) -> Result:
    cases = tuple(
        Ended(f"K{i:02d}", "开户", "入账", "202 accepted×1", outcome)  # type: ignore[arg-type]
        for i, outcome in enumerate(outcomes, start=1)
    )
    return Result(a_plan(), datetime(2026, 3, 5, 1, tzinfo=UTC), "0.1.0", cases)


def text_of(file) -> str:
    paper = Document(str(file))
    cells = [cell.text for grid in paper.tables for row in grid.rows for cell in row.cells]
    return "\n".join([*cells, *(line.text for line in paper.paragraphs)])


class TestReport:
    def test_has_every_case_the_totals_the_digest_and_a_line_for_each_signer(self, tmp_path):
        result = a_result("passed", "failed", "skipped")

        report.write(result, tmp_path / "report.docx")

        text = text_of(tmp_path / "report.docx")
        wanted = ("alpha", "http://fund", "2026-03-05 09:00", "K01", "K02", "K03", result.digest)
        assert all(one in text for one in wanted)
        assert "通过 1 项，未通过 1 项，未做 1 项" in text
        assert all(signer in text for signer in ("报送银行", "市金融办", "市人民银行"))
        assert text.count("签字：") == 3
        assert SECRET not in text


class TestResult:
    def test_is_passed_when_nothing_failed_and_something_was_tried(self):
        assert a_result("passed", "skipped").passed
        assert not a_result("passed", "failed").passed
        assert not a_result("skipped").passed

    def test_the_digest_is_of_the_very_bytes_that_are_written(self):
        result = a_result("passed")

        assert result.digest == "sha256:" + hashlib.sha256(result.document).hexdigest()
        told = json.loads(result.document)
        assert (told["passed"], told["totals"]) == (
            True,
            {"passed": 1, "failed": 0, "skipped": 0},
        )
        assert SECRET not in result.document.decode()

    def test_the_table_has_a_row_for_every_case(self):
        assert table(a_result("passed", "failed")).row_count == 2


class TestCases:
    def test_are_numbered_once_each(self):
        # In their order by matter: a case that came later keeps its own, higher number.
        assert sorted(case.number for case in CASES) == [
            f"K{i:02d}" for i in range(1, len(CASES) + 1)
        ]

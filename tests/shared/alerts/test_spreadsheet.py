from datetime import datetime
from io import BytesIO

import pytest
from openpyxl import load_workbook

from shared.alerts.spreadsheet import HEADERS, workbook
from shared.spreadsheets.raw import inert
from tests.shared.alerts.builders import (
    RECKONING,
    a_finding,
    a_verdict,
    an_alert,
    an_institution,
    ended,
    in_city,
    passed,
)
from tests.shared.alerts.conftest import ALERTS


def read(content):
    sheet = load_workbook(BytesIO(content)).active
    headers, *rows = sheet.iter_rows(values_only=True)
    return sheet, headers, [dict(zip(headers, row, strict=True)) for row in rows]


def written(*alerts, truncated=False):
    return read(workbook(alerts, reckoning=RECKONING, truncated=truncated))


class TestWorkbook:
    def test_shows_an_alert_in_words_and_city_time(self):
        _, headers, [row] = written(passed(an_alert(), in_city(2026, 4, 4)).after)

        assert headers == HEADERS
        assert (row["级别"], row["状态"], row["牵头部门"]) == ("黄色", "待签收", "市文旅体局")
        assert row["提出时间"] == datetime(2026, 3, 31, 18)  # noqa: DTZ001 - a sheet has no zones
        assert (row["逾期"], row["上报"]) == ("逾期未签收", "市教育局")

    def test_shows_how_it_ended(self):
        _, _, [row] = written(ended(an_alert(), outcome="unfounded", reason="系误报"))

        assert (row["处置结果"], row["处置理由"]) == ("不属实", "系误报")
        assert row["下一期限"] is None

    def test_keeps_its_header_in_sight(self):
        sheet, _, _ = written(an_alert())

        assert sheet.freeze_panes == "A2"

    @pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
    def test_holds_no_formula(self, start):
        name = f"{start}1+1"
        sheet, _, [row] = written(an_alert(about=an_institution(name=name)))

        assert inert(name) == f"'{name}"
        assert str(row["对象"]).startswith("'")
        assert {cell.data_type for line in sheet.iter_rows() for cell in line} <= {"s", "d", "n"}

    def test_leaves_other_texts_alone(self):
        assert inert("甲培训机构=1") == "甲培训机构=1"

    def test_says_when_there_are_more(self):
        _, _, rows = written(an_alert(), truncated=True)

        assert rows[-1]["编号"] == "仅列出最新的1条，请缩小筛选范围。"


@pytest.mark.integration
class TestExport:
    async def test_is_the_departments_own_inbox_as_a_file(self, client, staff, raised):
        red, _ = await raised(
            a_verdict(a_finding(level="red"), about=an_institution("i-1")),
            a_verdict(a_finding(), about=an_institution("i-2")),
        )

        answer = await client.get(
            f"{ALERTS}/export.xlsx", headers=staff("pboc"), params={"level": "red"}
        )
        empty = await client.get(f"{ALERTS}/export.xlsx", headers=staff("tax"))

        assert answer.headers["content-type"].endswith("spreadsheetml.sheet")
        assert answer.headers["content-disposition"] == (
            'attachment; filename="alerts-pboc-20260331.xlsx"'
        )
        assert [row["编号"] for row in read(answer.content)[2]] == [red]
        assert read(empty.content)[2] == []

    async def test_refuses_another_departments_inbox(self, client, staff):
        answer = await client.get(
            f"{ALERTS}/export.xlsx", headers=staff("tax"), params={"department": "pboc"}
        )

        assert answer.status_code == 403

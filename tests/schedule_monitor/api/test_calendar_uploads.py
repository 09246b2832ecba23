"""School years, school hours and single days by sheet: whole, or back with cell and reason."""

import io

import openpyxl
import pytest

from shared.spreadsheets.writing import MEDIA_TYPE
from tests.schedule_monitor.builders import a_calendar_body

pytestmark = pytest.mark.integration

YEAR = "/v1/school-calendars/2025-2026"
CALENDARS, HOURS = f"{YEAR}/upload", f"{YEAR}/hours/upload"
DAYS = "/v1/calendar/overrides/upload"
CALENDAR_HEAD = ("学段", "类别", "首日", "末日", "依据", "停课原因")
HOURS_HEAD = ("学段", "起始日", "星期", "开始", "结束", "依据")
DAYS_HEAD = ("日期", "安排", "银行对公业务", "依据", "理由")
THE_YEAR = ("义务教育", "学年", "2025-09-01", "2026年8月31日", "海教〔2025〕8号", "")
WINTER = ("义务教育", "寒假", "2026/1/31", "2026-03-01", "", "")
TYPHOON = ("义务教育", "临时停课", "2025-09-22", "2025-09-22", "", "台风")
MORNING = ("义务教育", "2025-09-01", "星期一", "8:00", "11:30", "作息时间表")


def a_csv(head, *rows):
    return "\n".join(",".join(row) for row in (head, *rows)).encode("gb18030")


def a_workbook(head, *rows):
    book = openpyxl.Workbook()
    for row in (head, *rows):
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


@pytest.fixture
def upload(client, education):
    async def work(url, content, **headers):
        return await client.post(url, content=content, headers={**education, **headers})

    return work


def errors(answer):
    assert answer.status_code == 422, answer.text
    return [(one["pointer"], one["detail"]) for one in answer.json()["errors"]]


@pytest.mark.parametrize(
    ("url", "header"),
    [
        ("/v1/school-calendars/template", CALENDAR_HEAD),
        ("/v1/school-calendars/hours-template", HOURS_HEAD),
        ("/v1/calendar/overrides/template", DAYS_HEAD),
    ],
)
async def test_templates_have_the_columns_that_are_read(client, education, url, header):
    answer = await client.get(url, headers=education)

    page = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    assert tuple(cell.value for cell in page[1]) == header


class TestSchoolCalendar:
    @pytest.mark.parametrize("form", [a_csv, a_workbook])
    async def test_is_loaded_stage_by_stage(self, upload, form, client, education):
        senior = ("高中", "学年", "2025-09-01", "2026-07-15", "海教〔2025〕8号", "")
        content = form(CALENDAR_HEAD, THE_YEAR, WINTER, TYPHOON, senior)

        answer = await upload(CALENDARS, content)
        again = await upload(CALENDARS, content)

        assert answer.status_code == 200, answer.text
        assert again.json() == answer.json()
        found = {one["stage"]: one for one in answer.json()["calendars"]}
        assert found["compulsory"]["breaks"] == [
            {
                "kind": "adhoc",
                "first_day": "2025-09-22",
                "last_day": "2025-09-22",
                "reason": "台风",
            },
            {
                "kind": "winter",
                "first_day": "2026-01-31",
                "last_day": "2026-03-01",
                "reason": "",
            },
        ]
        assert found["senior_secondary"]["last_day"] == "2026-07-15"
        day = (await client.get("/v1/calendar/2025-09-22", headers=education)).json()
        assert [one["school_day"] for one in day["schools"]] == [None, False, True]

    @pytest.mark.parametrize(
        ("rows", "pointer", "says"),
        [
            ([WINTER], "/rows/2/B", "须有且只有一行“学年”"),
            ([THE_YEAR, THE_YEAR], "/rows/3/A", "与第 2 行"),
            ([THE_YEAR, ("小学", *WINTER[1:])], "/rows/3/A", "只能填写"),
            ([THE_YEAR, ("义务教育", "国庆", *WINTER[2:])], "/rows/3/B", "只能填写"),
            (
                [THE_YEAR, ("义务教育", "寒假", "2026-03-01", "2026-01-31", "", "")],
                "/rows/3/D",
                "末日不得早于首日",
            ),
            (
                [THE_YEAR, ("义务教育", "暑假", "2026-08-01", "2026-09-01", "", "")],
                "/rows/3/D",
                "假期须在学年之内",
            ),
            (
                [("义务教育", "学年", "2024-09-01", "2026-08-31", "文", "")],
                "/rows/2/C",
                "学年首日须在2025年",
            ),
            ([(*THE_YEAR[:4], "", "")], "/rows/2/E", "依据"),
            ([THE_YEAR, (*TYPHOON[:5], "")], "/rows/3/F", "原因"),
            ([THE_YEAR, ("义务教育", "寒假", "2026-02-30", "2026-03-01", "", "")], "/rows/3/C", ""),
        ],
    )
    async def test_names_the_cell_and_loads_nothing(self, upload, db, rows, pointer, says):
        found = errors(await upload(CALENDARS, a_csv(CALENDAR_HEAD, *rows)))

        assert any(where.startswith(pointer) and says in detail for where, detail in found), found
        assert await db["school_calendars"].count_documents({}) == 0

    async def test_comes_back_as_an_error_sheet_where_one_is_asked_for(self, upload):
        wrong = ("义务教育", "国庆", "2026-01-31", "2026-03-01", "", "")
        answer = await upload(CALENDARS, a_csv(CALENDAR_HEAD, THE_YEAR, wrong), Accept=MEDIA_TYPE)

        page = openpyxl.load_workbook(io.BytesIO(answer.content)).active
        assert answer.status_code == 422
        assert [cell.value for cell in page[2]][6:8] == [3, "B3"]

    async def test_is_for_two_years_that_follow(self, upload):
        found = errors(await upload("/v1/school-calendars/2025-2027/upload", b""))

        assert [pointer for pointer, _ in found] == ["/school_year"]

    @pytest.mark.parametrize("content", [b"", b"\x00\x01", a_csv(CALENDAR_HEAD), a_csv(HOURS_HEAD)])
    async def test_is_no_empty_or_foreign_file(self, upload, content, db):
        answer = await upload(CALENDARS, content)

        assert answer.status_code == 422, answer.text
        assert await db["school_calendars"].count_documents({}) == 0

    @pytest.mark.parametrize("stage", ["义务教育", "义务教育阶段"])
    async def test_knows_a_stage_by_both_its_names(self, upload, stage):
        answer = await upload(CALENDARS, a_csv(CALENDAR_HEAD, (stage, *THE_YEAR[1:])))

        assert [one["stage"] for one in answer.json()["calendars"]] == ["compulsory"]


class TestSchoolHours:
    @pytest.fixture
    async def school_year(self, client, education):
        await client.put(YEAR, json=a_calendar_body(), headers=education)

    @pytest.mark.usefixtures("school_year")
    async def test_are_loaded_with_summer_and_winter_tables(self, upload):
        afternoon = ("义务教育", "2025-09-01", "周一", "13:30", "16:00", "")
        summer = ("义务教育", "2026-05-01", "一", "7:50", "11:30", "")

        answer = await upload(HOURS, a_csv(HOURS_HEAD, MORNING, summer, afternoon))

        assert answer.status_code == 200, answer.text
        [hours] = answer.json()["hours"]
        assert [(table["since"], len(table["periods"])) for table in hours["tables"]] == [
            ("2025-09-01", 2),
            ("2026-05-01", 1),
        ]

    async def test_need_their_school_year(self, upload):
        answer = await upload(HOURS, a_csv(HOURS_HEAD, MORNING))

        assert answer.status_code == 404

    @pytest.mark.parametrize(
        ("row", "pointer", "says"),
        [
            (("义务教育", "2025-09-01", "一", "11:00", "12:00", ""), "/rows/3/D", "重叠"),
            (("义务教育", "2025-09-01", "八", "14:00", "15:00", ""), "/rows/3/C", "星期"),
            (("义务教育", "2025-09-01", "二", "14:00", "24:00", ""), "/rows/3/E", "24:00"),
            (("义务教育", "2025-09-01", "二", "14:00", "13:00", ""), "/rows/3/E", "须晚于"),
            (("高中", "2025-09-01", "二", "14:00", "15:00", ""), "/rows/3/F", "依据"),
            (("义务教育", "2026-09-01", "二", "14:00", "15:00", ""), "/rows/3/B", "不在学年"),
        ],
    )
    @pytest.mark.usefixtures("school_year")
    async def test_name_the_cell(self, upload, db, row, pointer, says):
        found = errors(await upload(HOURS, a_csv(HOURS_HEAD, MORNING, row)))

        assert any(where == pointer and says in detail for where, detail in found), found
        assert await db["school_hours"].count_documents({}) == 0


class TestDays:
    async def test_are_decided_together(self, upload, client, education):
        rest = ("2026-03-03", "休息", "", "海政发〔2026〕9号", "防御台风")
        banks = ("2026-02-28", "按通知", "不办理", "银行公告", "调休")

        answer = await upload(DAYS, a_csv(DAYS_HEAD, rest, banks))

        assert answer.status_code == 200, answer.text
        found = [
            (await client.get(f"/v1/calendar/{day}", headers=education)).json()
            for day in ("2026-03-03", "2026-02-28")
        ]
        assert [(day["working_day"], day["banking_day"]) for day in found] == [
            (False, False),
            (True, False),
        ]

    async def test_name_the_cell(self, upload):
        wrong = ("2026-03-03", "放假", "也许", "文", "")
        found = errors(await upload(DAYS, a_csv(DAYS_HEAD, wrong)))

        assert [pointer for pointer, _ in found] == ["/rows/2/B", "/rows/2/C", "/rows/2/E"]

    async def test_name_each_day_that_cannot_be_decided(self, upload, db):
        paper = ("", "海政发〔2026〕9号", "防御台风")
        days = [("2026-03-03", "休息", *paper), ("2026-10-01", "上班", *paper)]

        found = errors(await upload(DAYS, a_csv(DAYS_HEAD, *days, ("2030-03-04", "休息", *paper))))

        assert [pointer for pointer, _ in found] == ["/rows/3/A", "/rows/4/A"]
        assert "法定节假日" in found[0][1]
        assert "尚未载入" in found[1][1]
        assert await db["calendar_overrides"].count_documents({}) == 0


@pytest.mark.parametrize("url", [CALENDARS, HOURS, DAYS])
async def test_only_education_uploads(client, bearer, url):
    headers = bearer(role="staff", department="economy_it")

    assert (await client.post(url, content=b"", headers=headers)).status_code == 403

"""Timetables of many institutions by one sheet, over HTTP with real files."""

import io

import openpyxl
import pytest

from services.schedule_monitor.api.timetables.many_sheet import MANY_SHEET
from services.schedule_monitor.domain.timetables.timetable import MOST_SESSIONS_OF_A_FILING
from shared.spreadsheets.sheet import MOST_ROWS
from shared.spreadsheets.writing import CSV_MEDIA_TYPE, MEDIA_TYPE
from tests.schedule_monitor.builders import a_calendar_body, a_filing, a_state

pytestmark = pytest.mark.integration

URL = "/v1/timetables/by-institution"
FIRST, SECOND = (f"01890000-0000-7000-8000-00000000000{n}" for n in (1, 2))
CODES = {FIRST: "52330481MJ000001XJ", SECOND: "52330481MJ000002XG"}
HEADERS = ["机构", "班级", "学段", "日期", "开始时间", "结束时间", "星期", "首日", "末日"]
SINGLE = ("三年级1班", "小学", "2026-03-03", "18:00", "19:30")
WEEKLY = ("三年级1班", "小学", None, "18:00", "18:30", "周四", "2026-03-02", "2026-03-31")


@pytest.fixture
async def ready(client, education, institutions):
    for institution, code in CODES.items():
        await institutions.take(a_state(_id=institution, uscc=code))
    await client.put("/v1/school-calendars/2025-2026", json=a_calendar_body(), headers=education)


def a_workbook(*rows, headers=HEADERS):
    book = openpyxl.Workbook()
    book.active.append(headers)
    for row in rows:
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def a_csv(rows):
    lines = (",".join(row) for row in (HEADERS[:6], *rows))
    return "\n".join(lines).encode()


async def upload(client, headers, content, *, kind=MEDIA_TYPE, accept="application/json", **more):
    params = {"label": "春季", "version": 1} | more
    told = {**headers, "Content-Type": kind, "Accept": accept}
    return await client.post(f"{URL}/upload", params=params, content=content, headers=told)


async def filed(db):
    rows = await db["timetables"].find({}).sort("institution_id", 1).to_list()
    return {row["institution_id"]: row["session_count"] for row in rows}


@pytest.mark.usefixtures("ready")
class TestFileMany:
    async def test_files_a_timetable_of_each_institution_that_is_judged_afterwards(
        self, client, education, judged, db
    ):
        book = a_workbook(
            (CODES[FIRST], *SINGLE),
            (SECOND, *WEEKLY),
            (CODES[FIRST].lower(), *SINGLE[:2], "2026-03-04", *SINGLE[3:]),
        )

        answer = await upload(client, education, book)

        said = answer.json()
        assert answer.status_code == 201, answer.text
        assert (said["institutions"], said["sessions"], said["rows_refused"]) == (2, 6, 0)
        assert [(one["institution_id"], one["new"]) for one in said["filed"]] == [
            (FIRST, True),
            (SECOND, True),
        ]
        assert await filed(db) == {FIRST: 2, SECOND: 4}
        assert await judged() == 2
        [first, _] = said["filed"]
        read = await client.get(f"/v1/timetables/{first['timetable_id']}", headers=education)
        assert read.json()["counts"] == {"lawful": 2, "unlawful": 0, "calendar_incomplete": 0}

    async def test_the_same_sheet_again_changes_nothing(self, client, education, db):
        book = a_workbook((FIRST, *SINGLE), (SECOND, *WEEKLY))
        first = await upload(client, education, book)

        again = await upload(client, education, book)

        assert again.status_code == 200
        assert not any(one["new"] for one in again.json()["filed"])
        ids = [[one["timetable_id"] for one in it.json()["filed"]] for it in (first, again)]
        assert ids[0] == ids[1]
        assert await db["timetables"].count_documents({}) == 2

    @pytest.mark.parametrize(
        ("row", "at", "reason"),
        [
            (("52330481MJ999999XX", *SINGLE), "A3", "登记中没有这家机构"),
            (("1", *SINGLE), "A3", "须为 18 至 36 个字符"),
            ((None, *SINGLE), "A3", "必填"),
            ((FIRST, *SINGLE[:3], "23:00", "24:00"), "F3", "24:00"),
            ((FIRST, *SINGLE[:2], "2026-02-30", *SINGLE[3:]), "D3", "没有这一天"),
        ],
    )
    async def test_one_wrong_cell_and_nothing_is_filed(
        self, client, education, db, row, at, reason
    ):
        answer = await upload(client, education, a_workbook((FIRST, *SINGLE), row))

        assert answer.status_code == 422
        assert answer.json()["type"].endswith("sheet-refused")
        [wrong] = answer.json()["errors"]
        assert wrong["pointer"] == f"/rows/3/{at[0]}"
        assert reason in wrong["detail"]
        assert await filed(db) == {}

    async def test_good_rows_are_kept_only_where_the_caller_says_so(self, client, education, db):
        book = a_workbook((FIRST, *SINGLE), ("52330481MJ999999XX", *SINGLE))

        answer = await upload(client, education, book, partial="true")

        said = answer.json()
        assert answer.status_code == 201
        assert (said["institutions"], said["rows_refused"], said["errors"][0]["cell"]) == (
            1,
            1,
            "A3",
        )
        assert await filed(db) == {FIRST: 1}

    async def test_a_version_that_would_be_refused_refuses_its_rows_and_no_others(
        self, client, education, db
    ):
        await client.post(
            "/v1/timetables", json=a_filing(label="春季", version=3), headers=education
        )
        book = a_workbook((FIRST, *SINGLE), (SECOND, *WEEKLY), (FIRST, *WEEKLY))

        whole = await upload(client, education, book)
        part = await upload(client, education, book, accept=MEDIA_TYPE, partial="true")

        assert [one["pointer"] for one in whole.json()["errors"]] == ["/rows/2/A", "/rows/4/A"]
        assert "已备案至第3版" in whole.json()["errors"][0]["detail"]
        assert (part.status_code, part.headers["x-rows-refused"]) == (200, "2")
        [_, *rows] = openpyxl.load_workbook(io.BytesIO(part.content)).worksheets[0].values
        assert ["已备案至第3版" in row[-1] for row in rows] == [True, True]
        assert await filed(db) == {FIRST: 0, SECOND: 4}

    async def test_what_is_beyond_one_filing_is_refused_row_by_row(self, client, education):
        rows = [
            (FIRST, f"{n}班", "小学", "2026-03-03", "18:00", "19:30")
            for n in range(MOST_SESSIONS_OF_A_FILING + 1)
        ]

        answer = await upload(client, education, a_csv(rows), kind=CSV_MEDIA_TYPE)

        [wrong] = answer.json()["errors"]
        assert wrong["pointer"] == f"/rows/{MOST_SESSIONS_OF_A_FILING + 2}/A"
        assert f"至多 {MOST_SESSIONS_OF_A_FILING} 节课" in wrong["detail"]

    async def test_a_sheet_without_rows_files_nothing(self, client, education):
        answer = await upload(client, education, a_workbook())

        assert answer.status_code == 422
        assert answer.json()["type"].endswith("nothing-in-file")

    async def test_an_institution_files_for_itself_at_its_own_door(self, client, own):
        answer = await upload(client, own, a_workbook((FIRST, *SINGLE)))

        assert answer.status_code == 403

    async def test_the_template_has_the_institution_first(self, client, education):
        answer = await client.get(f"{URL}/template.xlsx", headers=education)

        page = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
        assert [cell.value for cell in page[1]] == [one.header for one in MANY_SHEET.columns]


@pytest.mark.timeout(120)
@pytest.mark.usefixtures("education")
class TestAHundredThousandRows:
    async def test_are_filed_by_institution(self, client, education, institutions, db):
        codes = [f"52330481MJ{n:06d}XJ" for n in range(20)]
        for n, code in enumerate(codes):
            await institutions.take(a_state(_id=f"01890000-0000-7000-8000-{n:012d}", uscc=code))
        rows = [
            (codes[n % 20], f"{n // 20}班", "小学", "2026-03-03", "18:00", "19:30")
            for n in range(MOST_ROWS)
        ]

        answer = await upload(client, education, a_csv(rows), kind=CSV_MEDIA_TYPE)

        assert answer.status_code == 201, answer.text[:500]
        assert (answer.json()["institutions"], answer.json()["sessions"]) == (20, MOST_ROWS)
        assert set((await filed(db)).values()) == {MOST_SESSIONS_OF_A_FILING}
        one_more = await upload(client, education, a_csv([*rows, rows[0]]), kind=CSV_MEDIA_TYPE)
        assert one_more.status_code == 422
        assert f"最多 {MOST_ROWS} 行" in one_more.json()["errors"][0]["detail"]

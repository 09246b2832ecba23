"""Timetables as files over HTTP: template, sheets, calendars, in and out."""

import io
from datetime import date, time

import openpyxl
import pytest

from services.schedule_monitor.api.timetables.timetable_sheet import TIMETABLE_SHEET
from services.schedule_monitor.domain.timetables.timetable import MOST_SESSIONS_OF_A_FILING
from shared.spreadsheets.writing import MEDIA_TYPE
from tests.schedule_monitor.builders import INSTITUTION, a_calendar_body, a_class, a_filing, a_state

pytestmark = pytest.mark.integration

URL = "/v1/timetables"
HEADERS = [column.header for column in TIMETABLE_SHEET.columns]
ABOUT = {"institution_id": INSTITUTION, "label": "春季"}
VERSION = {**ABOUT, "version": 1}
SINGLE = {"班级": "三年级1班", "学段": "小学", "日期": "2026-03-03"}
TIMES = {"开始时间": "18:00", "结束时间": "18:30"}
WEEKLY = {
    "班级": "三年级1班",
    "学段": "义务教育阶段",
    "星期": "二",
    "首日": "2026-03-02",
    "末日": "2026-03-31",
}


@pytest.fixture
async def ready(client, education, institutions):
    await institutions.take(a_state())
    await client.put("/v1/school-calendars/2025-2026", json=a_calendar_body(), headers=education)


def a_workbook(*rows, headers=HEADERS, merge=None):
    book = openpyxl.Workbook()
    page = book.active
    page.title = TIMETABLE_SHEET.name
    page.append(headers)
    for row in rows:
        page.append([row.get(header) for header in headers])
    if merge:
        page.merge_cells(merge)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


async def upload(client, headers, content, *, kind=MEDIA_TYPE, at=f"{URL}/upload", **more):
    params = (VERSION if at.endswith(f"{URL}/upload") else ABOUT) | more
    told = {**headers, "Content-Type": kind}
    return await client.post(at, params=params, content=content, headers=told)


def rows_of(answer):
    page = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    [headers, *rows] = page.iter_rows(values_only=True)
    return [dict(zip(headers, row, strict=True)) for row in rows]


@pytest.mark.usefixtures("ready")
class TestSheets:
    async def test_the_template_filled_in_is_filed(self, client, own):
        template = await client.get(f"{URL}/template.xlsx", headers=own)
        book = openpyxl.load_workbook(io.BytesIO(template.content))
        place = {cell.value: cell.column for cell in book.worksheets[0][1]}
        for number, row in enumerate((SINGLE | TIMES, WEEKLY | TIMES | {"星期": "星期四"}), 2):
            for header, value in row.items():
                book.worksheets[0].cell(number, place[header], value)
        filled = io.BytesIO()
        book.save(filled)

        answer = await upload(client, own, filled.getvalue())

        said = answer.json()
        assert answer.status_code == 201, answer.text
        assert [one["date"] for one in said["sessions"]] == [
            "2026-03-03",
            "2026-03-05",
            "2026-03-12",
            "2026-03-19",
            "2026-03-26",
        ]
        assert (said["rows_refused"], said["errors"], said["version"]) == (0, [], 1)
        again = await upload(client, own, filled.getvalue())
        assert again.status_code == 200

    async def test_takes_days_and_times_as_cells_and_as_text(self, client, own):
        cells = {"日期": date(2026, 3, 3), "开始时间": time(18), "结束时间": time(18, 30)}
        text = {"日期": "2026年3月4日", "开始时间": "18时", "结束时间": "18时30分"}

        answer = await upload(client, own, a_workbook(SINGLE | cells, SINGLE | text))

        assert [one["date"] for one in answer.json()["sessions"]] == ["2026-03-03", "2026-03-04"]

    async def test_one_wrong_cell_and_nothing_is_filed(self, client, own, db):
        rows = (SINGLE | TIMES, SINGLE | {"开始时间": "23:00", "结束时间": "24:00"})

        answer = await upload(client, own, a_workbook(*rows))

        assert answer.status_code == 422
        assert answer.json()["type"] == "urn:haining:problem:sheet-refused"
        [error] = answer.json()["errors"]
        assert error["pointer"] == "/rows/3/J"
        assert "24:00" in error["detail"]
        assert await db["timetables"].count_documents({}) == 0

    @pytest.mark.parametrize(
        ("row", "cell", "reason"),
        [
            ({"结束时间": "17:59"}, "结束时间", "不得跨越零点"),
            ({"学段": "大学"}, "学段", "只能填写"),
            ({"日期": "2026-02-30"}, "日期", "没有这一天"),
            ({"星期": "二"}, "星期", "单次课"),
            ({"日期": None}, "星期", "每周重复的课填"),
            ({"日期": None, **WEEKLY, "星期": "星期八"}, "星期", "星期一至星期日"),
            (
                {"日期": None, **WEEKLY, "停课日期": "2026-03-04"},
                "停课日期",
                "不是该周课表的上课日",
            ),
            ({"日期": None, **WEEKLY, "末日": "2026-03-02"}, "末日", "没有可上课的日期"),
            ({"日期": None, **WEEKLY, "末日": "2027-06-02"}, "末日", "至多"),
        ],
    )
    async def test_tells_cell_and_reason(self, client, own, row, cell, reason):
        answer = await upload(client, own, a_workbook(SINGLE | TIMES | row))

        assert answer.status_code == 422
        told = answer.json()["errors"]
        assert any(cell in one["detail"] and reason in one["detail"] for one in told), told

    async def test_names_are_read_in_one_form(self, client, own):
        full = (
            SINGLE | TIMES | {"班级": "三年级（１）班", "教师": "Ｔ０１", "开始时间": "１８：００"}
        )

        answer = await upload(client, own, a_workbook(full), at=f"{URL}/check/upload")

        [one] = answer.json()["sessions"]
        assert (one["class_group"], one["teacher"], one["start"]) == (
            "三年级(1)班",
            "T01",
            "18:00:00",
        )

    async def test_wrong_headers_and_merged_cells_are_told(self, client, own):
        renamed = ["时段" if header == "开始时间" else header for header in HEADERS]
        headers = await upload(client, own, a_workbook(SINGLE | TIMES, headers=renamed))
        merged = await upload(
            client, own, a_workbook(SINGLE | TIMES, SINGLE | TIMES, merge="A2:A3")
        )

        assert "开始时间" in headers.text
        assert "合并" in merged.text

    async def test_an_error_sheet_goes_back_to_who_accepts_one(self, client, own):
        content = a_workbook(SINGLE | TIMES, SINGLE | TIMES | {"学段": "大学"})

        answer = await upload(client, own | {"Accept": MEDIA_TYPE}, content)

        assert answer.status_code == 422
        [row] = rows_of(answer)
        assert (row["行号"], row["错误单元格"], row["班级"]) == (3, "B3", "三年级1班")
        assert "学段" in row["原因"]

    async def test_good_rows_are_kept_only_where_the_caller_says_so(self, client, own, db):
        content = a_workbook(SINGLE | TIMES, SINGLE | TIMES | {"学段": "大学"})

        answer = await upload(client, own, content, partial="true")

        said = answer.json()
        assert answer.status_code == 201
        assert (len(said["sessions"]), said["rows_refused"]) == (1, 1)
        assert [(one["cell"], one["header"]) for one in said["errors"]] == [("B3", "学段")]
        [row] = await db["timetables"].find().to_list()
        assert row["session_count"] == 1

    async def test_files_good_rows_and_sends_the_error_sheet(self, client, own):
        content = a_workbook(SINGLE | TIMES, SINGLE | TIMES | {"学段": "大学"})

        answer = await upload(client, own | {"Accept": MEDIA_TYPE}, content, partial="true")

        assert answer.headers["X-Rows-Refused"] == "1"
        filed = await client.get(answer.headers["Location"], headers=own)
        assert len(filed.json()["sessions"]) == 1

    async def test_refuses_what_is_beyond_a_filing_row_by_row(self, client, own):
        lines = [f"三年级1班,小学,2026-03-03,18:00,18:{minute:02}" for minute in range(1, 31)]
        text = "\n".join(["班级,学段,日期,开始时间,结束时间", *(lines * 200)])

        whole = await upload(client, own, text.encode(), kind="text/csv")
        partly = await upload(client, own, text.encode(), kind="text/csv", partial="true")

        assert whole.status_code == 422
        assert "一次备案至多 5000 节课" in whole.json()["errors"][0]["detail"]
        assert partly.json()["rows_refused"] == 6_000 - MOST_SESSIONS_OF_A_FILING
        assert len(partly.json()["sessions"]) == MOST_SESSIONS_OF_A_FILING

    @pytest.mark.parametrize("content", [b"", b"PK\x03\x04junk", "班级".encode("utf-16")])
    async def test_a_file_that_is_no_sheet_is_refused(self, client, own, content):
        answer = await upload(client, own, content)

        assert answer.status_code == 422

    async def test_a_sheet_without_rows_files_no_empty_timetable(self, client, own, db):
        answer = await upload(client, own, a_workbook())

        assert answer.json()["type"] == "urn:haining:problem:nothing-in-file"
        assert await db["timetables"].count_documents({}) == 0

    async def test_a_sheet_is_checked_with_slots_and_a_receipt(self, client, own, db):
        content = a_workbook(SINGLE | {"日期": "2026-03-08"} | TIMES)

        answer = await upload(client, own, content, at=f"{URL}/check/upload")

        [session] = answer.json()["sessions"]
        assert session["nearest_slot"]["date"] == "2026-03-09"
        assert await db["receipts"].count_documents({}) == 1
        assert await db["timetables"].count_documents({}) == 0

    async def test_the_export_is_uploaded_again_as_the_same(self, client, own):
        full = a_class(
            course="SX3A",
            teacher="T01",
            site="s1",
            room="301",
            students=12,
            roster=["S2", "S1"],
            delivery="recorded",
            mode="online",
        )
        filing = a_filing(a_class("2026-03-04"), full, label="春季")
        filed = (await client.post(URL, json=filing, headers=own)).json()

        exported = await client.get(f"{URL}/{filed['timetable_id']}/export.xlsx", headers=own)
        again = await upload(client, own, exported.content)

        assert again.status_code == 200, again.text
        judged = openpyxl.load_workbook(io.BytesIO(exported.content)).worksheets[1]
        assert [row[4] for row in judged.iter_rows(values_only=True)] == ["判断", "合规", "合规"]

    async def test_an_institution_files_for_itself_only(self, client, bearer):
        other = bearer(role="institution", institution="another")

        answer = await upload(client, other, a_workbook(SINGLE | TIMES))

        assert answer.status_code == 403


def an_event(*lines, uid="a"):
    return ["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20260101T000000Z", *lines, "END:VEVENT"]


def a_calendar(*events):
    lines = [line for event in events for line in event]
    whole = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", *lines, "END:VCALENDAR", ""]
    return "\r\n".join(whole).encode()


CITY = "TZID=Asia/Shanghai"
AT_SIX = (f"DTSTART;{CITY}:20260303T180000", f"DTEND;{CITY}:20260303T183000", "SUMMARY:三年级1班")


@pytest.mark.usefixtures("ready")
class TestCalendars:
    async def take(self, client, own, *events, **more):
        return await upload(
            client, own, a_calendar(*events), kind="text/calendar", stage="compulsory", **more
        )

    async def times(self, client, own, *events):
        answer = await self.take(client, own, *events)
        assert answer.status_code == 201, answer.text
        return [f"{one['date']} {one['start']}-{one['end']}" for one in answer.json()["sessions"]]

    async def test_expands_a_series_with_exceptions_and_moved_classes(self, client, own):
        series = an_event(*AT_SIX, "RRULE:FREQ=WEEKLY;COUNT=4", f"EXDATE;{CITY}:20260310T180000")
        moved = an_event(
            f"RECURRENCE-ID;{CITY}:20260317T180000",
            f"DTSTART;{CITY}:20260318T190000",
            f"DTEND;{CITY}:20260318T193000",
            "SUMMARY:三年级1班",
        )

        assert await self.times(client, own, series, moved) == [
            "2026-03-03 18:00:00-18:30:00",
            "2026-03-18 19:00:00-19:30:00",
            "2026-03-24 18:00:00-18:30:00",
        ]

    async def test_leaves_out_what_was_cancelled(self, client, own):
        series = an_event(*AT_SIX, "RRULE:FREQ=WEEKLY;COUNT=2")
        cancelled = an_event(
            f"RECURRENCE-ID;{CITY}:20260310T180000",
            f"DTSTART;{CITY}:20260310T180000",
            f"DTEND;{CITY}:20260310T183000",
            "STATUS:CANCELLED",
        )

        assert await self.times(client, own, series, cancelled) == ["2026-03-03 18:00:00-18:30:00"]

    @pytest.mark.parametrize(
        ("start", "end"),
        [
            ("DTSTART:20260303T100000Z", "DTEND:20260303T103000Z"),
            ("DTSTART;TZID=Asia/Tokyo:20260303T190000", "DTEND;TZID=Asia/Tokyo:20260303T193000"),
            ("DTSTART:20260303T180000", "DURATION:PT30M"),
        ],
    )
    async def test_turns_times_into_city_time(self, client, own, start, end):
        event = an_event(start, end, "SUMMARY:甲")

        assert await self.times(client, own, event) == ["2026-03-03 18:00:00-18:30:00"]

    @pytest.mark.parametrize(
        ("lines", "reason"),
        [
            (("DTSTART;VALUE=DATE:20260303", "SUMMARY:甲"), "全天日程"),
            (("DTSTART:20260303T233000", "DTEND:20260304T003000", "SUMMARY:甲"), "跨越零点"),
            (("DTSTART:20260303T230000", "DTEND:20260304T000000", "SUMMARY:甲"), "跨越零点"),
            (("DTSTART:20260303T150000Z", "DTEND:20260303T163000Z", "SUMMARY:甲"), "跨越零点"),
            (("DTSTART:20260303T180000", "SUMMARY:甲"), "须有开始和结束时间"),
            ((*AT_SIX, "RRULE:FREQ=WEEKLY"), "没有终止"),
            ((*AT_SIX, "RRULE:FREQ=WEEKLY;UNTIL=20280101T000000Z"), "400天之内"),
            ((*AT_SIX, "RRULE:FREQ=WEEKLY;UNTIL=20260301"), "400天之内"),
            ((*AT_SIX, "RDATE:20990408T180000"), "400天之内"),
            ((*AT_SIX, "RRULE:FREQ=WEEKLY;INTERVAL=-1;COUNT=2"), "INTERVAL"),
            ((*AT_SIX, "RRULE:COUNT=2"), "只能按天"),
            ((*AT_SIX, "RRULE:FREQ=WEEKLY;COUNT=60"), "没有终止"),
            ((*AT_SIX, "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=2"), "没有终止"),
            ((*AT_SIX, "RRULE:FREQ=SECONDLY;COUNT=9"), "只能按天"),
            ((*AT_SIX, "RRULE:FREQ=DAILY;BYHOUR=1,2,3;COUNT=9"), "只能按天"),
            (
                ("DTSTART;TZID=Mars/Base:20260303T180000", "DURATION:PT30M", "SUMMARY:甲"),
                "未知时区",
            ),
            ((*AT_SIX[:2], "SUMMARY:"), "X-HAINING-CLASS-GROUP"),
            ((*AT_SIX, "X-HAINING-STAGE:university"), "X-HAINING-STAGE"),
            ((*AT_SIX, "SUMMARY:四年级1班"), "SUMMARY 只能写一次"),
            (("DTSTART:20260303T183000", "DTEND:20260303T180000", "SUMMARY:甲"), "须晚于开始"),
            (("DTSTART:20260303T180000", "DURATION:-PT30M", "SUMMARY:甲"), "须晚于开始"),
            (("DTSTART:20260303T180000", "DURATION:P9999999D", "SUMMARY:甲"), "不超过一天"),
            (("DTSTART:00010101T000000Z", "DTEND:00010101T010000Z", "SUMMARY:甲"), "年份"),
            (("DTSTART:99999999T1", "DTEND:20260303T183000", "SUMMARY:甲"), "无法读取"),
        ],
    )
    async def test_refuses_what_is_no_class_by_its_uid(self, client, own, db, lines, reason):
        answer = await self.take(client, own, an_event(*lines, uid="wrong-1"))

        assert answer.status_code == 422
        [error] = answer.json()["errors"]
        assert error["pointer"] == "/uid/wrong-1"
        assert reason in error["detail"]
        assert await db["timetables"].count_documents({}) == 0

    async def test_takes_no_one_of_two_events_with_one_uid(self, client, own, db):
        later = (f"DTSTART;{CITY}:20260305T180000", f"DTEND;{CITY}:20260305T183000", "SUMMARY:甲")

        answer = await self.take(client, own, an_event(*AT_SIX), an_event(*later))

        [error] = answer.json()["errors"]
        assert (error["pointer"], answer.status_code) == ("/uid/a", 422)
        assert "UID 重复" in error["detail"]
        assert await db["timetables"].count_documents({}) == 0

    async def test_a_rule_until_a_day_has_a_class_on_it(self, client, own):
        series = an_event(*AT_SIX, "RRULE:FREQ=WEEKLY;UNTIL=20260310")

        assert await self.times(client, own, series) == [
            "2026-03-03 18:00:00-18:30:00",
            "2026-03-10 18:00:00-18:30:00",
        ]

    @pytest.mark.parametrize(
        "content",
        [b"", b"\xff\xfe", b"BEGIN:VCALENDAR\r\n", a_calendar(), b"BEGIN:VEVENT\r\nEND:VEVENT"],
    )
    async def test_refuses_what_is_no_calendar(self, client, own, content):
        answer = await upload(client, own, content, kind="text/calendar")

        assert answer.status_code == 422

    async def test_bounds_what_a_calendar_expands_to(self, client, own):
        events = [an_event(*AT_SIX, "RRULE:FREQ=DAILY;COUNT=400", uid=str(at)) for at in range(60)]

        answer = await self.take(client, own, *events)

        assert answer.json()["type"] == "urn:haining:problem:too-many-sessions"

    async def test_refuses_a_calendar_that_is_too_large(self, client, own):
        answer = await upload(client, own, b"x" * (1024 * 1024 + 1), kind="text/calendar")

        assert answer.status_code == 413

    async def test_the_export_is_uploaded_again_as_the_same(self, client, own):
        full = a_class(course="SX3A", teacher="T,0;1", room="301", students=12, roster=["S2", "S1"])
        filing = a_filing(a_class("2026-03-04"), full, full, label="春季")
        filed = (await client.post(URL, json=filing, headers=own)).json()

        exported = await client.get(f"{URL}/{filed['timetable_id']}/calendar.ics", headers=own)
        again = await upload(client, own, exported.content, kind="text/calendar; charset=utf-8")

        assert exported.headers["content-type"].startswith("text/calendar")
        assert "TZID=Asia/Shanghai" in exported.text
        assert again.status_code == 200, again.text

"""Valid requests of days, school years, timetables and teaching platforms."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from fuzzing.example import Example, Known, staff
from shared.city_time import city_date
from shared.clock import machine_now

_SCHOOL_YEAR: Final = "/v1/school-calendars/{school_year}"
_INSTITUTION: Final = "/v1/institutions/{institution_id}"
_PLATFORM: Final = "/v1/platforms/{platform}"
_REPORT: Final = "/v1/practice-reports/{report_id}"
_TAKEDOWN: Final = "/v1/takedowns/{takedown_id}"
_OWN_TAKEDOWN: Final = f"{_PLATFORM}/takedowns/{{takedown_id}}"
_YEAR: Final = {"school_year": "2025-2026"}
# Patrols are proposed for days that come, by the machine's clock; midnight may pass meanwhile.
_TODAY: Final = {"date": city_date(machine_now()).isoformat()}
_TOMORROW: Final = {"day": (city_date(machine_now()) + timedelta(days=1)).isoformat()}
_SESSION: Final = {
    "date": "2026-03-03",
    "start": "18:00:00",
    "end": "18:30:00",
    "class_group": "三年级1班",
    "stage": "compulsory",
}


def _calendar(_: Known) -> object:
    return {
        "stage": "compulsory",
        "first_day": "2025-09-01",
        "last_day": "2026-08-31",
        "breaks": [{"kind": "summer", "first_day": "2026-07-01", "last_day": "2026-08-31"}],
        "basis": "海宁市2025学年校历",
    }


def _filing(known: Known) -> object:
    return {
        "institution_id": known["institution_id"],
        "label": "2025-2026学年第二学期",
        "version": 1,
        "sessions": [_SESSION, _LATE],
        "patterns": [_PATTERN],
    }


# Of today, and too late: a patrol is proposed to look at it.
_LATE: Final = {**_SESSION, **_TODAY, "start": "20:00:00", "end": "20:45:00", "class_group": "晚班"}
_PATTERN: Final = {
    **{name: value for name, value in _SESSION.items() if name != "date"},
    "weekday": 2,
    "first_day": "2026-03-09",
    "last_day": "2026-03-31",
    "skip_days_off": True,
    "exceptions": ["2026-03-17"],
}
_SHEET: Final = "班级,学段,日期,开始时间,结束时间\n甲班,小学,2026-03-04,18:00,18:30\n".encode()


def _results_sheet(known: Known) -> bytes:
    place = f"xiashi-{known['patrol_version']}-1"
    return f"编号,巡查时间,现场情况（已进入／关门／拒绝进入）\n{place},00:00,关门\n".encode()


def _sheet_of_many(known: Known) -> bytes:
    header, row = _SHEET.decode().splitlines()
    return f"机构,{header}\n{known['institution_id']},{row}\n".encode()


def _about(known: Known) -> Mapping[str, str]:
    return {"institution_id": known["institution_id"], "label": "由表格备案"}


def _course(_: Known) -> object:
    return {
        "name": "三年级数学",
        "kind": "culture_arts",
        "stage": "compulsory",
        "mode": "offline",
        "subject_matter": "国画基础",
        "materials": ["自编讲义"],
    }


def _check(_: Known) -> object:
    return {"sessions": [{**_SESSION, "kind": "culture_arts", "mode": "offline"}]}


def _held(known: Known) -> object:
    return {
        "sessions": [
            {
                "reference": "L1",
                "institution_id": known["institution_id"],
                "started_at": "2026-03-03T18:00:00+08:00",
                "ended_at": "2026-03-03T18:30:00+08:00",
                "class_group": "三年级1班",
                "stage": "compulsory",
                "head_count": 12,
                "attended": ["HT-1"],
                "planned_on": "2026-03-03",
                "planned_start": "18:00:00",
            }
        ]
    }


def _practice(known: Known) -> object:
    return {
        "practice": "ahead_of_standard",
        "source": "tip",
        "institution_id": known["institution_id"],
        "first_on": "2026-02-26",
        "last_on": "2026-02-27",
        "seen": "三年级班讲授五年级内容",
        "evidence": [{"digest": f"sha256:{'0' * 64}", "shows": "讲义照片"}],
        "source_reference": "12345-0001",
        "contact": "13800000000",
        "stage": "compulsory",
        "kind": "subject",
    }


def _correction(_: Known) -> object:
    return {"version": 2, "first_on": "2026-02-26", "seen": "三年级班讲授五年级方程"}


def _expert(_: Known) -> object:
    question = {"question": "内容是否超出三年级课程标准"}
    return {"expert": "沈一", "office": "市教材审查专家委员会", **question}


_PROOF: Final = {"kind": "file", "name": "截图.png", "sha256": "a" * 64}


def _visited_practice(known: Known) -> object:
    return {
        "practice": "homework",
        "source": "visit",
        "institution_id": known["institution_id"],
        "first_on": "2026-02-26",
        "seen": "课后打卡",
    }


def _takedown(known: Known, recipient: Mapping[str, str]) -> Mapping[str, object]:
    return {
        "recipient": recipient,
        "thing": {"kind": "app", "title": "云课堂"},
        "measure": "rectify",
        "demand": "停止周末的学科类课程。",
        "grounds": [
            {"kind": "report", "reference": known["ground_id"], "says": "要求学员每天打卡。"}
        ],
        "proofs": [_PROOF],
    }


def _own_answer(known: Known) -> object:
    said = {"outcome": "done", "text": "已停课", "proofs": [_PROOF]}
    return {"takedown_id": known["takedown_id"], **said}


def _notice(_: Known) -> object:
    """Every statutory holiday of 2027 that falls on a weekday, and nothing beside."""
    days = ("01-01", "02-05", "02-08", "04-05", "05-03", "06-09", "09-15", "10-01")
    return {
        "document_no": "国办发明电〔2026〕1号",
        "published_on": "2026-03-01",
        "rest_days": [f"2027-{day}" for day in days],
        "workdays": ["2027-02-20"],
    }


def _override(_: Known) -> object:
    one = {"date": "2026-03-05", "change": "rest_day", "reference": "海政发〔2026〕9号"}
    return {"overrides": [{**one, "reason": "防台风"}]}


def _switch(_: Known) -> object:
    return {"value": "on", "reference": "海教〔2026〕3号", "reason": "放假办法第三条"}


def _hours(_: Known) -> object:
    period = {"weekday": 1, "start": "08:00", "end": "11:30"}
    table = {"since": "2025-09-01", "periods": [period]}
    return {"stage": "compulsory", "tables": [table], "basis": "作息时间表"}


def _closure(_: Known) -> object:
    days = {"first_day": "2026-03-09", "last_day": "2026-03-09"}
    return {"stages": ["compulsory"], "reason": "台风", **days}


_CALENDAR_SHEET: Final = """学段,类别,首日,末日,依据
义务教育,学年,2025-09-01,2026-08-31,海宁市2025学年校历
义务教育,暑假,2026-07-01,2026-08-31,
"""
_HOURS_SHEET: Final = """学段,起始日,星期,开始,结束,依据
义务教育,2025-09-01,星期一,08:00,11:30,作息时间表
"""
_DAYS_SHEET: Final = """日期,安排,依据,理由
2026-03-05,按通知,海政发〔2026〕9号,台风已过
"""
_EDUCATION: Final = staff("education")
_ECONOMY: Final = staff("economy_it")
_PAPER: Final = {"takedown_id": "paper_id"}
EXAMPLES: Final = (
    Example(
        operation="PUT /v1/calendar/notices/{year}",
        by=_EDUCATION,
        values={"year": "2027"},
        body=_notice,
    ),
    Example(operation="GET /v1/calendar/notices/{year}", values={"year": "2026"}),
    Example(operation="GET /v1/calendar/notices"),
    Example(operation="POST /v1/calendar/overrides", by=_EDUCATION, body=_override),
    Example(operation="GET /v1/calendar/overrides"),
    Example(
        operation="PUT /v1/calendar/switches/{switch}/{since}",
        by=_EDUCATION,
        values={"switch": "childrens_day", "since": "2026-06-01"},
        body=_switch,
    ),
    Example(operation="GET /v1/calendar/switches"),
    Example(
        operation="GET /v1/calendar/working-days",
        query=lambda _: {"from": "2026-03-03", "days": 5},
    ),
    Example(
        operation="GET /v1/calendar",
        query=lambda _: {"from": "2026-03-03", "until": "2026-03-09"},
    ),
    Example(operation="GET /v1/calendar/{day}", values={"day": "2026-03-03"}),
    Example(operation=f"PUT {_SCHOOL_YEAR}", by=_EDUCATION, values=_YEAR, body=_calendar),
    Example(operation=f"GET {_SCHOOL_YEAR}", values=_YEAR),
    Example(operation=f"PUT {_SCHOOL_YEAR}/hours", by=_EDUCATION, values=_YEAR, body=_hours),
    Example(operation=f"GET {_SCHOOL_YEAR}/hours", values=_YEAR),
    Example(operation="GET /v1/school-calendars/template"),
    Example(operation="GET /v1/school-calendars/hours-template"),
    Example(operation="GET /v1/calendar/overrides/template"),
    Example(
        operation=f"POST {_SCHOOL_YEAR}/upload",
        by=_EDUCATION,
        values=_YEAR,
        body=lambda _: _CALENDAR_SHEET.encode(),
    ),
    Example(
        operation=f"POST {_SCHOOL_YEAR}/hours/upload",
        by=_EDUCATION,
        values=_YEAR,
        body=lambda _: _HOURS_SHEET.encode(),
    ),
    Example(
        operation="POST /v1/calendar/overrides/upload",
        by=_EDUCATION,
        body=lambda _: _DAYS_SHEET.encode(),
    ),
    Example(operation=f"POST {_SCHOOL_YEAR}/closures", by=_EDUCATION, values=_YEAR, body=_closure),
    Example(
        operation=f"PUT {_INSTITUTION}/courses/{{code}}",
        by="own institution",
        values={"code": "SX3A"},
        body=_course,
        patient=True,
    ),
    Example(operation=f"GET {_INSTITUTION}/courses"),
    Example(operation=f"GET {_INSTITUTION}/courses/{{code}}", values={"code": "SX3A"}),
    Example(
        operation=f"PUT {_INSTITUTION}/rooms/{{site}}/{{room}}",
        by="own institution",
        values={"room": "301室"},
        body=lambda _: {"area_m2": "45.5"},
        patient=True,
    ),
    Example(operation=f"GET {_INSTITUTION}/rooms"),
    Example(
        operation="POST /v1/timetables/check",
        by=staff("education"),
        body=_check,
        keeps={"receipt": "receipt"},
    ),
    Example(operation="GET /v1/timetables/checks/{receipt}"),
    Example(operation="GET /v1/timetables/template.xlsx"),
    Example(
        operation="POST /v1/timetables/check/upload",
        by="own institution",
        query=_about,
        body=lambda _: _SHEET,
    ),
    Example(
        operation="POST /v1/timetables/upload",
        by="own institution",
        query=lambda known: {**_about(known), "version": 1},
        body=lambda _: _SHEET,
    ),
    Example(operation="GET /v1/timetables/by-institution/template.xlsx"),
    Example(
        operation="POST /v1/timetables/by-institution/upload",
        by=staff("education"),
        query=lambda _: {"label": "由一张表格备案", "version": 1},
        body=_sheet_of_many,
        patient=True,
    ),
    Example(
        operation="POST /v1/timetables",
        by="own institution",
        body=_filing,
        keeps={"timetable_id": "timetable_id"},
        patient=True,
    ),
    Example(
        operation="GET /v1/timetables",
        query=lambda known: {"institution_id": known["institution_id"]},
    ),
    Example(operation="GET /v1/timetables/{timetable_id}"),
    Example(operation="GET /v1/timetables/{timetable_id}/diff"),
    Example(operation="GET /v1/timetables/{timetable_id}/export.xlsx"),
    Example(operation="GET /v1/timetables/{timetable_id}/calendar.ics"),
    Example(operation="GET /v1/timetables/summary"),
    Example(
        operation="POST /v1/platforms",
        by=staff("economy_it"),
        body=lambda _: {"code": "cloud", "name": "云课堂"},
        keeps={"code": "platform", "secret": "secret"},
    ),
    Example(operation=f"POST {_PLATFORM}/connection-test", by="signed", body=lambda _: {"ping": 1}),
    Example(operation=f"POST {_PLATFORM}/sessions", by="signed", body=_held),
    Example(
        operation="POST /v1/practice-reports",
        by=_EDUCATION,
        body=_visited_practice,
        keeps={"report_id": "ground_id"},
        patient=True,
    ),
    Example(
        operation="POST /v1/takedowns",
        by=_ECONOMY,
        body=lambda known: _takedown(known, {"platform": known["platform"]}),
        keeps={"takedown_id": "takedown_id"},
    ),
    Example(operation=f"POST {_TAKEDOWN}/send", by=_ECONOMY),
    Example(operation=f"GET {_TAKEDOWN}", by=_ECONOMY),
    Example(operation=f"GET {_TAKEDOWN}/notice", by=_ECONOMY),
    Example(operation="GET /v1/takedowns", by=_ECONOMY, query=lambda _: {"state": "sent"}),
    Example(operation=f"GET {_PLATFORM}/takedowns", by="signed"),
    Example(
        operation=f"POST {_OWN_TAKEDOWN}/acknowledge",
        by="signed",
        body=lambda known: {"takedown_id": known["takedown_id"]},
    ),
    Example(operation=f"POST {_OWN_TAKEDOWN}/answer", by="signed", body=_own_answer),
    Example(
        operation=f"POST {_TAKEDOWN}/recheck",
        by=_ECONOMY,
        body=lambda _: {"passed": True, "note": "已停"},
    ),
    Example(
        operation="POST /v1/takedowns",
        by=_ECONOMY,
        body=lambda known: _takedown(known, {"operator": "某公司", "contact": "李经理"}),
        keeps={"takedown_id": "paper_id"},
    ),
    Example(operation=f"POST {_TAKEDOWN}/send", by=_ECONOMY, names=_PAPER),
    Example(operation=f"POST {_TAKEDOWN}/acknowledge", by=_ECONOMY, names=_PAPER),
    Example(
        operation=f"POST {_TAKEDOWN}/answer",
        by=_ECONOMY,
        names=_PAPER,
        body=lambda _: {"outcome": "refused", "text": "非本公司课程"},
    ),
    Example(
        operation=f"POST {_TAKEDOWN}/withdraw",
        by=_ECONOMY,
        names=_PAPER,
        body=lambda _: {"reason": "对象有误"},
    ),
    Example(operation=f"GET {_PLATFORM}/sessions/refused"),
    Example(
        operation="POST /v1/held-sessions",
        by="own institution",
        body=_held,
        keeps={"results.0.session_id": "session_id"},
    ),
    Example(operation="GET /v1/held-sessions/refused", by="own institution"),
    Example(
        operation="GET /v1/held-sessions",
        query=lambda known: {"institution_id": known["institution_id"], "from": "2026-03-01"},
    ),
    Example(operation="GET /v1/held-sessions/{session_id}"),
    Example(
        operation="GET /v1/patrol-proposals/{day}",
        values=_TOMORROW,
        query=lambda _: {"town": "xiashi"},
    ),
    Example(operation="GET /v1/patrol-proposals/{day}/export.xlsx", values=_TOMORROW),
    Example(
        operation="GET /v1/patrol-proposals/{day}",
        values={"day": _TODAY["date"]},
        query=lambda _: {"town": "xiashi"},
        keeps={"patrols.0.version": "patrol_version"},
    ),
    Example(
        operation="POST /v1/patrol-proposals/{day}/results/upload",
        by=staff("education"),
        values={"day": _TODAY["date"]},
        body=_results_sheet,
    ),
    Example(
        operation="POST /v1/practice-reports",
        by=_EDUCATION,
        body=_practice,
        keeps={"report_id": "report_id"},
        patient=True,
    ),
    Example(operation="GET /v1/practice-reports", query=lambda _: {"waiting": "true"}),
    Example(operation="GET /v1/practice-reports/{report_id}", by=_EDUCATION),
    Example(operation=f"POST {_REPORT}/corrections", by=_EDUCATION, body=_correction),
    # Who handles it depends on the institution; whoever keeps the service may, too.
    Example(operation=f"POST {_REPORT}/opinions", body=_expert),
    Example(
        operation=f"PUT {_REPORT}/opinions/{{number}}",
        values={"number": "1"},
        body=lambda _: {"says": "unclear", "reasons": "讲义不全"},
    ),
    Example(
        operation=f"POST {_REPORT}/decision",
        body=lambda _: {"outcome": "upheld", "reason": "另有课堂录像"},
    ),
    Example(
        operation=f"POST {_REPORT}/withdraw",
        by=_EDUCATION,
        body=lambda _: {"reason": "机构有误"},
    ),
    Example(
        operation="POST /v1/platforms",
        body=lambda _: {"code": "passing"},
        keeps={"code": "passing_platform"},
    ),
    Example(operation=f"POST {_PLATFORM}/secrets", names={"platform": "passing_platform"}),
    Example(
        operation=f"GET {_PLATFORM}/secrets",
        names={"platform": "passing_platform"},
        keeps={"secrets.1.id": "secret_id"},
    ),
    Example(
        operation=f"DELETE {_PLATFORM}/secrets/{{secret_id}}",
        names={"platform": "passing_platform"},
    ),
)

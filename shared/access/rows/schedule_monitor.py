"""Who may use the supervision of classes."""

from typing import Final

from shared.access.grants import (
    ADMIN,
    DEPARTMENTS,
    FILERS,
    IN_CHARGE,
    INBOX,
    INSTITUTION,
    INSTITUTION_PATH,
    PLATFORM,
    Grant,
    Row,
    signed,
)
from shared.access.rows.platforms import PLATFORM_PATH, platform_rows
from shared.access.scopes import COMPETENT, PLATFORM_KEEPERS, SCHOOL_KEEPERS, TOWN_CODES

OF_SCHOOLS: Final = Grant("staff", "own office", SCHOOL_KEEPERS)
OF_SESSIONS: Final = Grant("staff", "own office", (*COMPETENT, *sorted(TOWN_CODES)))
OF_LOGS: Final = Grant("staff", "own office", (*COMPETENT, *PLATFORM_KEEPERS))
_SCHOOLS: Final = (OF_SCHOOLS, ADMIN)
_TELLERS: Final = (OF_SESSIONS, INSTITUTION, ADMIN)
_PATROLS: Final = (OF_SESSIONS, ADMIN)
_LOGS: Final = (PLATFORM, OF_LOGS, ADMIN)
_HANDLERS: Final = (OF_LOGS, ADMIN)
_TAKEDOWNS: Final = (OF_LOGS, ADMIN)

_NOTICE: Final = "/v1/calendar/notices/{year}"
_SWITCH: Final = "/v1/calendar/switches/{switch}/{since}"
_SCHOOL_YEAR: Final = "/v1/school-calendars/{school_year}"
_HELD: Final = "/v1/held-sessions"
_PATROL: Final = "/v1/patrol-proposals/{day}"
_REPORTS: Final = "/v1/practice-reports"
_REPORT: Final = f"{_REPORTS}/{{report_id}}"
_MANY_TIMETABLES: Final = "/v1/timetables/by-institution"
_TIMETABLE: Final = "/v1/timetables/{timetable_id}"
_TAKEDOWN: Final = "/v1/takedowns/{takedown_id}"
_OWN_TAKEDOWNS: Final = f"{PLATFORM_PATH}/takedowns"

ROWS: Final = (
    # What anybody may see: the page of classes.
    Row("schedule_monitor", "GET", "/", door="public"),
    # Days, school years and timetables.
    Row("schedule_monitor", "GET", "/v1/calendar", INBOX, "schedule:read"),
    Row("schedule_monitor", "GET", "/v1/calendar/{day}", INBOX, "schedule:read"),
    Row("schedule_monitor", "GET", "/v1/calendar/working-days", INBOX, "schedule:read"),
    Row("schedule_monitor", "GET", "/v1/calendar/notices", INBOX, "schedule:read"),
    Row("schedule_monitor", "GET", _NOTICE, INBOX, "schedule:read"),
    Row("schedule_monitor", "PUT", _NOTICE, _SCHOOLS, "schedule:write"),
    Row("schedule_monitor", "GET", "/v1/calendar/overrides", INBOX, "schedule:read"),
    Row("schedule_monitor", "POST", "/v1/calendar/overrides", _SCHOOLS, "schedule:write"),
    Row("schedule_monitor", "GET", "/v1/calendar/overrides/template", INBOX, "schedule:read"),
    Row("schedule_monitor", "POST", "/v1/calendar/overrides/upload", _SCHOOLS, "schedule:write"),
    Row("schedule_monitor", "GET", "/v1/calendar/switches", INBOX, "schedule:read"),
    Row("schedule_monitor", "PUT", _SWITCH, _SCHOOLS, "schedule:write"),
    Row("schedule_monitor", "GET", _SCHOOL_YEAR, INBOX, "schedule:read"),
    Row("schedule_monitor", "PUT", _SCHOOL_YEAR, _SCHOOLS, "schedule:write"),
    Row("schedule_monitor", "GET", "/v1/school-calendars/template", INBOX, "schedule:read"),
    Row("schedule_monitor", "GET", "/v1/school-calendars/hours-template", INBOX, "schedule:read"),
    Row("schedule_monitor", "POST", f"{_SCHOOL_YEAR}/upload", _SCHOOLS, "schedule:write"),
    Row("schedule_monitor", "POST", f"{_SCHOOL_YEAR}/hours/upload", _SCHOOLS, "schedule:write"),
    Row("schedule_monitor", "GET", f"{_SCHOOL_YEAR}/hours", INBOX, "schedule:read"),
    Row("schedule_monitor", "PUT", f"{_SCHOOL_YEAR}/hours", _SCHOOLS, "schedule:write"),
    Row("schedule_monitor", "POST", f"{_SCHOOL_YEAR}/closures", _SCHOOLS, "schedule:write"),
    Row("schedule_monitor", "POST", "/v1/timetables/check", INBOX, "schedule:read"),
    Row("schedule_monitor", "GET", "/v1/timetables/checks/{receipt}", INBOX, "schedule:read"),
    Row("schedule_monitor", "GET", f"{_TIMETABLE}/diff", INBOX, "schedule:read"),
    Row("schedule_monitor", "GET", "/v1/timetables/template.xlsx", INBOX, "schedule:read"),
    Row("schedule_monitor", "POST", "/v1/timetables/check/upload", INBOX, "schedule:read"),
    Row("schedule_monitor", "POST", "/v1/timetables/upload", FILERS, "timetables:file"),
    Row("schedule_monitor", "GET", f"{_MANY_TIMETABLES}/template.xlsx", INBOX, "schedule:read"),
    Row("schedule_monitor", "POST", f"{_MANY_TIMETABLES}/upload", IN_CHARGE, "timetables:file"),
    Row("schedule_monitor", "GET", f"{_TIMETABLE}/export.xlsx", INBOX, "schedule:read"),
    Row("schedule_monitor", "GET", f"{_TIMETABLE}/calendar.ics", INBOX, "schedule:read"),
    Row("schedule_monitor", "POST", "/v1/timetables", FILERS, "timetables:file"),
    Row("schedule_monitor", "GET", "/v1/timetables", INBOX, "schedule:read"),
    Row("schedule_monitor", "GET", _TIMETABLE, INBOX, "schedule:read"),
    Row("schedule_monitor", "GET", "/v1/timetables/summary", DEPARTMENTS, "schedule:read"),
    # Held sessions: told by platforms, institutions, those in charge, and towns on the spot.
    signed("schedule_monitor", "POST", f"{PLATFORM_PATH}/sessions"),
    Row("schedule_monitor", "GET", f"{PLATFORM_PATH}/sessions/refused", _LOGS, "sessions:tell"),
    Row("schedule_monitor", "POST", _HELD, _TELLERS, "sessions:tell"),
    Row("schedule_monitor", "GET", f"{_HELD}/refused", _TELLERS, "sessions:tell"),
    Row("schedule_monitor", "GET", _HELD, INBOX, "schedule:read"),
    Row("schedule_monitor", "GET", f"{_HELD}/{{session_id}}", INBOX, "schedule:read"),
    Row("schedule_monitor", "GET", _PATROL, DEPARTMENTS, "schedule:read"),
    Row("schedule_monitor", "GET", f"{_PATROL}/export.xlsx", DEPARTMENTS, "schedule:read"),
    Row("schedule_monitor", "POST", f"{_PATROL}/results/upload", _PATROLS, "sessions:tell"),
    Row(
        "schedule_monitor", "PUT", f"{INSTITUTION_PATH}/courses/{{code}}", FILERS, "timetables:file"
    ),
    Row("schedule_monitor", "GET", f"{INSTITUTION_PATH}/courses", INBOX, "schedule:read"),
    Row("schedule_monitor", "GET", f"{INSTITUTION_PATH}/courses/{{code}}", INBOX, "schedule:read"),
    Row(
        "schedule_monitor",
        "PUT",
        f"{INSTITUTION_PATH}/rooms/{{site}}/{{room}}",
        FILERS,
        "timetables:file",
    ),
    Row("schedule_monitor", "GET", f"{INSTITUTION_PATH}/rooms", INBOX, "schedule:read"),
    # Reports of practice; who handles one, and who made it, the report itself knows.
    Row("schedule_monitor", "POST", _REPORTS, INBOX, "practices:report"),
    Row("schedule_monitor", "GET", _REPORTS, INBOX, "practices:read"),
    Row("schedule_monitor", "GET", _REPORT, INBOX, "practices:read"),
    Row("schedule_monitor", "POST", f"{_REPORT}/corrections", INBOX, "practices:report"),
    Row("schedule_monitor", "POST", f"{_REPORT}/withdraw", INBOX, "practices:report"),
    Row("schedule_monitor", "POST", f"{_REPORT}/opinions", _HANDLERS, "practices:act"),
    Row("schedule_monitor", "PUT", f"{_REPORT}/opinions/{{number}}", _HANDLERS, "practices:act"),
    Row("schedule_monitor", "POST", f"{_REPORT}/decision", _HANDLERS, "practices:act"),
    # What platforms and operators are asked to take down; a platform reads and answers it signed.
    Row("schedule_monitor", "POST", "/v1/takedowns", _TAKEDOWNS, "takedowns:act"),
    Row("schedule_monitor", "GET", "/v1/takedowns", _TAKEDOWNS, "takedowns:read"),
    Row("schedule_monitor", "GET", _TAKEDOWN, _TAKEDOWNS, "takedowns:read"),
    Row("schedule_monitor", "GET", f"{_TAKEDOWN}/notice", _TAKEDOWNS, "takedowns:read"),
    Row("schedule_monitor", "POST", f"{_TAKEDOWN}/send", _TAKEDOWNS, "takedowns:act"),
    Row("schedule_monitor", "POST", f"{_TAKEDOWN}/withdraw", _TAKEDOWNS, "takedowns:act"),
    Row("schedule_monitor", "POST", f"{_TAKEDOWN}/acknowledge", _TAKEDOWNS, "takedowns:act"),
    Row("schedule_monitor", "POST", f"{_TAKEDOWN}/answer", _TAKEDOWNS, "takedowns:act"),
    Row("schedule_monitor", "POST", f"{_TAKEDOWN}/recheck", _TAKEDOWNS, "takedowns:act"),
    signed("schedule_monitor", "GET", _OWN_TAKEDOWNS),
    signed("schedule_monitor", "POST", f"{_OWN_TAKEDOWNS}/{{takedown_id}}/acknowledge"),
    signed("schedule_monitor", "POST", f"{_OWN_TAKEDOWNS}/{{takedown_id}}/answer"),
    # Teaching platforms.
    signed("schedule_monitor", "POST", f"{PLATFORM_PATH}/connection-test"),
    *platform_rows("schedule_monitor"),
)

"""The one table of who may do what. A route that stands in no row is closed to everybody.

A row names a route, who may use it within which bound, and the scope it needs. What depends on the
thing itself (was this alert delivered to me, is this institution in my town) is the handler's.
"""

from dataclasses import dataclass
from typing import Final, Literal

from shared.access.scopes import (
    BANK_KEEPERS,
    COMPETENT,
    FEE_SETTERS,
    FINANCE,
    OPERATORS,
    PLATFORM_KEEPERS,
    PRICE_SETTERS,
    REGISTRARS,
    SCHOOL_KEEPERS,
    TOWN_CODES,
)

Role = Literal["staff", "institution", "platform", "bank", "bank_admin", "admin"]
Bound = Literal["any", "own institution", "own bank", "own platform", "own office", "named office"]
"""An office is a department or town; a named one stands in the path."""
Door = Literal["token", "signature", "public"]


@dataclass(frozen=True, slots=True)
class Grant:
    """One role that may use a route, and for whom: ``departments`` lists those it is left to."""

    role: Role
    bound: Bound = "any"
    departments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One route with those who may use it; ``service`` is ``*`` where every service has it."""

    service: str
    method: str
    path: str
    grants: tuple[Grant, ...] = ()
    scope: str | None = None
    door: Door = "token"


def _public(method: str, path: str, service: str = "*") -> Row:
    return Row(service, method, path, door="public")


def _signed(service: str, method: str, path: str) -> Row:
    return Row(service, method, path, door="signature")


ADMIN: Final = Grant("admin")
BANK_ADMIN: Final = Grant("bank_admin")
STAFF: Final = Grant("staff", "own office")
NAMED_OFFICE: Final = Grant("staff", "named office")
INSTITUTION: Final = Grant("institution", "own institution")
BANK: Final = Grant("bank", "own bank")
PLATFORM: Final = Grant("platform", "own platform")
OF_REGISTER: Final = Grant("staff", "own office", REGISTRARS)
OF_BANKS: Final = Grant("staff", "own office", BANK_KEEPERS)
OF_FUNDS: Final = Grant("staff", "own office", (*FINANCE, *COMPETENT))
OF_ENROLMENT: Final = Grant("staff", "own office", (*FINANCE, *COMPETENT, *sorted(TOWN_CODES)))
OF_SUITE: Final = Grant("staff", "own office", OPERATORS)
OF_SCHOOLS: Final = Grant("staff", "own office", SCHOOL_KEEPERS)
OF_INSTITUTIONS: Final = Grant("staff", "own office", COMPETENT)
OF_SESSIONS: Final = Grant("staff", "own office", (*COMPETENT, *sorted(TOWN_CODES)))
OF_LOGS: Final = Grant("staff", "own office", (*COMPETENT, *PLATFORM_KEEPERS))
OF_PRICES: Final = Grant("staff", "own office", PRICE_SETTERS)
OF_FEES: Final = Grant("staff", "own office", FEE_SETTERS)
OF_PLATFORMS: Final = Grant("staff", "own office", PLATFORM_KEEPERS)

_INBOX = (STAFF, INSTITUTION, ADMIN)
_DEPARTMENTS = (STAFF, ADMIN)
_THEIRS = (NAMED_OFFICE, ADMIN)
_ENROLMENT = (OF_ENROLMENT, INSTITUTION, ADMIN)
_FUNDS = (BANK, OF_FUNDS, ADMIN)
_BANKS = (BANK_ADMIN, ADMIN)
_PLATFORMS = (BANK_ADMIN, OF_PLATFORMS, ADMIN)
_IN_CHARGE = (OF_INSTITUTIONS, ADMIN)
_FILERS = (OF_INSTITUTIONS, INSTITUTION, ADMIN)
_REFUNDERS = (OF_INSTITUTIONS, INSTITUTION, PLATFORM, ADMIN)
_CONTRACTS = (OF_FUNDS, INSTITUTION, ADMIN)
_CONFIRMERS = (OF_FUNDS, INSTITUTION, PLATFORM, ADMIN)
_FOR_STUDENTS = (OF_INSTITUTIONS, PLATFORM, ADMIN)
_TELLERS = (OF_SESSIONS, INSTITUTION, ADMIN)
_PATROLS = (OF_SESSIONS, ADMIN)
_LOGS = (PLATFORM, OF_LOGS, ADMIN)
_HANDLERS = (OF_LOGS, ADMIN)
_TAKEDOWNS = (OF_LOGS, ADMIN)
_SCHOOLS = (OF_SCHOOLS, ADMIN)
_OPERATORS = (OF_SUITE, ADMIN)
_SERVICE = (ADMIN,)

_ALERT: Final = "/v1/alerts/{alert_id}"
_LEAD: Final = "/v1/leads/{lead_id}"
_NOTIFICATIONS: Final = "/v1/notifications"
_SUBSCRIPTIONS: Final = f"{_NOTIFICATIONS}/subscriptions/{{department}}"
_SUBSCRIPTION: Final = f"{_SUBSCRIPTIONS}/{{channel}}"
_BANK: Final = "/v1/banks/{bank}"
_ACCOUNT: Final = f"{_BANK}/accounts/{{account_no}}"
_CUSTODY: Final = "/v1/custody-accounts"
_GUIDE_PRICE: Final = "/v1/guide-prices/{mode}/{effective_from}"
_FEE_POLICY: Final = "/v1/fee-policies/{effective_from}"
_LESSON_SILENCE: Final = "/v1/lesson-silences/{source}/{effective_from}"
_INSTITUTION: Final = "/v1/institutions/{institution_id}"
_CONFIRMATIONS: Final = "/v1/lesson-confirmations"
_CONFIRMATION: Final = f"{_CONFIRMATIONS}/{{confirmation_id}}"
_MATCHES: Final = f"{_INSTITUTION}/lesson-matches"
_BY_HAND: Final = "/v1/manual-releases"
_CONTRACT: Final = "/v1/contracts/{institution_id}/{contract_no}"
_REFUND: Final = "/v1/refunds/{refund_id}"
_NOTICE: Final = "/v1/calendar/notices/{year}"
_SWITCH: Final = "/v1/calendar/switches/{switch}/{since}"
_SCHOOL_YEAR: Final = "/v1/school-calendars/{school_year}"
_HELD: Final = "/v1/held-sessions"
_PATROL: Final = "/v1/patrol-proposals/{day}"
_REPORTS: Final = "/v1/practice-reports"
_REPORT: Final = f"{_REPORTS}/{{report_id}}"
_MANY_TIMETABLES: Final = "/v1/timetables/by-institution"
_TIMETABLE: Final = "/v1/timetables/{timetable_id}"
_PLATFORM: Final = "/v1/platforms/{platform}"
_TAKEDOWN: Final = "/v1/takedowns/{takedown_id}"
_OWN_TAKEDOWNS: Final = f"{_PLATFORM}/takedowns"


def _platforms(service: str) -> tuple[Row, ...]:
    return (
        Row(service, "POST", "/v1/platforms", _PLATFORMS, "platforms:admin"),
        Row(service, "GET", f"{_PLATFORM}/secrets", _PLATFORMS, "platforms:admin"),
        Row(service, "POST", f"{_PLATFORM}/secrets", _PLATFORMS, "platforms:admin"),
        Row(service, "DELETE", f"{_PLATFORM}/secrets/{{secret_id}}", _PLATFORMS, "platforms:admin"),
    )


ROWS: Final = (
    # What anybody may see: whether a service lives, and how it is used.
    _public("GET", "/health/live"),
    _public("GET", "/health/ready"),
    _public("GET", "/metrics"),
    _public("GET", "/docs"),
    _public("GET", "/docs/asyncapi"),
    _public("GET", "/docs/assets/*"),
    _public("GET", "/openapi.json"),
    _public("GET", "/asyncapi.json"),
    _public("GET", "/", "schedule_monitor"),
    # Alerts; only their lead disposes, which the alert itself knows.
    Row("*", "GET", "/v1/alerts", _DEPARTMENTS, "alerts:read"),
    Row("*", "GET", "/v1/alerts/summary", _DEPARTMENTS, "alerts:read"),
    Row("*", "GET", "/v1/alerts/export.xlsx", _DEPARTMENTS, "alerts:read"),
    Row("*", "GET", _ALERT, _DEPARTMENTS, "alerts:read"),
    Row("*", "POST", f"{_ALERT}/acknowledge", _DEPARTMENTS, "alerts:act"),
    Row("*", "POST", f"{_ALERT}/rectify", _DEPARTMENTS, "alerts:act"),
    Row("*", "POST", f"{_ALERT}/recheck", _DEPARTMENTS, "alerts:act"),
    Row("*", "POST", f"{_ALERT}/dispose", _DEPARTMENTS, "alerts:act"),
    Row("*", "POST", f"{_ALERT}/feedback", _DEPARTMENTS, "alerts:act"),
    Row("*", "POST", f"{_ALERT}/transfer", _DEPARTMENTS, "alerts:act"),
    Row("*", "POST", f"{_ALERT}/snooze", _DEPARTMENTS, "alerts:act"),
    Row("*", "POST", f"{_ALERT}/statements", _INBOX, "alerts:act"),
    Row("*", "POST", f"{_ALERT}/statements/{{statement_id}}/answer", _DEPARTMENTS, "alerts:act"),
    Row("*", "GET", "/v1/own-alerts", (INSTITUTION,), "alerts:read"),
    Row("*", "GET", "/v1/own-alerts/{alert_id}", (INSTITUTION,), "alerts:read"),
    # Duties and routes are no secret among those who have a part in the plan.
    Row("*", "GET", "/v1/duties", _INBOX, "duties:read"),
    Row("*", "GET", "/v1/duties/{department}", _INBOX, "duties:read"),
    Row("*", "GET", "/v1/routes/explain", _INBOX, "duties:read"),
    # How a service is run.
    Row("*", "GET", "/v1/audit/head", _DEPARTMENTS, "audit:read"),
    Row("*", "GET", "/v1/audit/entries", _DEPARTMENTS, "audit:read"),
    Row("*", "GET", "/v1/dead-letters", _DEPARTMENTS, "dead-letters:read"),
    Row("*", "GET", "/v1/dead-letters/{letter_id}", _DEPARTMENTS, "dead-letters:read"),
    Row("*", "POST", "/v1/dead-letters/replay", _OPERATORS, "dead-letters:act"),
    Row("*", "POST", "/v1/dead-letters/{letter_id}/replay", _OPERATORS, "dead-letters:act"),
    # How a department is told; where the path does not name it, the message or the body does.
    Row("*", "GET", _SUBSCRIPTION, _THEIRS, "notifications:read"),
    Row("*", "PUT", f"{_SUBSCRIPTIONS}/webhook", _THEIRS, "notifications:act"),
    Row("*", "PUT", f"{_SUBSCRIPTIONS}/mail", _THEIRS, "notifications:act"),
    Row("*", "DELETE", _SUBSCRIPTION, _THEIRS, "notifications:act"),
    Row("*", "GET", f"{_NOTIFICATIONS}/deliveries", _DEPARTMENTS, "notifications:read"),
    Row(
        "*",
        "POST",
        f"{_NOTIFICATIONS}/deliveries/{{delivery_id}}/replay",
        _DEPARTMENTS,
        "notifications:act",
    ),
    Row("*", "POST", f"{_NOTIFICATIONS}/replay", _DEPARTMENTS, "notifications:act"),
    Row("*", "GET", "/v1/access/revocations", _SERVICE, "access:admin"),
    Row("*", "POST", "/v1/access/revocations", _SERVICE, "access:admin"),
    # The register.
    Row("registry", "POST", "/v1/institutions", (OF_REGISTER, ADMIN), "registry:write"),
    Row("registry", "GET", "/v1/institutions", _INBOX, "registry:read"),
    Row("registry", "GET", _INSTITUTION, _INBOX, "registry:read"),
    Row("registry", "GET", f"{_INSTITUTION}/history", _INBOX, "registry:read"),
    Row("registry", "POST", f"{_INSTITUTION}/revoke", (OF_REGISTER, ADMIN), "registry:write"),
    # Licence and sites are kept by whoever is in charge, which the institution itself knows.
    Row("registry", "PUT", f"{_INSTITUTION}/licence", _IN_CHARGE, "registry:write"),
    Row("registry", "POST", f"{_INSTITUTION}/sites", _IN_CHARGE, "registry:write"),
    Row(
        "registry", "POST", f"{_INSTITUTION}/sites/{{site_id}}/close", _IN_CHARGE, "registry:write"
    ),
    # Banks: what they send is signed, what is read of it needs a token.
    _signed("fund_monitor", "POST", f"{_BANK}/events"),
    Row("fund_monitor", "POST", "/v1/banks", _BANKS, "banks:admin"),
    Row("fund_monitor", "PUT", f"{_BANK}/identity-fields", _BANKS, "banks:admin"),
    # Whether a bank may send is decided by the office in whose charge the money is, too.
    Row("fund_monitor", "PUT", f"{_BANK}/feed", _BANKS, "banks:admin"),
    Row("fund_monitor", "GET", f"{_BANK}/feed", (*_FUNDS, BANK_ADMIN), "feeds:read"),
    Row("fund_monitor", "GET", f"{_BANK}/state", _FUNDS, "funds:read"),
    Row("fund_monitor", "POST", f"{_BANK}/state", (OF_BANKS, *_BANKS), "banks:state"),
    Row("fund_monitor", "GET", f"{_BANK}/access", _BANKS, "banks:admin"),
    Row("fund_monitor", "PUT", f"{_BANK}/access", _BANKS, "banks:admin"),
    Row("fund_monitor", "GET", f"{_BANK}/secrets", _BANKS, "banks:admin"),
    Row("fund_monitor", "POST", f"{_BANK}/secrets", _BANKS, "banks:admin"),
    Row("fund_monitor", "DELETE", f"{_BANK}/secrets/{{secret_id}}", _BANKS, "banks:admin"),
    Row("fund_monitor", "GET", f"{_BANK}/events/{{serial_no}}", _FUNDS, "funds:read"),
    Row("fund_monitor", "GET", _ACCOUNT, _FUNDS, "funds:read"),
    Row("fund_monitor", "GET", f"{_ACCOUNT}/balance", _FUNDS, "funds:read"),
    Row("fund_monitor", "GET", f"{_ACCOUNT}/statement", _FUNDS, "funds:read"),
    Row("fund_monitor", "GET", f"{_ACCOUNT}/contracts/{{contract_no}}", _FUNDS, "funds:read"),
    Row("fund_monitor", "GET", f"{_BANK}/refused", _FUNDS, "funds:read"),
    Row("fund_monitor", "GET", f"{_BANK}/unposted", _FUNDS, "funds:read"),
    Row("fund_monitor", "GET", f"{_BANK}/outcomes", _FUNDS, "funds:read"),
    # A bank says itself where it wants to be told.
    Row("fund_monitor", "PUT", f"{_BANK}/webhook", (BANK, *_BANKS), "banks:webhook"),
    Row("fund_monitor", "GET", f"{_BANK}/webhook", (BANK, *_BANKS), "banks:webhook"),
    Row("fund_monitor", "DELETE", f"{_BANK}/webhook", (BANK, *_BANKS), "banks:webhook"),
    Row("fund_monitor", "POST", f"{_BANK}/webhook/replay", (BANK, *_BANKS), "banks:webhook"),
    # Statements: a bank's own file; what differs is explained by the bank and ended by an office.
    Row("fund_monitor", "PUT", f"{_BANK}/statement-mapping", _BANKS, "banks:admin"),
    Row(
        "fund_monitor",
        "PUT",
        f"{_BANK}/statements/{{business_day}}",
        (BANK, ADMIN),
        "statements:act",
    ),
    Row("fund_monitor", "GET", f"{_BANK}/statements", _FUNDS, "funds:read"),
    Row("fund_monitor", "GET", f"{_BANK}/statements/{{business_day}}", _FUNDS, "funds:read"),
    Row("fund_monitor", "GET", f"{_BANK}/differences", _FUNDS, "funds:read"),
    Row("fund_monitor", "GET", f"{_BANK}/difference-changes", _FUNDS, "funds:read"),
    Row(
        "fund_monitor",
        "POST",
        f"{_BANK}/differences/{{difference_id}}/answer",
        _FUNDS,
        "statements:act",
    ),
    Row("fund_monitor", "GET", "/v1/summary", (OF_FUNDS, ADMIN), "funds:read"),
    Row("fund_monitor", "GET", "/v1/chart-of-accounts", (OF_FUNDS, ADMIN), "funds:read"),
    Row("fund_monitor", "GET", "/v1/closings", (OF_FUNDS, ADMIN), "funds:read"),
    Row("fund_monitor", "GET", "/v1/closings/{day}", (OF_FUNDS, ADMIN), "funds:read"),
    # Lessons against releases. Who is in charge of the institution, the institution itself knows.
    Row("fund_monitor", "GET", _MATCHES, _CONTRACTS, "contracts:read"),
    Row("fund_monitor", "GET", f"{_MATCHES}/{{contract_no}}", _CONTRACTS, "contracts:read"),
    # Stated lessons: whose one is, and which platform speaks for its student, it knows itself.
    Row("fund_monitor", "POST", _CONFIRMATIONS, _FILERS, "lessons:act"),
    Row("fund_monitor", "GET", _CONFIRMATIONS, _CONFIRMERS, "lessons:read"),
    Row("fund_monitor", "GET", _CONFIRMATION, _CONFIRMERS, "lessons:read"),
    Row("fund_monitor", "POST", f"{_CONFIRMATION}/confirm", _FOR_STUDENTS, "lessons:act"),
    Row("fund_monitor", "POST", f"{_CONFIRMATION}/object", _FOR_STUDENTS, "lessons:act"),
    Row("fund_monitor", "POST", f"{_CONFIRMATION}/decide", _IN_CHARGE, "lessons:act"),
    Row("fund_monitor", "POST", f"{_CONFIRMATION}/withdraw", _REFUNDERS, "lessons:act"),
    Row("fund_monitor", "PUT", _LESSON_SILENCE, (OF_FEES, ADMIN), "fees:write"),
    Row("fund_monitor", "GET", "/v1/lesson-silences", _INBOX, "fees:read"),
    Row("fund_monitor", "GET", "/v1/lesson-silences/versions", _INBOX, "fees:read"),
    Row("fund_monitor", "POST", _BY_HAND, _FILERS, "releases:act"),
    Row("fund_monitor", "GET", _BY_HAND, _FILERS, "releases:act"),
    Row("fund_monitor", "POST", f"{_BY_HAND}/{{release_id}}/approve", _IN_CHARGE, "releases:act"),
    Row("fund_monitor", "POST", f"{_BY_HAND}/{{release_id}}/refuse", _IN_CHARGE, "releases:act"),
    # Custody accounts; the competent department decides, which the institution itself knows.
    Row("fund_monitor", "POST", _CUSTODY, _FILERS, "accounts:file"),
    Row("fund_monitor", "GET", _CUSTODY, _ENROLMENT, "accounts:read"),
    Row("fund_monitor", "GET", f"{_CUSTODY}/{{account_id}}", _ENROLMENT, "accounts:read"),
    Row("fund_monitor", "POST", f"{_CUSTODY}/{{account_id}}/confirm", _IN_CHARGE, "accounts:file"),
    Row("fund_monitor", "POST", f"{_CUSTODY}/{{account_id}}/refuse", _IN_CHARGE, "accounts:file"),
    Row(
        "fund_monitor",
        "POST",
        f"{_CUSTODY}/{{account_id}}/opening-balance",
        _IN_CHARGE,
        "accounts:file",
    ),
    Row("fund_monitor", "GET", "/v1/custody-enrolment", _ENROLMENT, "accounts:read"),
    Row("fund_monitor", "GET", "/v1/custody-enrolment/missing", _ENROLMENT, "accounts:read"),
    # Contracts: filed by the institution or its competent department; the list's query names whose.
    # Guide prices are set by 市发改局 alone, not by those who run the service.
    Row("fund_monitor", "PUT", _GUIDE_PRICE, (OF_PRICES,), "prices:write"),
    Row("fund_monitor", "GET", "/v1/guide-prices", _INBOX, "fees:read"),
    Row("fund_monitor", "GET", "/v1/guide-prices/versions", _INBOX, "fees:read"),
    Row("fund_monitor", "PUT", _FEE_POLICY, (OF_FEES, ADMIN), "fees:write"),
    Row("fund_monitor", "GET", "/v1/fee-policies", _INBOX, "fees:read"),
    Row("fund_monitor", "GET", "/v1/fee-policies/versions", _INBOX, "fees:read"),
    Row("fund_monitor", "POST", "/v1/fee-checks", _CONTRACTS, "contracts:read"),
    Row("fund_monitor", "POST", "/v1/students", _FILERS, "contracts:file"),
    # The keys of students' references are the service's own, of no department.
    Row("fund_monitor", "GET", "/v1/student-keys", _SERVICE, "students:admin"),
    Row("fund_monitor", "POST", "/v1/student-keys", _SERVICE, "students:admin"),
    Row("fund_monitor", "DELETE", "/v1/student-keys/{name}", _SERVICE, "students:admin"),
    Row("fund_monitor", "POST", "/v1/contracts", _FILERS, "contracts:file"),
    Row("fund_monitor", "GET", "/v1/contracts/template", _FILERS, "contracts:file"),
    Row("fund_monitor", "POST", "/v1/contracts/upload", _FILERS, "contracts:file"),
    Row("fund_monitor", "GET", "/v1/contracts", _CONTRACTS, "contracts:read"),
    Row("fund_monitor", "GET", _CONTRACT, _CONTRACTS, "contracts:read"),
    # Money without a contract; whose it is, the account knows.
    Row("fund_monitor", "POST", "/v1/allocations", _FILERS, "contracts:file"),
    Row("fund_monitor", "GET", "/v1/unallocated", _CONTRACTS, "contracts:read"),
    # Refunds: whose a refund is, it knows itself; the list's query names whose.
    Row("fund_monitor", "POST", "/v1/refunds", _REFUNDERS, "refunds:act"),
    Row("fund_monitor", "GET", "/v1/refunds", _CONTRACTS, "refunds:read"),
    Row("fund_monitor", "GET", _REFUND, _CONTRACTS, "refunds:read"),
    Row("fund_monitor", "POST", f"{_REFUND}/agree", (INSTITUTION, ADMIN), "refunds:act"),
    Row("fund_monitor", "POST", f"{_REFUND}/object", (INSTITUTION, ADMIN), "refunds:act"),
    Row("fund_monitor", "POST", f"{_REFUND}/decide", _IN_CHARGE, "refunds:act"),
    # Platforms that file contracts; the pack is signed.
    _signed("fund_monitor", "POST", f"{_PLATFORM}/contracts"),
    _signed("fund_monitor", "POST", f"{_PLATFORM}/lesson-confirmations"),
    *_platforms("fund_monitor"),
    # Advertising. An institution may look before it publishes; reports are of offices.
    Row("ads_watch", "POST", "/v1/ads/check", _INBOX, "ads:check"),
    Row("ads_watch", "POST", "/v1/sightings", _DEPARTMENTS, "sightings:report"),
    Row("ads_watch", "GET", "/v1/sightings", _DEPARTMENTS, "sightings:read"),
    Row("ads_watch", "GET", "/v1/sightings/{sighting_id}", _DEPARTMENTS, "sightings:read"),
    # Leads; only the department that one lies with answers it, which the lead itself knows.
    Row("ads_watch", "GET", "/v1/leads", _DEPARTMENTS, "leads:read"),
    Row("ads_watch", "GET", _LEAD, _DEPARTMENTS, "leads:read"),
    Row("ads_watch", "POST", f"{_LEAD}/accept", _DEPARTMENTS, "leads:act"),
    Row("ads_watch", "POST", f"{_LEAD}/return", _DEPARTMENTS, "leads:act"),
    Row("ads_watch", "POST", f"{_LEAD}/feedback", _DEPARTMENTS, "leads:act"),
    # Days, school years and timetables.
    Row("schedule_monitor", "GET", "/v1/calendar", _INBOX, "schedule:read"),
    Row("schedule_monitor", "GET", "/v1/calendar/{day}", _INBOX, "schedule:read"),
    Row("schedule_monitor", "GET", "/v1/calendar/working-days", _INBOX, "schedule:read"),
    Row("schedule_monitor", "GET", "/v1/calendar/notices", _INBOX, "schedule:read"),
    Row("schedule_monitor", "GET", _NOTICE, _INBOX, "schedule:read"),
    Row("schedule_monitor", "PUT", _NOTICE, _SCHOOLS, "schedule:write"),
    Row("schedule_monitor", "GET", "/v1/calendar/overrides", _INBOX, "schedule:read"),
    Row("schedule_monitor", "POST", "/v1/calendar/overrides", _SCHOOLS, "schedule:write"),
    Row("schedule_monitor", "GET", "/v1/calendar/overrides/template", _INBOX, "schedule:read"),
    Row("schedule_monitor", "POST", "/v1/calendar/overrides/upload", _SCHOOLS, "schedule:write"),
    Row("schedule_monitor", "GET", "/v1/calendar/switches", _INBOX, "schedule:read"),
    Row("schedule_monitor", "PUT", _SWITCH, _SCHOOLS, "schedule:write"),
    Row("schedule_monitor", "GET", _SCHOOL_YEAR, _INBOX, "schedule:read"),
    Row("schedule_monitor", "PUT", _SCHOOL_YEAR, _SCHOOLS, "schedule:write"),
    Row("schedule_monitor", "GET", "/v1/school-calendars/template", _INBOX, "schedule:read"),
    Row("schedule_monitor", "GET", "/v1/school-calendars/hours-template", _INBOX, "schedule:read"),
    Row("schedule_monitor", "POST", f"{_SCHOOL_YEAR}/upload", _SCHOOLS, "schedule:write"),
    Row("schedule_monitor", "POST", f"{_SCHOOL_YEAR}/hours/upload", _SCHOOLS, "schedule:write"),
    Row("schedule_monitor", "GET", f"{_SCHOOL_YEAR}/hours", _INBOX, "schedule:read"),
    Row("schedule_monitor", "PUT", f"{_SCHOOL_YEAR}/hours", _SCHOOLS, "schedule:write"),
    Row("schedule_monitor", "POST", f"{_SCHOOL_YEAR}/closures", _SCHOOLS, "schedule:write"),
    Row("schedule_monitor", "POST", "/v1/timetables/check", _INBOX, "schedule:read"),
    Row("schedule_monitor", "GET", "/v1/timetables/checks/{receipt}", _INBOX, "schedule:read"),
    Row("schedule_monitor", "GET", f"{_TIMETABLE}/diff", _INBOX, "schedule:read"),
    Row("schedule_monitor", "GET", "/v1/timetables/template.xlsx", _INBOX, "schedule:read"),
    Row("schedule_monitor", "POST", "/v1/timetables/check/upload", _INBOX, "schedule:read"),
    Row("schedule_monitor", "POST", "/v1/timetables/upload", _FILERS, "timetables:file"),
    Row("schedule_monitor", "GET", f"{_MANY_TIMETABLES}/template.xlsx", _INBOX, "schedule:read"),
    Row("schedule_monitor", "POST", f"{_MANY_TIMETABLES}/upload", _IN_CHARGE, "timetables:file"),
    Row("schedule_monitor", "GET", f"{_TIMETABLE}/export.xlsx", _INBOX, "schedule:read"),
    Row("schedule_monitor", "GET", f"{_TIMETABLE}/calendar.ics", _INBOX, "schedule:read"),
    Row("schedule_monitor", "POST", "/v1/timetables", _FILERS, "timetables:file"),
    Row("schedule_monitor", "GET", "/v1/timetables", _INBOX, "schedule:read"),
    Row("schedule_monitor", "GET", _TIMETABLE, _INBOX, "schedule:read"),
    Row("schedule_monitor", "GET", "/v1/timetables/summary", _DEPARTMENTS, "schedule:read"),
    # Held sessions: told by platforms, institutions, those in charge, and towns on the spot.
    _signed("schedule_monitor", "POST", f"{_PLATFORM}/sessions"),
    Row("schedule_monitor", "GET", f"{_PLATFORM}/sessions/refused", _LOGS, "sessions:tell"),
    Row("schedule_monitor", "POST", _HELD, _TELLERS, "sessions:tell"),
    Row("schedule_monitor", "GET", f"{_HELD}/refused", _TELLERS, "sessions:tell"),
    Row("schedule_monitor", "GET", _HELD, _INBOX, "schedule:read"),
    Row("schedule_monitor", "GET", f"{_HELD}/{{session_id}}", _INBOX, "schedule:read"),
    Row("schedule_monitor", "GET", _PATROL, _DEPARTMENTS, "schedule:read"),
    Row("schedule_monitor", "GET", f"{_PATROL}/export.xlsx", _DEPARTMENTS, "schedule:read"),
    Row("schedule_monitor", "POST", f"{_PATROL}/results/upload", _PATROLS, "sessions:tell"),
    Row("schedule_monitor", "PUT", f"{_INSTITUTION}/courses/{{code}}", _FILERS, "timetables:file"),
    Row("schedule_monitor", "GET", f"{_INSTITUTION}/courses", _INBOX, "schedule:read"),
    Row("schedule_monitor", "GET", f"{_INSTITUTION}/courses/{{code}}", _INBOX, "schedule:read"),
    Row(
        "schedule_monitor",
        "PUT",
        f"{_INSTITUTION}/rooms/{{site}}/{{room}}",
        _FILERS,
        "timetables:file",
    ),
    Row("schedule_monitor", "GET", f"{_INSTITUTION}/rooms", _INBOX, "schedule:read"),
    # Reports of practice; who handles one, and who made it, the report itself knows.
    Row("schedule_monitor", "POST", _REPORTS, _INBOX, "practices:report"),
    Row("schedule_monitor", "GET", _REPORTS, _INBOX, "practices:read"),
    Row("schedule_monitor", "GET", _REPORT, _INBOX, "practices:read"),
    Row("schedule_monitor", "POST", f"{_REPORT}/corrections", _INBOX, "practices:report"),
    Row("schedule_monitor", "POST", f"{_REPORT}/withdraw", _INBOX, "practices:report"),
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
    _signed("schedule_monitor", "GET", _OWN_TAKEDOWNS),
    _signed("schedule_monitor", "POST", f"{_OWN_TAKEDOWNS}/{{takedown_id}}/acknowledge"),
    _signed("schedule_monitor", "POST", f"{_OWN_TAKEDOWNS}/{{takedown_id}}/answer"),
    # Teaching platforms.
    _signed("schedule_monitor", "POST", f"{_PLATFORM}/connection-test"),
    *_platforms("schedule_monitor"),
)


def rows_of(service: str) -> dict[tuple[str, str], Row]:
    """Return the rows of one service by method and path."""
    return {(row.method, row.path): row for row in ROWS if row.service in ("*", service)}

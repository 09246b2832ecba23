"""Who may use the supervision of prepaid fees."""

from typing import Final

from shared.access.grants import (
    ADMIN,
    ADMIN_ALONE,
    BANK_ADMIN,
    FILERS,
    IN_CHARGE,
    INBOX,
    INSTITUTION,
    INSTITUTION_PATH,
    OF_INSTITUTIONS,
    PLATFORM,
    Grant,
    Row,
    signed,
)
from shared.access.rows.platforms import PLATFORM_PATH, platform_rows
from shared.access.scopes import (
    BANK_KEEPERS,
    COMPETENT,
    FEE_SETTERS,
    FINANCE,
    PRICE_SETTERS,
    TOWN_CODES,
)

BANK: Final = Grant("bank", "own bank")
OF_BANKS: Final = Grant("staff", "own office", BANK_KEEPERS)
OF_FUNDS: Final = Grant("staff", "own office", (*FINANCE, *COMPETENT))
OF_ENROLMENT: Final = Grant("staff", "own office", (*FINANCE, *COMPETENT, *sorted(TOWN_CODES)))
OF_PRICES: Final = Grant("staff", "own office", PRICE_SETTERS)
OF_FEES: Final = Grant("staff", "own office", FEE_SETTERS)
_FUNDS: Final = (BANK, OF_FUNDS, ADMIN)
_BANKS: Final = (BANK_ADMIN, ADMIN)
_ENROLMENT: Final = (OF_ENROLMENT, INSTITUTION, ADMIN)
_CONTRACTS: Final = (OF_FUNDS, INSTITUTION, ADMIN)
_REFUNDERS: Final = (OF_INSTITUTIONS, INSTITUTION, PLATFORM, ADMIN)
_CONFIRMERS: Final = (OF_FUNDS, INSTITUTION, PLATFORM, ADMIN)
_FOR_STUDENTS: Final = (OF_INSTITUTIONS, PLATFORM, ADMIN)

_BANK: Final = "/v1/banks/{bank}"
_ACCOUNT: Final = f"{_BANK}/accounts/{{account_no}}"
_CUSTODY: Final = "/v1/custody-accounts"
_GUIDE_PRICE: Final = "/v1/guide-prices/{mode}/{effective_from}"
_FEE_POLICY: Final = "/v1/fee-policies/{effective_from}"
_LESSON_SILENCE: Final = "/v1/lesson-silences/{source}/{effective_from}"
_CONFIRMATIONS: Final = "/v1/lesson-confirmations"
_CONFIRMATION: Final = f"{_CONFIRMATIONS}/{{confirmation_id}}"
_MATCHES: Final = f"{INSTITUTION_PATH}/lesson-matches"
_BY_HAND: Final = "/v1/manual-releases"
_CONTRACT: Final = "/v1/contracts/{institution_id}/{contract_no}"
_REFUND: Final = "/v1/refunds/{refund_id}"

ROWS: Final = (
    # Banks: what they send is signed, what is read of it needs a token.
    signed("fund_monitor", "POST", f"{_BANK}/events"),
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
    Row("fund_monitor", "POST", _CONFIRMATIONS, FILERS, "lessons:act"),
    Row("fund_monitor", "GET", _CONFIRMATIONS, _CONFIRMERS, "lessons:read"),
    Row("fund_monitor", "GET", _CONFIRMATION, _CONFIRMERS, "lessons:read"),
    Row("fund_monitor", "POST", f"{_CONFIRMATION}/confirm", _FOR_STUDENTS, "lessons:act"),
    Row("fund_monitor", "POST", f"{_CONFIRMATION}/object", _FOR_STUDENTS, "lessons:act"),
    Row("fund_monitor", "POST", f"{_CONFIRMATION}/decide", IN_CHARGE, "lessons:act"),
    Row("fund_monitor", "POST", f"{_CONFIRMATION}/withdraw", _REFUNDERS, "lessons:act"),
    Row("fund_monitor", "PUT", _LESSON_SILENCE, (OF_FEES, ADMIN), "fees:write"),
    Row("fund_monitor", "GET", "/v1/lesson-silences", INBOX, "fees:read"),
    Row("fund_monitor", "GET", "/v1/lesson-silences/versions", INBOX, "fees:read"),
    Row("fund_monitor", "POST", _BY_HAND, FILERS, "releases:act"),
    Row("fund_monitor", "GET", _BY_HAND, FILERS, "releases:act"),
    Row("fund_monitor", "POST", f"{_BY_HAND}/{{release_id}}/approve", IN_CHARGE, "releases:act"),
    Row("fund_monitor", "POST", f"{_BY_HAND}/{{release_id}}/refuse", IN_CHARGE, "releases:act"),
    # Custody accounts; the competent department decides, which the institution itself knows.
    Row("fund_monitor", "POST", _CUSTODY, FILERS, "accounts:file"),
    Row("fund_monitor", "GET", _CUSTODY, _ENROLMENT, "accounts:read"),
    Row("fund_monitor", "GET", f"{_CUSTODY}/{{account_id}}", _ENROLMENT, "accounts:read"),
    Row("fund_monitor", "POST", f"{_CUSTODY}/{{account_id}}/confirm", IN_CHARGE, "accounts:file"),
    Row("fund_monitor", "POST", f"{_CUSTODY}/{{account_id}}/refuse", IN_CHARGE, "accounts:file"),
    Row(
        "fund_monitor",
        "POST",
        f"{_CUSTODY}/{{account_id}}/opening-balance",
        IN_CHARGE,
        "accounts:file",
    ),
    Row("fund_monitor", "GET", "/v1/custody-enrolment", _ENROLMENT, "accounts:read"),
    Row("fund_monitor", "GET", "/v1/custody-enrolment/missing", _ENROLMENT, "accounts:read"),
    # Guide prices are set by 市发改局 alone, not by those who run the service.
    Row("fund_monitor", "PUT", _GUIDE_PRICE, (OF_PRICES,), "prices:write"),
    Row("fund_monitor", "GET", "/v1/guide-prices", INBOX, "fees:read"),
    Row("fund_monitor", "GET", "/v1/guide-prices/versions", INBOX, "fees:read"),
    Row("fund_monitor", "PUT", _FEE_POLICY, (OF_FEES, ADMIN), "fees:write"),
    Row("fund_monitor", "GET", "/v1/fee-policies", INBOX, "fees:read"),
    Row("fund_monitor", "GET", "/v1/fee-policies/versions", INBOX, "fees:read"),
    # Contracts: filed by the institution or its competent department; the list's query names whose.
    Row("fund_monitor", "POST", "/v1/fee-checks", _CONTRACTS, "contracts:read"),
    Row("fund_monitor", "POST", "/v1/students", FILERS, "contracts:file"),
    # The keys of students' references are the service's own, of no department.
    Row("fund_monitor", "GET", "/v1/student-keys", ADMIN_ALONE, "students:admin"),
    Row("fund_monitor", "POST", "/v1/student-keys", ADMIN_ALONE, "students:admin"),
    Row("fund_monitor", "DELETE", "/v1/student-keys/{name}", ADMIN_ALONE, "students:admin"),
    Row("fund_monitor", "POST", "/v1/contracts", FILERS, "contracts:file"),
    Row("fund_monitor", "GET", "/v1/contracts/template", FILERS, "contracts:file"),
    Row("fund_monitor", "POST", "/v1/contracts/upload", FILERS, "contracts:file"),
    Row("fund_monitor", "GET", "/v1/contracts", _CONTRACTS, "contracts:read"),
    Row("fund_monitor", "GET", _CONTRACT, _CONTRACTS, "contracts:read"),
    # Money without a contract; whose it is, the account knows.
    Row("fund_monitor", "POST", "/v1/allocations", FILERS, "contracts:file"),
    Row("fund_monitor", "GET", "/v1/unallocated", _CONTRACTS, "contracts:read"),
    # Refunds: whose a refund is, it knows itself; the list's query names whose.
    Row("fund_monitor", "POST", "/v1/refunds", _REFUNDERS, "refunds:act"),
    Row("fund_monitor", "GET", "/v1/refunds", _CONTRACTS, "refunds:read"),
    Row("fund_monitor", "GET", _REFUND, _CONTRACTS, "refunds:read"),
    Row("fund_monitor", "POST", f"{_REFUND}/agree", (INSTITUTION, ADMIN), "refunds:act"),
    Row("fund_monitor", "POST", f"{_REFUND}/object", (INSTITUTION, ADMIN), "refunds:act"),
    Row("fund_monitor", "POST", f"{_REFUND}/decide", IN_CHARGE, "refunds:act"),
    # Platforms that file contracts; the pack is signed.
    signed("fund_monitor", "POST", f"{PLATFORM_PATH}/contracts"),
    signed("fund_monitor", "POST", f"{PLATFORM_PATH}/lesson-confirmations"),
    *platform_rows("fund_monitor"),
)

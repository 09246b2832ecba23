"""Valid requests of banks and of those who read what banks sent."""

from typing import Final

from fuzzing.example import Example, Known, staff

_BANK: Final = "/v1/banks/{bank}"
_ACCOUNT: Final = {"account_no": "A1", "occurred_at": "2026-03-02T09:30:00+08:00"}
_MATCHES: Final = "/v1/institutions/{institution_id}/lesson-matches"
_BY_HAND: Final = "/v1/manual-releases"
_PASSING: Final = {"bank": "passing_bank"}


def _events(_: Known) -> object:
    opened = {
        **_ACCOUNT,
        "type": "account_opened",
        "serial_no": "S1",
        "institution_code": "52330481MJ000001XJ",
        "account_kind": "custody",
        "account_name": "青禾艺术培训预收费资金托管专户",
        "agreement_no": "X-1",
    }
    deposit = {
        **_ACCOUNT,
        "type": "deposit",
        "serial_no": "S2",
        "amount_fen": 120_000,
        "contract_no": "C1",
    }
    unallocated = {**_ACCOUNT, "type": "deposit", "serial_no": "S3", "amount_fen": 9_000}
    return {"events": [opened, deposit, unallocated]}


def _by_hand(known: Known) -> object:
    return {
        "institution_id": known["institution_id"],
        "contract_no": "C1",
        "amount_fen": 1_000,
        "reason": "教学系统停用期间的线下课次",
        "papers": [{"name": "签到表.pdf", "sha256": "a" * 64}],
    }


def _refund(known: Known, **more: object) -> object:
    asked = {
        "institution_id": known["institution_id"],
        "contract_no": "C1",
        "requested_on": "2026-03-03",
        "reason": "搬家，不再参加培训",
    }
    return {**asked, **more}


def _lessons(known: Known, reference: str, **more: object) -> object:
    stated = {
        "reference": reference,
        "contract_no": "C1",
        "started_at": "2026-03-03T18:00:00+08:00",
        "ended_at": "2026-03-03T18:45:00+08:00",
        **more,
    }
    return {"institution_id": known["institution_id"], "confirmations": [stated]}


_CONFIRMATIONS: Final = "/v1/lesson-confirmations"
_CONFIRMATION: Final = f"{_CONFIRMATIONS}/{{confirmation_id}}"
_CONFIRMATION_ID: Final = {"results.0.confirmations.0.confirmation_id": "confirmation_id"}
_REFUND: Final = "/v1/refunds/{refund_id}"


def _account_filing(known: Known) -> object:
    return {
        "institution_id": known["institution_id"],
        "mode": "custody",
        "bank": "alpha",
        "account_no": "A1",
        "account_name": "海宁市青禾艺术培训中心预收费资金托管专户",
        "account_kind": "custody",
        "agreement_no": "X-1",
    }


_PLATFORM: Final = "/v1/platforms/{platform}"
_PASSING_PLATFORM: Final = {"platform": "passing_platform"}
_STUDENT: Final = {"kind": "other", "number": "EXAMPLE-0001", "name": "王小禾"}


_CONTRACT_SHEET: Final = (
    "合同编号,课程,类别,授课方式,学段,班级人数,每课时分钟数,课时数,合同价款（元）,签订日期,开课日期,"
    "证件类型,证件号码,学员姓名\n"
    "C9,美术,非学科类,线下,义务教育,10,45,48,1200.00,2026-03-01,2026-03-07,其他证件,EXAMPLE-0001,王小禾\n"
)


def _contract(known: Known) -> object:
    return {
        "institution_id": known["institution_id"],
        "contract_no": "C1",
        "student_ref": known["student_ref"],
        "subject": "美术",
        "course_kind": "non_subject",
        "mode": "offline",
        "stage": "compulsory",
        "class_size": 10,
        "lesson_minutes": 45,
        "lessons": "48.00",
        "price_fen": 120_000,
        "signed_on": "2026-03-01",
        "starts_on": "2026-03-07",
    }


EXAMPLES: Final = (
    Example(
        operation="POST /v1/banks",
        by={"role": "bank_admin"},
        body=lambda _: {"code": "alpha", "name": "甲银行"},
        keeps={"code": "bank", "secret": "secret"},
    ),
    Example(operation=f"POST {_BANK}/events", by="signed", body=_events),
    Example(
        operation=f"GET {_BANK}/events/{{serial_no}}",
        by={"role": "bank", "bank": "alpha"},
        values={"serial_no": "S2"},
        patient=True,
    ),
    Example(
        operation=f"GET {_BANK}/accounts/{{account_no}}",
        by=staff("pboc"),
        values={"account_no": "A1"},
        patient=True,
    ),
    Example(
        operation=f"GET {_BANK}/accounts/{{account_no}}/balance",
        by=staff("pboc"),
        values={"account_no": "A1"},
        query=lambda _: {"at": "2026-03-02T09:30:00+08:00"},
    ),
    Example(
        operation=f"GET {_BANK}/accounts/{{account_no}}/statement",
        by=staff("finance_office"),
        values={"account_no": "A1"},
        query=lambda _: {"from": "2026-03-01", "until": "2026-03-31"},
    ),
    Example(
        operation=f"GET {_BANK}/accounts/{{account_no}}/contracts/{{contract_no}}",
        by=staff("education"),
        values={"account_no": "A1", "contract_no": "C1"},
        patient=True,
    ),
    Example(
        operation="POST /v1/custody-accounts",
        by="own institution",
        body=lambda known: {"institution_id": known["institution_id"], "mode": "post_paid"},
        keeps={"account_id": "refused_account"},
        patient=True,
    ),
    Example(
        operation="POST /v1/custody-accounts/{account_id}/refuse",
        names={"account_id": "refused_account"},
        body=lambda _: {"reason": "尚有预收费"},
    ),
    Example(
        operation="POST /v1/custody-accounts",
        body=_account_filing,
        keeps={"account_id": "account_id"},
    ),
    Example(operation="POST /v1/custody-accounts/{account_id}/confirm"),
    Example(
        operation="POST /v1/custody-accounts/{account_id}/opening-balance",
        body=lambda _: {"amount_fen": 120_000},
    ),
    Example(operation="GET /v1/custody-accounts", by="own institution"),
    Example(operation="GET /v1/custody-accounts/{account_id}", by=staff("cbirc")),
    Example(operation="GET /v1/custody-enrolment", by=staff("pboc")),
    Example(operation="GET /v1/custody-enrolment/missing", by=staff("finance_office")),
    Example(operation="GET /v1/chart-of-accounts", by=staff("cbirc")),
    Example(operation="GET /v1/closings", by=staff("cbirc")),
    Example(
        operation="GET /v1/closings/{day}",
        by=staff("cbirc"),
        values={"day": "2026-03-31"},
    ),
    Example(
        operation=f"GET {_MATCHES}",
        by=staff("finance_office"),
    ),
    Example(
        operation=f"GET {_MATCHES}/{{contract_no}}",
        by=staff("finance_office"),
        values={"contract_no": "C1"},
    ),
    Example(
        operation=f"POST {_BY_HAND}",
        by="own institution",
        body=_by_hand,
        keeps={"release_id": "release_id"},
        patient=True,
    ),
    Example(operation=f"GET {_BY_HAND}", by="own institution"),
    Example(
        operation=f"POST {_BY_HAND}/{{release_id}}/approve",
        by=staff("culture_tourism_sports"),
    ),
    Example(
        operation=f"POST {_BY_HAND}",
        by="own institution",
        body=_by_hand,
        keeps={"release_id": "refused_release_id"},
    ),
    Example(
        operation=f"POST {_BY_HAND}/{{release_id}}/refuse",
        by=staff("culture_tourism_sports"),
        names={"release_id": "refused_release_id"},
        body=lambda _: {"reason": "发票与合同不符"},
    ),
    Example(operation=f"GET {_BANK}/refused", by=staff("cbirc")),
    Example(operation=f"GET {_BANK}/unposted", by=staff("finance_office")),
    Example(
        operation="POST /v1/students",
        by="own institution",
        body=lambda _: _STUDENT,
        keeps={"student_ref": "student_ref"},
    ),
    Example(operation="POST /v1/contracts", by="own institution", body=_contract, patient=True),
    Example(operation="GET /v1/contracts/template", by="own institution"),
    Example(
        operation="POST /v1/contracts/upload",
        by="own institution",
        query=lambda known: {"institution_id": known["institution_id"]},
        body=lambda _: _CONTRACT_SHEET.encode(),
    ),
    Example(
        operation="GET /v1/contracts",
        by=staff("education"),
        query=lambda known: {"institution_id": known["institution_id"]},
    ),
    Example(
        operation="GET /v1/contracts/{institution_id}/{contract_no}",
        by=staff("finance_office"),
        values={"contract_no": "C1"},
    ),
    Example(
        operation="GET /v1/unallocated",
        by="own institution",
        query=lambda known: {"institution_id": known["institution_id"]},
    ),
    Example(
        operation="POST /v1/allocations",
        body=lambda _: {
            "bank": "alpha",
            "account_no": "A1",
            "serial_no": "S3",
            "contract_no": "C1",
            "reason": "缴费凭证与合同一致",
        },
        patient=True,
    ),
    Example(
        operation=f"POST {_CONFIRMATIONS}",
        by="own institution",
        body=lambda known: _lessons(known, "n-1"),
        keeps=_CONFIRMATION_ID,
    ),
    Example(
        operation=f"GET {_CONFIRMATIONS}",
        by=staff("education"),
        query=lambda known: {"institution_id": known["institution_id"], "state": "stated"},
    ),
    Example(operation=f"GET {_CONFIRMATION}", by=staff("finance_office")),
    Example(
        operation=f"POST {_CONFIRMATION}/object",
        body=lambda _: {"reason": "家长反映当日未上课"},
    ),
    Example(
        operation=f"POST {_CONFIRMATION}/decide",
        body=lambda _: {"taken": False, "reason": "经核查当日停课"},
    ),
    Example(
        operation=f"POST {_CONFIRMATIONS}",
        by="own institution",
        body=lambda known: _lessons(known, "n-2", ended_at="2026-03-03T19:00:00+08:00"),
        keeps=_CONFIRMATION_ID,
    ),
    Example(operation=f"POST {_CONFIRMATION}/confirm", body=lambda _: {}),
    Example(
        operation=f"POST {_CONFIRMATION}/withdraw",
        by="own institution",
        body=lambda _: {"reason": "编号填错"},
    ),
    Example(
        operation="PUT /v1/lesson-silences/{source}/{effective_from}",
        by=staff("finance_office"),
        values={"source": "national", "effective_from": "2026-01-01"},
        body=lambda _: {"days": 15, "counting": "working_days", "reason": "按平台规则"},
    ),
    Example(operation="GET /v1/lesson-silences", by=staff("education")),
    Example(operation="GET /v1/lesson-silences/versions", by=staff("education")),
    Example(
        operation="POST /v1/refunds",
        by="own institution",
        body=_refund,
        keeps={"refund_id": "refund_id"},
    ),
    Example(
        operation="GET /v1/refunds",
        by=staff("cbirc"),
        query=lambda known: {"institution_id": known["institution_id"], "state": "requested"},
    ),
    Example(operation=f"GET {_REFUND}", by=staff("education")),
    Example(
        operation=f"POST {_REFUND}/object",
        by="own institution",
        body=lambda _: {"reason": "课程已全部完成"},
    ),
    Example(
        operation=f"POST {_REFUND}/decide",
        body=lambda _: {"amount_fen": 0, "reason": "经核查课程已全部完成"},
    ),
    Example(
        operation="POST /v1/refunds",
        by="own institution",
        body=lambda known: _refund(known, requested_on="2026-03-04", amount_fen=1_000),
        keeps={"refund_id": "refund_id"},
    ),
    Example(
        operation=f"POST {_REFUND}/agree",
        by="own institution",
        body=lambda _: {"reason": "同意退费"},
    ),
    Example(
        operation="POST /v1/platforms",
        by={"role": "bank_admin"},
        body=lambda _: {"code": "cloud"},
        keeps={"code": "platform", "secret": "secret"},
    ),
    Example(
        operation=f"POST {_PLATFORM}/contracts",
        by="signed",
        body=lambda known: {"contracts": [_contract(known)]},
    ),
    Example(
        operation=f"POST {_PLATFORM}/lesson-confirmations",
        by="signed",
        body=lambda known: {
            "confirmations": [
                {
                    "institution_id": known["institution_id"],
                    "reference": "p-1",
                    "contract_no": "C1",
                    "started_at": "2026-03-04T18:00:00+08:00",
                    "ended_at": "2026-03-04T18:45:00+08:00",
                }
            ]
        },
    ),
    Example(
        operation="POST /v1/platforms",
        body=lambda _: {"code": "passing-cloud"},
        keeps={"code": "passing_platform"},
    ),
    Example(operation=f"POST {_PLATFORM}/secrets", names=_PASSING_PLATFORM),
    Example(
        operation=f"GET {_PLATFORM}/secrets",
        names=_PASSING_PLATFORM,
        keeps={"secrets.1.id": "platform_secret_id"},
    ),
    Example(
        operation=f"DELETE {_PLATFORM}/secrets/{{secret_id}}",
        names={**_PASSING_PLATFORM, "secret_id": "platform_secret_id"},
    ),
    Example(
        operation="PUT /v1/guide-prices/{mode}/{effective_from}",
        by=staff("development_reform"),
        values={"mode": "offline", "effective_from": "2026-01-01"},
        body=lambda _: {
            "doc_no": "示例〔2026〕1号",
            "under_10_fen": 6_000,
            "from_10_to_35_fen": 4_500,
            "over_35_fen": 3_000,
            "reason": "执行新的收费标准",
        },
    ),
    Example(operation="GET /v1/guide-prices", by=staff("market_regulation")),
    Example(operation="GET /v1/guide-prices/versions", by=staff("market_regulation")),
    Example(
        operation="PUT /v1/fee-policies/{effective_from}",
        by=staff("finance_office"),
        values={"effective_from": "2026-01-01"},
        body=lambda _: {"window_days": 7, "reason": "按资金监管组会议"},
    ),
    Example(operation="GET /v1/fee-policies", by=staff("education")),
    Example(operation="GET /v1/fee-policies/versions", by=staff("education")),
    Example(operation="POST /v1/fee-checks", by="own institution", body=_contract),
    Example(operation=f"GET {_BANK}/outcomes", by={"role": "bank", "bank": "alpha"}),
    Example(
        operation=f"PUT {_BANK}/feed",
        by={"role": "bank_admin"},
        body=lambda _: {
            "valid_from": "2026-01-01",
            "numbering": "per_account",
            "balance_after": True,
            "balance_days": "banking_days",
            "balance_until": "20:00",
        },
    ),
    Example(operation=f"GET {_BANK}/feed", by={"role": "bank", "bank": "alpha"}),
    Example(
        operation=f"PUT {_BANK}/statement-mapping",
        by={"role": "bank_admin"},
        body=lambda _: {
            "serial_no": "流水号",
            "account_no": "账号",
            "booked_on": "日期",
            "amount": "金额",
        },
    ),
    Example(
        operation=f"PUT {_BANK}/statements/{{business_day}}",
        by={"role": "bank", "bank": "alpha"},
        values={"business_day": "2026-03-02"},
        body=lambda _: "流水号,账号,日期,金额\nS9,A1,2026-03-02,1.00\n".encode(),
    ),
    Example(operation=f"GET {_BANK}/statements", by=staff("pboc")),
    Example(
        operation=f"GET {_BANK}/statements/{{business_day}}",
        by=staff("pboc"),
        values={"business_day": "2026-03-02"},
    ),
    Example(
        operation=f"GET {_BANK}/differences",
        by=staff("finance_office"),
        keeps={"differences.0.difference_id": "difference_id"},
        patient=True,
    ),
    Example(operation=f"GET {_BANK}/difference-changes", by={"role": "bank", "bank": "alpha"}),
    Example(
        operation=f"POST {_BANK}/differences/{{difference_id}}/answer",
        by={"role": "bank", "bank": "alpha"},
        body=lambda _: {"state": "explained", "reason": "此笔次日补报"},
    ),
    Example(operation="GET /v1/summary", by=staff("pboc")),
    Example(
        operation="POST /v1/banks",
        body=lambda _: {"code": "passing", "identity_fields": ["booked_on"]},
        keeps={"code": "passing_bank"},
    ),
    Example(
        operation=f"PUT {_BANK}/identity-fields",
        names=_PASSING,
        body=lambda _: {"identity_fields": ["booked_on", "entry_no"]},
    ),
    Example(
        operation=f"POST {_BANK}/state",
        names=_PASSING,
        body=lambda _: {"state": "suspended", "reason": "核对期间暂停"},
    ),
    Example(operation=f"GET {_BANK}/state", by=staff("finance_office"), names=_PASSING),
    Example(
        operation="POST /v1/student-keys",
        by={"role": "admin"},
        body=lambda _: {"reason": "例行更换"},
    ),
    Example(
        operation="GET /v1/student-keys",
        by={"role": "admin"},
        keeps={"keys.1.name": "former_student_key"},
    ),
    Example(
        operation="DELETE /v1/student-keys/{name}",
        by={"role": "admin"},
        names={"name": "former_student_key"},
        query=lambda _: {"reason": "旧密钥停用"},
    ),
    Example(
        operation=f"PUT {_BANK}/access",
        names=_PASSING,
        body=lambda _: {"networks": ["10.1.0.0/16"], "reason": "银行登记的出口"},
    ),
    Example(operation=f"GET {_BANK}/access", names=_PASSING),
    Example(
        operation=f"PUT {_BANK}/webhook",
        names=_PASSING,
        body=lambda _: {"url": "https://bank.example/outcomes"},
    ),
    Example(operation=f"GET {_BANK}/webhook", names=_PASSING),
    Example(
        operation=f"POST {_BANK}/webhook/replay", names=_PASSING, body=lambda _: {"after": None}
    ),
    Example(operation=f"DELETE {_BANK}/webhook", names=_PASSING),
    Example(operation=f"POST {_BANK}/secrets", names=_PASSING),
    Example(operation=f"GET {_BANK}/secrets", names=_PASSING, keeps={"secrets.1.id": "secret_id"}),
    Example(operation=f"DELETE {_BANK}/secrets/{{secret_id}}", names=_PASSING),
)

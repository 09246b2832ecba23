"""Every index of fund_monitor, created at start."""

from pymongo import ASCENDING, IndexModel

from services.fund_monitor.store.banks.told import STREAMS
from services.fund_monitor.store.ledger.day_totals import ACCOUNT_MONTHS
from services.fund_monitor.store.ledger.workers import WORKER_INDEXES
from services.fund_monitor.store.rows import HISTORY_TYPES
from shared.marks import MARK_INDEXES

TOLD_INDEXES = [
    IndexModel(
        [("waiting", ASCENDING), ("_id", ASCENDING)],
        name="waiting",
        partialFilterExpression={"waiting": True},
    ),
    IndexModel(
        [("bank", ASCENDING), ("last", ASCENDING)],
        name="by_place",
        unique=True,
        partialFilterExpression={"last": {"$gt": 0}},
    ),
]
"""Of every stream in which banks are told something."""

INDEXES: dict[str, list[IndexModel]] = {
    "events": [
        IndexModel([("bank", ASCENDING), ("serial_no", ASCENDING)], name="by_serial_no"),
        IndexModel(
            [("reverses", ASCENDING)],
            name="by_reversed_event",
            partialFilterExpression={"reverses": {"$exists": True}},
        ),
        IndexModel(
            [("account", ASCENDING), ("slot", ASCENDING)],
            name="by_account_and_slot",
            partialFilterExpression={"slot": {"$exists": True}},
        ),
        IndexModel(
            [("account", ASCENDING), ("type", ASCENDING)],
            name="account_history",
            partialFilterExpression={"type": {"$in": HISTORY_TYPES}},
        ),
        IndexModel(
            [("account", ASCENDING), ("state", ASCENDING)],
            name="unposted",
            partialFilterExpression={"state": {"$in": ["parked", "set_aside"]}},
        ),
        IndexModel(
            [("account", ASCENDING), ("occurred_at", ASCENDING)],
            name="told_balances",
            partialFilterExpression={"type": "balance"},
        ),
    ],
    "entries": [
        IndexModel(
            [("account", ASCENDING), ("occurred_at", ASCENDING), ("_id", ASCENDING)],
            name="by_account_in_order",
        ),
        IndexModel(
            [("posting", ASCENDING), ("day", ASCENDING), ("account", ASCENDING)],
            name="by_posting_and_day",
        ),
        IndexModel(
            [("name", ASCENDING), ("account", ASCENDING)],
            name="by_name",
            partialFilterExpression={"name": {"$exists": True}},
        ),
    ],
    "closings": [IndexModel([("sequence", ASCENDING)], name="by_sequence", unique=True)],
    "pupil_facts": [IndexModel([("code", ASCENDING)], name="by_institution")],
    "accounts": [IndexModel([("institution_code", ASCENDING)], name="by_institution")],
    "held_sessions": [
        IndexModel([("institution_id", ASCENDING)], name="by_institution"),
        IndexModel(
            [("institution_id", ASCENDING), ("ended_at", ASCENDING)],
            name="over_full",
            partialFilterExpression={"over_full": True},
        ),
    ],
    "consumption_entries": [
        IndexModel([("institution_id", ASCENDING), ("contract_no", ASCENDING)], name="by_contract"),
        IndexModel([("institution_id", ASCENDING), ("consumed_at", ASCENDING)], name="in_order"),
    ],
    "lesson_books": [
        IndexModel([("institution_id", ASCENDING), ("contract_no", ASCENDING)], name="by_contract"),
    ],
    "lesson_confirmations": [
        IndexModel(
            [("sender", ASCENDING), ("reference", ASCENDING), ("contract_no", ASCENDING)],
            name="stated_once",
            unique=True,
        ),
        IndexModel(
            [("institution_id", ASCENDING), ("contract_no", ASCENDING), ("state", ASCENDING)],
            name="by_contract",
        ),
        IndexModel(
            [("institution_id", ASCENDING), ("state", ASCENDING), ("_id", ASCENDING)],
            name="by_state",
        ),
        IndexModel([("batch", ASCENDING), ("state", ASCENDING)], name="by_batch"),
        IndexModel(
            [("state", ASCENDING)],
            name="open",
            partialFilterExpression={"state": {"$in": ["stated", "objected"]}},
        ),
        IndexModel(
            [("session_id", ASCENDING)],
            name="by_session",
            partialFilterExpression={"session_id": {"$type": "string"}},
        ),
    ],
    "manual_releases": [
        IndexModel([("institution_id", ASCENDING), ("_id", ASCENDING)], name="by_institution"),
    ],
    ACCOUNT_MONTHS: [
        IndexModel([("account", ASCENDING), ("month", ASCENDING)], name="by_account"),
    ],
    "conflicts": [
        IndexModel([("identity", ASCENDING)], name="by_identity"),
        IndexModel([("bank", ASCENDING), ("month", ASCENDING)], name="by_bank_and_month"),
    ],
    "refused": [IndexModel([("bank", ASCENDING)], name="by_bank")],
    "unstorable": [
        IndexModel([("bank", ASCENDING), ("serial_no", ASCENDING)], name="by_serial_no")
    ],
    "contracts": [
        IndexModel(
            [("institution_id", ASCENDING), ("contract_no", ASCENDING)],
            name="by_institution",
            unique=True,
        ),
        IndexModel(
            [("institution_id", ASCENDING), ("fees_judged", ASCENDING)], name="by_basis_of_fees"
        ),
        IndexModel([("institution_id", ASCENDING), ("student_ref", ASCENDING)], name="by_student"),
    ],
    "contract_versions": [
        IndexModel(
            [("institution_id", ASCENDING), ("contract_no", ASCENDING), ("version", ASCENDING)],
            name="by_contract",
            unique=True,
        )
    ],
    "waiting_deposits": [
        IndexModel([("account", ASCENDING), ("_id", ASCENDING)], name="by_account")
    ],
    "refunds": [
        IndexModel(
            [
                ("institution_id", ASCENDING),
                ("contract_no", ASCENDING),
                ("requested_on", ASCENDING),
            ],
            name="by_request",
            unique=True,
        ),
        IndexModel(
            [("institution_id", ASCENDING), ("state", ASCENDING), ("_id", ASCENDING)],
            name="by_state",
        ),
    ],
    "fee_groups": [IndexModel([("institution_id", ASCENDING)], name="by_institution")],
    "fee_rules": [
        IndexModel([("kind", ASCENDING), ("_id", ASCENDING)], name="by_kind"),
        IndexModel([("key", ASCENDING), ("version", ASCENDING)], name="by_version", unique=True),
    ],
    "students": [
        # Two who issue at once by different keys cannot both succeed for one person.
        IndexModel(
            [("digests", ASCENDING)],
            name="by_digest",
            unique=True,
            partialFilterExpression={"digests": {"$exists": True}},
        )
    ],
    **{stream.documents: TOLD_INDEXES for stream in STREAMS},
    "dropped_files": [
        IndexModel([("bank", ASCENDING), ("state", ASCENDING)], name="by_bank_and_state"),
    ],
    "file_conflicts": [
        IndexModel([("bank", ASCENDING), ("month", ASCENDING)], name="by_bank_and_month"),
    ],
    "dropped_answers": [
        IndexModel([("file", ASCENDING), ("_id", ASCENDING)], name="by_file"),
    ],
    "statements": [
        IndexModel(
            [("bank", ASCENDING), ("day", ASCENDING), ("version", ASCENDING)],
            name="one_of_a_version",
            unique=True,
        ),
        IndexModel(
            [("stale", ASCENDING)], name="waiting", partialFilterExpression={"current": True}
        ),
    ],
    "statement_lines": [
        IndexModel([("account", ASCENDING), ("file", ASCENDING)], name="by_account_and_file"),
        IndexModel([("file", ASCENDING), ("account", ASCENDING)], name="by_file_and_account"),
    ],
    "feed_declarations": [
        IndexModel([("bank", ASCENDING), ("valid_from", ASCENDING)], name="by_bank"),
    ],
    "feed_heads": [IndexModel([("bank", ASCENDING)], name="by_bank")],
    "feed_number_owners": [IndexModel([("bank", ASCENDING)], name="by_bank")],
    "feed_days": [
        IndexModel([("account", ASCENDING), ("day", ASCENDING)], name="by_account_and_day"),
        IndexModel([("bank", ASCENDING)], name="by_bank"),
        IndexModel(
            [("touched", ASCENDING)],
            name="touched",
            partialFilterExpression={"touched": {"$gt": 0}},
        ),
    ],
    "differences": [
        IndexModel([("bank", ASCENDING), ("state", ASCENDING)], name="by_bank_and_state"),
        IndexModel(
            [("ripe_at", ASCENDING)],
            name="waiting",
            partialFilterExpression={"state": "waiting"},
        ),
        IndexModel(
            [("due_at", ASCENDING)],
            name="not_told_overdue",
            partialFilterExpression={"state": "open", "told_overdue": False},
        ),
        IndexModel(
            [("count", ASCENDING), ("first_no", ASCENDING)],
            name="missing_numbers",
            partialFilterExpression={"missing": True},
        ),
        IndexModel([("bank", ASCENDING), ("day", ASCENDING)], name="by_bank_and_day"),
        IndexModel([("account", ASCENDING), ("day", ASCENDING)], name="by_account_and_day"),
    ],
    "institutions": [IndexModel([("uscc", ASCENDING)], name="by_uscc")],
    "custody_accounts": [
        IndexModel([("natural_key", ASCENDING)], name="filed_once", unique=True),
        IndexModel([("content.institution_id", ASCENDING)], name="by_institution"),
    ],
    "custody_account_history": [
        IndexModel([("filing._id", ASCENDING), ("filing.version", ASCENDING)], name="by_filing"),
    ],
    **MARK_INDEXES,
    **WORKER_INDEXES,
}

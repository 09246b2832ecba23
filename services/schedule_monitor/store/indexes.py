"""Every index of schedule_monitor, created at start."""

from pymongo import ASCENDING, DESCENDING, IndexModel

from services.schedule_monitor.store.versions import VERSION_INDEXES
from shared.marks import MARK_INDEXES
from shared.takedown.store import TAKEDOWN_INDEXES

INDEXES: dict[str, list[IndexModel]] = {
    **MARK_INDEXES,
    **TAKEDOWN_INDEXES,
    "timetables": [
        IndexModel(
            [("institution_id", ASCENDING), ("label", ASCENDING), ("version", DESCENDING)],
            name="filed_once",
            unique=True,
        ),
        IndexModel([("institution_id", ASCENDING), ("_id", DESCENDING)], name="of_institution"),
        IndexModel([("current", ASCENDING), ("stages", ASCENDING)], name="current_of_stage"),
    ],
    "institutions": [IndexModel([("uscc", ASCENDING)], name="of_code")],
    "calendar_notices": VERSION_INDEXES,
    "calendar_overrides": VERSION_INDEXES,
    "calendar_switches": VERSION_INDEXES,
    "school_hours": VERSION_INDEXES,
    "school_calendars": [
        IndexModel(
            [("school_year", ASCENDING), ("stage", ASCENDING), ("version", DESCENDING)],
            name="one_per_version",
            unique=True,
        ),
        IndexModel([("current", ASCENDING)], name="current"),
    ],
    "held_sessions": [
        IndexModel([("identity", ASCENDING)], name="told_once", unique=True),
        IndexModel([("institution_id", ASCENDING), ("month", ASCENDING)], name="of_month"),
        IndexModel([("institution_id", ASCENDING), ("on", ASCENDING)], name="of_days"),
        IndexModel([("institution_id", ASCENDING), ("_id", DESCENDING)], name="of_institution"),
        IndexModel([("institution_id", ASCENDING), ("planned_on", ASCENDING)], name="naming"),
    ],
    "held_versions": [IndexModel([("session_id", ASCENDING)], name="of_session")],
    "held_refused": [IndexModel([("sender", ASCENDING), ("_id", ASCENDING)], name="of_sender")],
    "held_months": [IndexModel([("institution_id", ASCENDING)], name="of_institution")],
    "patrol_proposals": VERSION_INDEXES,
    "visits": [
        IndexModel([("institution_id", ASCENDING), ("on", ASCENDING)], name="of_institution"),
    ],
    "practice_reports": [
        IndexModel([("digest", ASCENDING)], name="reported_once", unique=True),
        IndexModel([("told.institution_id", ASCENDING), ("_id", ASCENDING)], name="of_institution"),
        IndexModel([("told.platform", ASCENDING), ("_id", ASCENDING)], name="of_platform"),
        IndexModel([("responsible", ASCENDING), ("state", ASCENDING)], name="waiting_with"),
        IndexModel([("office", ASCENDING), ("_id", ASCENDING)], name="reported_by"),
        IndexModel([("town", ASCENDING), ("_id", ASCENDING)], name="in_town"),
        IndexModel([("institution", ASCENDING), ("_id", ASCENDING)], name="by_institution"),
    ],
    "receipts": [
        IndexModel([("forget_at", ASCENDING)], name="forgotten_after", expireAfterSeconds=0),
    ],
    "refused_classes": [
        IndexModel([("institution_id", ASCENDING), ("days", ASCENDING)], name="of_days"),
        IndexModel([("forget_at", ASCENDING)], name="forgotten_after", expireAfterSeconds=0),
    ],
    "courses": [
        IndexModel(
            [("institution_id", ASCENDING), ("code", ASCENDING), ("version", DESCENDING)],
            name="one_per_version",
            unique=True,
        ),
    ],
    "teaching_rooms": [
        IndexModel(
            [
                ("institution_id", ASCENDING),
                ("site", ASCENDING),
                ("room", ASCENDING),
                ("version", DESCENDING),
            ],
            name="one_per_version",
            unique=True,
        ),
    ],
}

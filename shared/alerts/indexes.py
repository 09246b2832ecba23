"""Every index of the alerts collection."""

from pymongo import ASCENDING, DESCENDING, IndexModel

ALERT_INDEXES: dict[str, list[IndexModel]] = {
    "alerts": [
        # One alert per thing, rule and window, however often its rule fires.
        IndexModel([("key", ASCENDING)], name="one_per_key", unique=True),
        IndexModel(
            [("about.kind", ASCENDING), ("about.id", ASCENDING), ("rule.code", ASCENDING)],
            name="of_one_thing",
        ),
        IndexModel(
            [("deliveries.department", ASCENDING), ("state", ASCENDING), ("_id", DESCENDING)],
            name="inbox_by_state",
        ),
        IndexModel([("deliveries.department", ASCENDING), ("_id", DESCENDING)], name="inbox"),
        # What the figures count, without reading an alert.
        IndexModel([("state", ASCENDING), ("level", ASCENDING)], name="by_state_and_level"),
    ]
}

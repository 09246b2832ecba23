"""Every index of ads_watch, created at start; the kernel's collections bring their own."""

from pymongo import ASCENDING, DESCENDING, IndexModel

INDEXES = {
    "sightings": [
        IndexModel([("digest", ASCENDING)], name="one_per_report", unique=True),
        IndexModel([("subject", ASCENDING), ("month", ASCENDING)], name="of_one_subject"),
        IndexModel([("seen.town", ASCENDING), ("_id", DESCENDING)], name="of_one_town"),
    ],
    "leads": [
        IndexModel([("sighting_id", ASCENDING), ("_id", ASCENDING)], name="of_one_sighting"),
        IndexModel([("parties", ASCENDING), ("_id", DESCENDING)], name="of_one_party"),
        IndexModel(
            [("department", ASCENDING), ("state", ASCENDING), ("_id", DESCENDING)],
            name="waiting_with",
        ),
    ],
}

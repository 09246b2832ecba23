"""Every index of the register, created at start; the kernel's collections bring their own."""

from pymongo import ASCENDING, DESCENDING, IndexModel

INDEXES = {
    "institutions": [
        IndexModel([("uscc", ASCENDING)], name="one_institution_per_uscc", unique=True),
        IndexModel([("kind", ASCENDING), ("_id", DESCENDING)], name="of_one_kind"),
        IndexModel([("town", ASCENDING), ("_id", DESCENDING)], name="of_one_town"),
        IndexModel([("sites.town", ASCENDING), ("_id", DESCENDING)], name="taught_in_one_town"),
    ],
    "institution_versions": [
        IndexModel(
            [("institution_id", ASCENDING), ("version", DESCENDING)],
            name="one_row_per_version",
            unique=True,
        ),
    ],
}

"""Every index of the register, created at start; the kernel's collections bring their own."""

from pymongo import ASCENDING, IndexModel

INDEXES = {
    "institutions": [
        IndexModel([("uscc", ASCENDING)], name="one_institution_per_uscc", unique=True),
    ],
}

"""Which fields of an answer are not for everybody who may ask for it: the second table of access.

A reader is a role, a department's code, ``departments`` (all of them) or ``towns``. Whoever is not
named does not see the field: it is absent from the answer, not empty.
"""

from dataclasses import dataclass
from typing import Final

from shared.access.scopes import (
    COMPETENT,
    FINANCE,
    PLATFORM_KEEPERS,
    REGISTRARS,
    TOWN_CODES,
)
from shared.access.tokens import Caller


@dataclass(frozen=True, slots=True)
class Restricted:
    """A field of an answer's model and those who see it; a dot leads to a key of a mapping."""

    model: str
    field: str
    seen_by: tuple[str, ...]
    but_not: tuple[str, ...] = ()

    def is_seen_by(self, caller: Caller) -> bool:
        """Tell whether this caller sees the field."""
        names = _names_of(caller)
        return not names.isdisjoint(self.seen_by) and names.isdisjoint(self.but_not)


# Single payments and the events behind a finding: the competent departments need them to act.
# 人民银行, 银保监, 金融办 and the towns see figures of institutions.
_EVIDENCE = {"seen_by": ("departments", "admin"), "but_not": FINANCE}
# What departments write for each other, and who works on it: not for the institution it is about.
_BETWEEN_OFFICES = {"seen_by": ("departments", "towns", "admin")}

RESTRICTED: Final = (
    Restricted("FindingView", "events", **_EVIDENCE),
    Restricted("AlertView", "causes", **_EVIDENCE),
    Restricted("DeliveryView", "note", **_BETWEEN_OFFICES),
    Restricted("DeliveryView", "acknowledged_by", **_BETWEEN_OFFICES),
    Restricted("DeliveryView", "assignee", **_BETWEEN_OFFICES),
    Restricted("DeliveryView", "deputy", **_BETWEEN_OFFICES),
    Restricted("DisposalView", "disposed_by", **_BETWEEN_OFFICES),
    # What a bank wrote into a refused event: its own words, and never a pupil's to anybody else.
    Restricted("RefusedView", "known", ("bank", *FINANCE)),
    Restricted("RefusedView", "known.student_ref", ("bank",)),
    # Whose contract it is: those in charge of the institution need it, the finance side does not.
    Restricted("ContractView", "student_ref", ("institution", "departments", "admin"), FINANCE),
    # Why a family wants its money back, and what is said of it: for those who settle it.
    Restricted(
        "RefundView", "reason", ("institution", "platform", "departments", "admin"), FINANCE
    ),
    Restricted("RefundStepView", "reason", ("institution", "departments", "admin"), FINANCE),
    Restricted(
        "ConfirmationStepView",
        "reason",
        ("institution", "platform", "departments", "admin"),
        FINANCE,
    ),
    # How to reach who gave a tip: for whoever handles it, which the report narrows further.
    Restricted("PracticeReportView", "contact", (*COMPETENT, *PLATFORM_KEEPERS)),
    # Free text of the register that may name persons.
    Restricted("InstitutionView", "revocation_reason", (*REGISTRARS, "institution", "admin")),
)


def restriction_of(model: str, field: str) -> Restricted | None:
    """Return the row of a field, or nothing where everybody who may ask sees it."""
    return next((it for it in RESTRICTED if (it.model, it.field) == (model, field)), None)


def sees(caller: Caller, model: str, field: str) -> bool:
    """Tell whether a caller sees a field: for answers that are no JSON, such as a spreadsheet."""
    restricted = restriction_of(model, field)
    return restricted is None or restricted.is_seen_by(caller)


def _names_of(caller: Caller) -> frozenset[str]:
    if caller.role != "staff" or caller.office is None:
        return frozenset({caller.role})
    kind = "towns" if caller.office in TOWN_CODES else "departments"
    return frozenset({caller.office, kind})

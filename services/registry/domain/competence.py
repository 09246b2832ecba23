"""Which department is in charge of an institution: by its kind, task 18 of the plan."""

from typing import Final, Literal

from shared.duties.parties import COMPETENT_DEPARTMENTS

Kind = Literal["subject", "culture_arts", "sports", "science_tech"]

# 方案任务18: 市教育局 subject, 文旅体局 culture, arts and sports, 科技局 science and technology.
_BY_KIND: Final[dict[Kind, str]] = {
    "subject": "education",
    "culture_arts": "culture_tourism_sports",
    "sports": "culture_tourism_sports",
    "science_tech": "science_tech",
}


def competent_department(kind: Kind) -> str:
    """Return the code of the department in charge of institutions of this kind."""
    return _BY_KIND[kind]


def competence_reason(kind: Kind) -> str:
    """Say why that department is in charge, with the line of the plan."""
    return COMPETENT_DEPARTMENTS[competent_department(kind)]

"""Everybody who may come with a token, by the names that the expectations use."""

from typing import Final

INSTITUTION: Final = "01890000-0000-7000-8000-000000000001"

CALLERS: Final[dict[str, dict[str, str]]] = {
    "admin": {"role": "admin"},
    "bank_admin": {"role": "bank_admin"},
    "own bank": {"role": "bank", "bank": "alpha"},
    "other bank": {"role": "bank", "bank": "beta"},
    "bank of none": {"role": "bank"},
    "own platform": {"role": "platform", "platform": "alpha"},
    "own institution": {"role": "institution", "institution": INSTITUTION},
    "other institution": {"role": "institution", "institution": "another"},
    "education": {"role": "staff", "department": "education"},
    "culture": {"role": "staff", "department": "culture_tourism_sports"},
    "civil_affairs": {"role": "staff", "department": "civil_affairs"},
    "economy_it": {"role": "staff", "department": "economy_it"},
    "development_reform": {"role": "staff", "department": "development_reform"},
    "data_bureau": {"role": "staff", "department": "data_bureau"},
    "health": {"role": "staff", "department": "health"},
    "finance_office": {"role": "staff", "department": "finance_office"},
    "pboc": {"role": "staff", "department": "pboc"},
    "cbirc": {"role": "staff", "department": "cbirc"},
    "town": {"role": "staff", "town": "xiashi"},
    "staff of none": {"role": "staff"},
    "staff of an unknown office": {"role": "staff", "department": "pbocc"},
}

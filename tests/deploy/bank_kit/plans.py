"""A run of the kit that needs no server."""

from datetime import date
from typing import Any

from deploy.bank_kit.plan import Plan

SECRET = "whsec_" + "A" * 44


def a_plan(**more: Any) -> Plan:
    given = {
        "url": "http://fund",
        "bank": "alpha",
        "secret": SECRET,
        "reader": "nobody",
        "day": date(2026, 3, 2),
    }
    return Plan(**(given | more))

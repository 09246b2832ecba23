"""What each city day changed on each account, kept by the month.

A posting brings an account something of many days and of few months: by the month it writes a
tenth of the documents.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from pymongo import UpdateOne

from services.fund_monitor.domain.rules.coverage import DayTotal
from shared.city_time import month_of
from shared.mongo import Database, Row, Session

ACCOUNT_MONTHS: Final = "account_months"
SUMS: Final = ("balance_fen", "unconsumed_fen")
BALANCES: Final[list[Row]] = [
    {"$project": {"account": 1, "day": {"$objectToArray": "$days"}}},
    {"$unwind": "$day"},
    {"$group": {"_id": "$account", "fen": {"$sum": "$day.v.balance_fen"}}},
]
"""Adds up the days of every account, to be held against its balance."""


def writes_of(days: Mapping[tuple[str, str], Sequence[int]]) -> list[UpdateOne]:
    """Return what adds sums to days: by account and day, each of ``SUMS`` in its order."""
    months: defaultdict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for (account, day), sums in days.items():
        added = months[account, day[:7]]
        for name, fen in zip(SUMS, sums, strict=True):
            added[f"days.{day[8:]}.{name}"] = fen
    return [
        UpdateOne(
            {"_id": f"{account}|{month}"},
            {"$inc": added, "$setOnInsert": {"account": account, "month": month}},
            upsert=True,
        )
        for (account, month), added in months.items()
    ]


async def day_totals(
    db: Database,
    accounts: Sequence[str],
    *,
    before: date | None = None,
    session: Session | None = None,
) -> dict[str, list[DayTotal]]:
    """Return by account, of those of which anything is known, the days before one in no order."""
    asked: Row = {"account": {"$in": list(accounts)}}
    if before is not None:
        asked["month"] = {"$lte": month_of(before)}
    found: dict[str, list[DayTotal]] = {}
    async for row in db[ACCOUNT_MONTHS].find(asked, session=session):
        known = found.setdefault(row["account"], [])
        for total in _days_of(row):
            if before is None or total.day < before:
                known.append(total)
    return found


def _days_of(row: Row) -> list[DayTotal]:
    year, month = map(int, row["month"].split("-"))
    return [
        DayTotal(date(year, month, int(day)), sums["balance_fen"], sums["unconsumed_fen"])
        for day, sums in row["days"].items()
    ]

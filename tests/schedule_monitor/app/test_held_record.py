"""Whatever order held sessions and timetables come in, what is found is a function of the record.

The expectation is counted by brute force from what was told: it knows the words of ADR 0033 and
nothing of the service's code.
"""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from random import Random

import pytest

from shared.clock import Clock
from tests.schedule_monitor.builders import (
    a_class,
    a_filing,
    a_held_item,
)

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("licensed_city")]

LATER = datetime(2026, 4, 20, 4, tzinfo=UTC)
# Two of them are Saturdays; a session may name a class of the other month.
DAYS = ("2026-03-03", "2026-03-07", "2026-03-31", "2026-04-01", "2026-04-11")
GROUPS = ("甲班", "乙班")
TOLERANCE = 10


@pytest.fixture
def kernel(kernel):
    return replace(kernel, clock=Clock(LATER - datetime.now(UTC)))


def wall(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}:00"


def a_plan(rng: Random) -> list[tuple[str, str, int, int]]:
    """Return classes of a timetable: day, group, start and end in minutes."""
    found = set()
    for _ in range(rng.randint(2, 7)):
        start = rng.choice((1080, 1090, 1110, 1170, 1200))
        found.add((rng.choice(DAYS), rng.choice(GROUPS), start, start + rng.choice((30, 40))))
    return sorted(found)


def tellings(rng: Random) -> list[dict]:
    """Return what one sender tells: corrections, withdrawals, versions told in two ways."""
    found = []
    for number in range(rng.randint(5, 9)):
        for version in range(1, rng.randint(1, 3) + 1):
            for _ in range(rng.choice((1, 1, 2))):
                start = rng.choice((1080, 1085, 1095, 1110, 1165, 1200))
                item = a_held_item(
                    rng.choice(DAYS),
                    reference=f"L{number}",
                    version=version,
                    start=wall(start),
                    end=wall(start + rng.choice((30, 45, 55))),
                    class_group=rng.choice(GROUPS),
                )
                if rng.random() < 0.3:
                    item["planned_on"] = rng.choice(DAYS)
                    item["planned_start"] = wall(rng.choice((1080, 1110, 1200)))
                if rng.random() < 0.1:
                    item["withdrawn"] = True
                found.append(item)
    return found


def minute(written: str) -> int:
    return int(written[11:13]) * 60 + int(written[14:16])


def broken(day: str, end: int) -> set[str]:
    rules = {"rest_day"} if date.fromisoformat(day).weekday() >= 5 else set()
    return rules | ({"offline_end"} if end > 20 * 60 + 30 else set())


def away(held: dict, plan: tuple[str, str, int, int]) -> int:
    """Return how many minutes lie between two starts."""
    days = (date.fromisoformat(held["started_at"][:10]) - date.fromisoformat(plan[0])).days
    return abs(days * 1440 + minute(held["started_at"]) - plan[2])


def paired(held: list[dict], current: list, dropped: list) -> dict[str, tuple]:
    """Take the closest pair again and again, until none is left."""
    found: dict[str, tuple] = {}
    for classes, still in ((current, True), (dropped, False)):
        free = list(classes)
        for named in (True, False):
            while True:
                pairs = [
                    (away(one, plan), plan[2], one["started_at"], one["reference"], plan)
                    for one in held
                    if one["reference"] not in found
                    for plan in free
                    if plan[1] == one["class_group"]
                    and (
                        (plan[0], wall(plan[2]))
                        == (one.get("planned_on"), one.get("planned_start"))
                        if named
                        else plan[0] == one["started_at"][:10]
                    )
                ]
                if not pairs:
                    break
                *_, reference, plan = min(pairs)
                found[reference] = (plan, still)
                free.remove(plan)
    return found


def expected(held: list[dict], current: list, dropped: list) -> Counter:
    """Count sessions by rule and month."""
    standing = [one for one in held if not one.get("withdrawn")]
    pairs = paired(standing, current, dropped)
    counts: Counter = Counter()
    for one in standing:
        day, start, end = one["started_at"][:10], minute(one["started_at"]), minute(one["ended_at"])
        plan, still = pairs.get(one["reference"], (None, False))
        rules = broken(day, end)
        if plan is None:
            rules |= {"held_unfiled"}
        else:
            planned = broken(plan[0], plan[3])
            rules -= planned if still else set()
            rules |= {"held_unlawful"} if planned else set()
            moved = day != plan[0] or abs(start - plan[2]) > TOLERANCE
            over = (end - start) - (plan[3] - plan[2]) if moved else end - plan[3]
            rules |= {"held_moved"} if moved else set()
            rules |= {"held_overran"} if over > TOLERANCE else set()
        counts.update((f"schedule.{rule}", day[:7]) for rule in rules)
    return counts


async def found_in(db) -> Counter:
    counts: Counter = Counter()
    async for alert in db["alerts"].find({"state": {"$ne": "superseded"}}):
        for finding in alert["findings"]:
            if "held" in finding["figures"]:
                counts[alert["rule"]["code"], alert["window"]] += finding["figures"]["held"]
    return counts


@pytest.mark.parametrize("seed", range(8))
async def test_findings_are_a_function_of_the_record(seed, client, own, db, judged):
    rng = Random(seed)  # noqa: S311 - a case must be repeatable, not secret
    told = tellings(rng)
    plans = {"甲": [a_plan(rng), a_plan(rng)], "乙": [a_plan(rng)]}
    deliveries = [("held", item) for item in told for _ in range(rng.choice((1, 1, 2)))]
    deliveries += [("file", "甲"), ("file", "甲"), ("file", "乙")]
    rng.shuffle(deliveries)
    kept: dict[tuple[str, int], dict] = {}
    versions: Counter = Counter()

    async def tell(items):
        answer = await client.post("/v1/held-sessions", json={"sessions": items}, headers=own)
        for item, result in zip(items, answer.json()["results"], strict=True):
            key = (item["reference"], item["version"])
            first = kept.setdefault(key, item)
            assert result["status"] != "refused", result
            assert (result["status"] == "conflict") == (first != item)

    while deliveries:
        kind, what = deliveries.pop()
        if kind == "held":
            batch = [what]
            while deliveries and deliveries[-1][0] == "held" and len(batch) < rng.randint(1, 6):
                batch.append(deliveries.pop()[1])
            await tell(batch)
        else:
            versions[what] += 1
            classes = [
                a_class(day, class_group=group, start=wall(start), end=wall(end))
                for day, group, start, end in plans[what][versions[what] - 1]
            ]
            filing = a_filing(*classes, label=what, version=versions[what])
            answer = await client.post("/v1/timetables", json=filing, headers=own)
            assert answer.status_code == 201
        if rng.random() < 0.3:
            await judged()
    await asyncio.gather(judged(), judged())

    final = {
        reference: kept[max(key for key in kept if key[0] == reference)] for reference, _ in kept
    }
    current = [*plans["甲"][1], *plans["乙"][0]]
    dropped = [plan for plan in plans["甲"][0] if plan not in plans["甲"][1]]
    found = expected(list(final.values()), current, dropped)
    assert found
    assert await found_in(db) == found

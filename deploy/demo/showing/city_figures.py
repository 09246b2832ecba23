"""The figures of the whole demo: money, classes, advertisements, leads, and everybody's alerts."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from deploy.demo.acting.doors import Doors
from deploy.demo.acting.waiting import until
from deploy.demo.showing.figures import Counts, figures
from deploy.demo.showing.record import Json, Record, read_record

_CONTENTS = {
    (): "nothing_found",
    ("guarantee",): "guarantee",
    ("subject_training_ad",): "subject_training_ad",
    ("guarantee", "subject_training_ad"): "guarantee_and_subject_training_ad",
}
_HELD = (
    *("lawful", "unlawful", "calendar_incomplete", "unapproved_site"),
    *("held_unlawful", "held_unfiled", "held_cancelled", "held_moved", "held_overran"),
)
_NO_ADVERTISEMENT = "no_advertisement"
_PLACEMENTS = ("lawful", "banned", "unknown")
_STATES = ("sent", "accepted", "answered")
_OUTCOMES = ("penalised", "corrected", "transferred", "unfounded")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What was sent through the doors, and how much of it a door would not have."""

    events: int
    sessions: int
    sightings: int
    refused_sightings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CityFigures:
    """Everything the demo comes to; ``alerts`` are those of the money, as they always were."""

    events: Counts
    alerts: Mapping[str, Counts]
    ledger: Mapping[str, int | bool]
    sessions: Json
    held: Json
    sightings: Json
    leads: Json
    alerts_by_service: Mapping[str, Mapping[str, Counts]]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def city_figures(record: Record, sent: Sent) -> CityFigures:
    """Return the figures of a record, given what was sent."""
    funds = figures(record.funds, record.alert_counts["fund_monitor"], sent=sent.events)
    return CityFigures(
        events=funds.events,
        alerts=funds.alerts,
        ledger=funds.ledger,
        sessions=_sessions(record),
        held=_held(record, sent),
        sightings=_sightings(record.sightings, sent),
        leads=_leads(record.leads),
        alerts_by_service={
            service: {department: dict(levels) for department, levels in sorted(counts.items())}
            for service, counts in record.alert_counts.items()
        },
    )


async def settled_city(doors: Doors, sent: Sent) -> tuple[Record, CityFigures]:
    """Wait until everything taken in is judged and sent on; return the record and its figures."""
    readings: list[tuple[Record, CityFigures]] = []

    async def stands_still() -> bool:
        record = await read_record(doors)
        readings.append((record, city_figures(record, sent)))
        # Two equal readings in a row: a state of the register may still be on its way.
        before = readings[-2][1] if len(readings) > 1 else None
        return record.settled and before == readings[-1][1]

    await until(
        stands_still, failing="仍有报送未处理完；请用 ./run status 查看各进程，再运行一次。"
    )
    return readings[-1]


def _sessions(record: Record) -> Json:
    """Count classes of current timetables; one class may break several rules."""
    verdicts = record.timetables["sessions"]
    return {
        "timetables": record.timetables["timetables"],
        "filed": sum(verdicts.values()),
        "lawful": verdicts["lawful"],
        "breaching": verdicts["unlawful"],
        "calendar_incomplete": verdicts["calendar_incomplete"],
        "by_rule": _by_rule(record, "sessions"),
    }


def _held(record: Record, sent: Sent) -> Json:
    """Count sessions that stand as held; what is neither that nor refused was told again."""
    counts = record.timetables["held"]
    return {
        "sent": sent.sessions,
        "held": counts["held"],
        "told_again": sent.sessions - counts["held"] - counts["refused"],
        "refused": counts["refused"],
        **{name: counts[name] for name in _HELD},
        "by_rule": _by_rule(record, "held"),
    }


def _by_rule(record: Record, figure: str) -> dict[str, int]:
    """Add up one figure of all findings on classes, rule by rule: planned or held ones."""
    by_rule: Counter[str] = Counter()
    for alert in record.alerts["schedule_monitor"]:
        by_rule[alert["rule"]] += sum(each["figures"].get(figure, 0) for each in alert["findings"])
    return {rule: count for rule, count in sorted(by_rule.items()) if count}


def _sightings(sightings: Iterable[Json], sent: Sent) -> Json:
    """Count reports by outcome, and the advertisements by each of the two verdicts."""
    kept = list(sightings)
    contents = Counter(_content(each["checked"]["content"]) for each in kept)
    placements = Counter(each["checked"]["placement"]["verdict"] for each in kept)
    return {
        "sent": sent.sightings,
        "recorded": len(kept),
        "duplicate": sent.sightings - len(kept) - sent.refused_sightings,
        "refused": sent.refused_sightings,
        "unlawful": sum(each["unlawful"] for each in kept),
        "by_content": _counted(contents, (*_CONTENTS.values(), _NO_ADVERTISEMENT)),
        "by_placement": _counted(placements, _PLACEMENTS),
    }


def _content(content: Json) -> str:
    if content["no_advertisement"] is not None:
        return _NO_ADVERTISEMENT
    return _CONTENTS[tuple(sorted(each["label"] for each in content["labels"]))]


def _leads(leads: Iterable[Json]) -> Json:
    """Count leads by what they are about, and by the department with which each lies now."""
    everything = list(leads)
    by_department: dict[str, Counter[str]] = {}
    for lead in everything:
        by_department.setdefault(lead["department"], Counter())[lead["state"]] += 1
    steps = [step for lead in everything for step in lead["steps"]]
    outcomes = Counter(step["outcome"] for step in steps if step["kind"] == "feedback")
    return {
        "sent": len(everything),
        "returned": sum(step["kind"] == "returned" for step in steps),
        "by_kind": dict(sorted(Counter(each["kind"] for each in everything).items())),
        "by_department": {
            department: _counted(states, _STATES)
            for department, states in sorted(by_department.items())
        },
        "by_outcome": _counted(outcomes, _OUTCOMES),
    }


def _counted(counts: Counter[str], names: Iterable[str]) -> dict[str, int]:
    return {name: counts[name] for name in names}

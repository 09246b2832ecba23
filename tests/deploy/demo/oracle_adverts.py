"""An independent, slow and simple judge of advertisements, and the keeper of their leads.

It knows nothing of how the sample was made, and nothing of the service: it reads what is reported.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from deploy.demo.sample.names import TOWNS
from deploy.demo.sample.watched.model import Sighting
from tests.deploy.demo.oracle import AS_OF
from tests.deploy.demo.oracle_sessions import Levels, count

DESK = "market_regulation"
MEDIA = {
    **dict.fromkeys(("mainstream_media", "new_media", "online_platform"), "media"),
    **dict.fromkeys(
        ("public_place", "residential_area", "outdoor_billboard", "elevator", "transport"),
        "outdoor",
    ),
    **dict.fromkeys(("school", "kindergarten", "school_bus", "exercise_book"), "school"),
}
RECEIVERS = {
    "ads.content": (DESK,),
    "ads.subject_training": (DESK, "education"),
    "ads.placement_media": ("publicity", DESK),
    "ads.placement_outdoor": ("urban_enforcement", DESK, "publicity"),
    "ads.placement_school": ("education", DESK),
}
"""Who receives an alert of a kind; the first one also gets the lead."""
PROMISES = ("保过", "必过", "包过", "通过率100%", "不过退费")
SUBJECT = re.compile("初中数学|小学英语|幼小衔接|高中物理|中考数学|语文作文|高考英语")
FIELDS = {
    *("text", "description", "medium", "advertiser", "town", "place", "url", "seen_at"),
    *("advertiser_name", "institution_id", "image_digest"),
}
ADVERTISERS = {"training_institution", "school", "government", "other", "unknown"}


@dataclass(frozen=True)
class Seen:
    """One report that must be in the record, with what is wrong with the advertisement."""

    sighting: Sighting
    content: str
    placement: str

    @property
    def kinds(self) -> list[str]:
        kinds = []
        if "guarantee" in self.content:
            kinds.append("ads.content")
        if "subject_training_ad" in self.content:
            kinds.append("ads.subject_training")
        if self.placement == "banned":
            kinds.append(f"ads.placement_{MEDIA[self.sighting.body['medium']]}")
        return kinds

    @property
    def about(self) -> str:
        body = self.sighting.body
        if self.sighting.institution is not None:
            return self.sighting.institution.uscc
        return body.get("advertiser_name") or f"{body['town']}/{body['place']}"


def refused(sighting: Sighting) -> bool:
    """Tell whether the door must refuse a report."""
    body = sighting.body
    if not set(body) <= FIELDS or not {"medium", "town", "seen_at"} <= set(body):
        return True
    at = datetime.fromisoformat(body["seen_at"])
    return (
        not {"text", "description"} & set(body)
        or at.tzinfo is None
        or at > AS_OF
        or body["town"] not in dict(TOWNS)
        or not re.fullmatch("[a-z_]+", body["medium"])
        or body.get("advertiser", "unknown") not in ADVERTISERS
        or not body.get("url", "http").startswith("http")
        or (sighting.office.town and sighting.office.code != body["town"])
    )


def recorded(sightings: Iterable[Sighting]) -> list[Seen]:
    """Return every report that must be in the record, once."""
    found: dict[str, Sighting] = {}
    for sighting in sightings:
        if not refused(sighting):
            found.setdefault(identity(sighting), sighting)
    return [Seen(each, content_of(each.body), placement_of(each.body)) for each in found.values()]


def identity(sighting: Sighting) -> str:
    at = datetime.fromisoformat(sighting.body["seen_at"]).timestamp()
    whose = sighting.institution.uscc if sighting.institution else None
    told = [sighting.office.code, whose, {**sighting.body, "seen_at": at}]
    return json.dumps(told, sort_keys=True, ensure_ascii=False)


def content_of(body: Mapping[str, str]) -> str:
    if body["advertiser"] in ("school", "government"):
        return "no_advertisement"
    text = body.get("text", "")
    promise = "guarantee" if any(word in text for word in PROMISES) else ""
    subject = "subject_training_ad" if SUBJECT.search(text) else ""
    return "_and_".join(filter(None, (promise, subject))) or "nothing_found"


def placement_of(body: Mapping[str, str]) -> str:
    if body["medium"] == "own_premises" or content_of(body) == "no_advertisement":
        return "lawful"
    if body["medium"] not in MEDIA:
        return "unknown"
    sells = body["advertiser"] == "training_institution" or MEDIA[body["medium"]] == "school"
    return "banned" if sells else "lawful"


def sightings(reported: Iterable[Sighting]) -> dict[str, object]:
    """Return the figures of reports."""
    sent = list(reported)
    seen = recorded(sent)
    bad = sum(refused(each) for each in sent)
    contents = Counter(each.content for each in seen)
    placements = Counter(each.placement for each in seen)
    return {
        "sent": len(sent),
        "recorded": len(seen),
        "duplicate": len(sent) - bad - len(seen),
        "refused": bad,
        "unlawful": sum(bool(each.kinds) for each in seen),
        "by_content": {
            name: contents[name]
            for name in (
                "nothing_found",
                "guarantee",
                "subject_training_ad",
                "guarantee_and_subject_training_ad",
                "no_advertisement",
            )
        },
        "by_placement": {name: placements[name] for name in ("lawful", "banned", "unknown")},
    }


def ads_alerts(sightings: Iterable[Sighting]) -> Levels:
    """Return how many alerts on advertisements of each level each department must receive."""
    groups = Counter(
        (each.about, kind, each.sighting.body["seen_at"][:7])
        for each in recorded(sightings)
        for kind in each.kinds
    )
    counts: Levels = {}
    for (_, kind, _), number in groups.items():
        count(counts, RECEIVERS[kind], "red" if number >= 3 else "yellow")
    return dict(sorted(counts.items()))


def steps_of(seen: Seen, kind: str) -> list[tuple[str, str, str | None]]:
    """Return who must have said what of a lead, in order."""
    plan, lead = seen.sighting.plan, RECEIVERS[kind][0]
    steps: list[tuple[str, str, str | None]] = []
    if plan.returned is not None:
        if lead != DESK:
            steps.append((lead, "returned", None))
        lead = DESK
    return [*steps, *((lead, answer.kind, answer.outcome) for answer in plan.answers)]


def leads(sightings: Iterable[Sighting]) -> dict[str, object]:
    """Return the figures of leads."""
    everything = [(each, kind) for each in recorded(sightings) for kind in each.kinds]
    by_department: dict[str, dict[str, int]] = {}
    steps = [steps_of(each, kind) for each, kind in everything]
    for (_, kind), given in zip(everything, steps, strict=True):
        returned = any(said == "returned" for _, said, _ in given)
        department = DESK if returned else RECEIVERS[kind][0]
        said = {said for _, said, _ in given}
        state = "answered" if "feedback" in said else "accepted" if "accepted" in said else "sent"
        states = by_department.setdefault(department, {"sent": 0, "accepted": 0, "answered": 0})
        states[state] += 1
    said = [step for given in steps for step in given]
    outcomes = Counter(outcome for _, kind, outcome in said if kind == "feedback")
    return {
        "sent": len(everything),
        "returned": sum(kind == "returned" for _, kind, _ in said),
        "by_kind": dict(sorted(Counter(kind for _, kind in everything).items())),
        "by_department": dict(sorted(by_department.items())),
        "by_outcome": {
            name: outcomes[name] for name in ("penalised", "corrected", "transferred", "unfounded")
        },
    }


def answers_of(sightings: Iterable[Sighting], departments: Iterable[str]) -> int:
    """Count what some departments say of their leads."""
    offices = set(departments)
    return sum(
        office in offices
        for each in recorded(sightings)
        for kind in each.kinds
        for office, _, _ in steps_of(each, kind)
    )

"""An independent, slow and simple judge of held sessions, and of the alerts on classes.

It reads what is told and what is filed; how either was made it does not know.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from deploy.demo.sample.model import Institution, Trouble
from deploy.demo.sample.term import REVOKED_ON
from deploy.demo.sample.watched.model import Filing, Lesson, Telling
from tests.deploy.demo.oracle import COMPETENT
from tests.deploy.demo.oracle_sessions import Levels, broken, count, current, minutes, mode_of

RED = {"statutory_holiday", "rest_day", "long_break", "preschool_online", "held_unlawful"}
OF_HELD = {"held_unlawful", "held_unfiled", "held_cancelled", "held_moved", "held_overran"}
KNOWN = {
    *("reference", "version", "started_at", "ended_at", "class_group", "stage", "head_count"),
    *("attended", "address", "planned_on", "planned_start", "withdrawn"),
}
OVER = datetime.fromisoformat("2026-06-30T18:05:00+08:00")
TOLERANCE = 10


@dataclass(frozen=True)
class Held:
    """One session that stands, as the class it was, beside the filed one it stands for."""

    telling: Telling
    lesson: Lesson
    mode: str
    filed: Lesson | None
    breaks: frozenset[str]
    """The rules that its class breaks as it was filed."""
    plan: Filing

    @property
    def month(self) -> str:
        return self.lesson["date"][:7]


def refused(telling: Telling) -> bool:
    """Tell whether a telling cannot be taken, by itself."""
    body, town = telling.body, telling.teller.kind == "town"
    if not KNOWN.issuperset(body) or "class_group" not in body:
        return True
    began, ended = (datetime.fromisoformat(str(body[it])) for it in ("started_at", "ended_at"))
    return (
        not isinstance(body["head_count"], int)
        or ended <= began
        or ended.date() != began.date()
        or ended > OVER
        or (town and ("attended" in body or telling.teller.code != telling.institution.town))
    )


def settle(tellings: Iterable[Telling]) -> tuple[list[Telling], int]:
    """Return the sessions that stand, and how many tellings are refused, each body once."""
    versions: dict[tuple[object, ...], Telling] = {}
    bad: set[tuple[object, ...]] = set()
    for each in tellings:
        place = (each.teller, each.body.get("reference"), each.body.get("version", 1))
        if refused(each) or versions.setdefault(place, each).body != each.body:
            bad.add((each.teller, *sorted(each.body.items())))
    highest: dict[tuple[object, ...], Telling] = {}
    for (teller, reference, _), each in sorted(versions.items(), key=lambda it: it[0][2]):
        if not refused(each):
            highest[teller, reference] = each
    return [it for it in highest.values() if not it.body.get("withdrawn")], len(bad)


def held(tellings: Iterable[Telling], filings: Iterable[Filing]) -> list[Held]:
    """Return every session that stands, beside its class."""
    plans = {each.institution: each for each in current(filings)}
    groups: dict[tuple[object, ...], list[Telling]] = defaultdict(list)
    standing, _ = settle(tellings)
    for each in standing:
        groups[each.teller, each.institution].append(each)
    found = []
    for (_, institution), theirs in groups.items():
        plan = plans[institution]
        pairs = paired(theirs, plan)
        rules: dict[int, set[str]] = defaultdict(set)
        for lesson, rule in broken(plan):
            rules[id(lesson)].add(rule)
        for number, each in enumerate(theirs):
            filed = pairs.get(number)
            found.append(beside(each, filed, frozenset(rules[id(filed)]), plan))
    return found


def beside(telling: Telling, filed: Lesson | None, breaks: frozenset[str], plan: Filing) -> Held:
    began, ended = moments(telling)
    mode = "online" if telling.teller.kind == "platform" else plan.institution.mode
    if telling.teller.kind != "platform" and filed is not None:
        mode = mode_of(filed, plan)
    lesson = {
        "date": began.date().isoformat(),
        "start": began.time().isoformat(),
        "end": ended.time().isoformat(),
        "class_group": str(telling.body["class_group"]),
        "stage": str(telling.body["stage"]),
        "mode": mode,
    }
    return Held(telling, lesson, mode, filed, breaks, plan)


def paired(tellings: list[Telling], plan: Filing) -> dict[int, Lesson]:
    """Find the filed class of each session: those that name it first, then the closest start."""
    found: dict[int, Lesson] = {}
    for named in (True, False):
        pairs = sorted(
            (
                abs(moments(each)[0] - start_of(lesson)),
                lesson["start"],
                moments(each)[0],
                str(each.body["reference"]),
                number,
                place,
            )
            for number, each in enumerate(tellings)
            if number not in found
            for place, lesson in enumerate(plan.lessons)
            if stands_for(each, lesson, named=named)
        )
        for *_, number, place in pairs:
            taken = {id(lesson) for lesson in found.values()}
            if number not in found and id(plan.lessons[place]) not in taken:
                found[number] = plan.lessons[place]
    return found


def stands_for(telling: Telling, lesson: Lesson, *, named: bool) -> bool:
    body = telling.body
    if body["class_group"] != lesson["class_group"]:
        return False
    if named:
        told = (body.get("planned_on"), body.get("planned_start"))
        return told == (lesson["date"], lesson["start"])
    return moments(telling)[0].date().isoformat() == lesson["date"]


def differing(one: Held) -> Iterator[str]:
    """Return what a session differs in from what was filed."""
    if one.filed is None:
        yield "held_unfiled"
        return
    began, planned = moments(one.telling)[0], start_of(one.filed)
    late = (began - planned) / timedelta(minutes=1)
    longer = length(one.lesson) - length(one.filed)
    moved = abs(late) > TOLERANCE
    if moved:
        yield "held_moved"
    if (longer if moved else longer + late) > TOLERANCE:
        yield "held_overran"
    if one.breaks:
        yield "held_unlawful"


def judged(sessions: list[Held]) -> Iterator[tuple[Held, str]]:
    """Return each session with each rule on classes that what happened breaks."""
    groups: dict[tuple[object, ...], list[Held]] = defaultdict(list)
    for one in sessions:
        groups[one.telling.teller, one.telling.institution].append(one)
    for theirs in groups.values():
        lessons = {id(one.lesson): one for one in theirs}
        happened = replace(theirs[0].plan, lessons=tuple(one.lesson for one in theirs))
        for lesson, rule in broken(happened):
            yield lessons[id(lesson)], rule


def doubted(one: Held) -> str | None:
    """Return the level of the doubt about where a session was held."""
    institution, day = one.telling.institution, moments(one.telling)[0].date()
    if one.mode == "online":
        return None
    if institution.trouble is Trouble.REVOKED and day >= REVOKED_ON:
        return "red"
    licence = institution.licence
    if not licence.first_issued_on <= day <= licence.valid_until:
        return "red"
    address = str(one.telling.body.get("address", ""))
    known = [site.address for site in institution.sites]
    return "yellow" if address and not any(it in address for it in known) else None


def figures(tellings: tuple[Telling, ...], filings: Iterable[Filing]) -> dict[str, object]:
    """Return the figures of held sessions."""
    sessions, bad = held(tellings, filings), settle(tellings)[1]
    unlawful = {id(one) for one, _ in judged(sessions)}
    differences = Counter(rule for one in sessions for rule in differing(one))
    by_rule = Counter(rule for one, rule in found_of_held(sessions))
    return {
        "sent": len(tellings),
        "held": len(sessions),
        "told_again": len(tellings) - len(sessions) - bad,
        "refused": bad,
        "lawful": len(sessions) - len(unlawful),
        "unlawful": len(unlawful),
        "calendar_incomplete": 0,
        "unapproved_site": sum(doubted(one) is not None for one in sessions),
        **{rule: differences[rule] for rule in OF_HELD},
        "by_rule": {f"schedule.{rule}": count for rule, count in sorted(by_rule.items())},
    }


def found_of_held(sessions: list[Held]) -> Iterator[tuple[Held, str]]:
    """Return what alerts count as held: what the plan breaks as well is counted there alone."""
    for one, rule in judged(sessions):
        if rule not in one.breaks:
            yield one, rule
    for one in sessions:
        yield from ((one, rule) for rule in differing(one))


def schedule_alerts(tellings: Iterable[Telling], filings: Iterable[Filing]) -> Levels:
    """Return how many alerts on classes, planned or held, each office must receive."""
    modes: dict[tuple[Institution, str, str], set[str]] = defaultdict(set)
    for filing in current(filings):
        for lesson, rule in broken(filing):
            modes[filing.institution, rule, lesson["date"][:7]].add(mode_of(lesson, filing))
    for one, rule in found_of_held(held(tellings, filings)):
        modes[one.telling.institution, rule, one.month].add(one.mode)
    counts: Levels = {}
    for (institution, rule, _), some in modes.items():
        # The town is told of what happens on its ground (annex 4), whatever the rule.
        receivers = {COMPETENT[institution.kind], institution.town}
        if "online" in some:
            receivers.add("economy_it")
        count(counts, receivers, "red" if rule in RED else "yellow")
    return dict(sorted(counts.items()))


def site_alerts(tellings: Iterable[Telling], filings: Iterable[Filing]) -> Levels:
    """Return how many alerts on places that no licence covers each office must receive."""
    levels: dict[tuple[Institution, str], set[str]] = defaultdict(set)
    for one in held(tellings, filings):
        if (level := doubted(one)) is not None:
            levels[one.telling.institution, one.month].add(level)
    counts: Levels = {}
    for (institution, _), some in levels.items():
        receivers = {COMPETENT[institution.kind], institution.town}
        count(counts, receivers, "red" if "red" in some else "yellow")
    return dict(sorted(counts.items()))


def moments(telling: Telling) -> tuple[datetime, datetime]:
    began, ended = (telling.body[name] for name in ("started_at", "ended_at"))
    return datetime.fromisoformat(str(began)), datetime.fromisoformat(str(ended))


def start_of(lesson: Lesson) -> datetime:
    return datetime.fromisoformat(f"{lesson['date']}T{lesson['start']}+08:00")


def length(lesson: Lesson) -> int:
    return minutes(lesson["end"]) - minutes(lesson["start"])

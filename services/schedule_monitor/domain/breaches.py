"""What the judged classes of one institution come to: by rule and calendar month."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.schedule_monitor.domain.calendars.calendar import named
from services.schedule_monitor.domain.evaluation import RULES
from services.schedule_monitor.domain.judge import Found, Judged
from services.schedule_monitor.domain.premises import site_of
from services.schedule_monitor.domain.rules.rule import Rule
from shared.city_time import month_of

RULE_CODES = tuple(rule.card.code for rule in RULES)


@dataclass(frozen=True, slots=True)
class Breach:
    """All classes of one month that break one rule."""

    rule: Rule
    month: str
    message: str
    references: tuple[str, ...]
    figures: dict[str, int]
    # Where the classes are held; empty for one that tells no site, or is held online.
    sites: tuple[str, ...] = ()

    @property
    def online(self) -> bool:
        """Whether any of the classes is held online."""
        return self.figures["online"] > 0


def breaches(judged: Iterable[Judged]) -> list[Breach]:
    """Gather findings by rule and month, in order of month and rule."""
    found: dict[tuple[str, int], list[tuple[Judged, Found]]] = {}
    for one in judged:
        for finding in one.findings:
            place = (month_of(one.session.on), RULES.index(finding.rule))
            found.setdefault(place, []).append((one, finding))
    return [_breach(month, RULES[place], found[month, place]) for month, place in sorted(found)]


def _breach(month: str, rule: Rule, found: list[tuple[Judged, Found]]) -> Breach:
    first, finding = min(found, key=lambda pair: pair[0].session.reference)
    session = first.session
    message = (
        f"本月有{len(found)}节课：{rule.card.title}。最早一节：{named(session.on)}"
        f"{session.start}开始，{finding.message}"
    )
    return Breach(
        rule=rule,
        month=month,
        message=message,
        references=tuple(sorted({one.session.reference for one, _ in found})),
        figures={
            "sessions": len(found),
            "days": len({one.session.on for one, _ in found}),
            "online": sum(one.session.mode == "online" for one, _ in found),
            "class_groups": len({one.session.class_group for one, _ in found}),
        },
        sites=tuple(sorted({site_of(one.session) for one, _ in found})),
    )

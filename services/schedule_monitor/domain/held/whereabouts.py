"""Where an institution held sessions, day by day, and what was found there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Final

from services.schedule_monitor.domain.held.held_month import HeldJudged
from services.schedule_monitor.domain.premises import Doubt
from services.schedule_monitor.domain.session import Mode
from shared.rules import Level

MOST_OF_A_MONTH: Final = 500
"""Places and days kept of a month: sixteen places on every day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldThere:
    """What was held on a day at a place, as it was told: a site's id, an address, or neither.

    ``rules`` are those found of what happened or of how it differs from what was filed. A rule that
    the class breaks as it was filed is not among them twice: that it was held all the same is one.
    """

    on: date
    mode: Mode
    site: str | None
    address: str | None
    sessions: int
    earliest: time
    latest: time
    rules: tuple[tuple[str, Level], ...] = ()
    doubt: Doubt | None = None


def whereabouts(judged: Sequence[HeldJudged]) -> tuple[HeldThere, ...]:
    """Gather the judged sessions of a month by day and place, in that order."""
    found: dict[tuple[date, Mode, str, str], list[HeldJudged]] = {}
    for one in judged:
        session = one.judged.session
        # A site that was filed is where it was held, unless an address was told.
        site = session.setting.site or ""
        address = "" if site else one.kept.held.address or ""
        found.setdefault((session.on, session.mode, site, address), []).append(one)
    return tuple(_there(place, found[place]) for place in sorted(found)[:MOST_OF_A_MONTH])


def _there(place: tuple[date, Mode, str, str], judged: list[HeldJudged]) -> HeldThere:
    on, mode, site, address = place
    rules: dict[str, Level] = {}
    for one in judged:
        rules |= {
            found.rule.card.code: found.rule.level
            for found in one.judged.findings
            if found.rule.card.code not in one.filed_rules
        }
        rules |= {found.rule.card.code: found.rule.level for found in one.findings}
    return HeldThere(
        on=on,
        mode=mode,
        site=site or None,
        address=address or None,
        sessions=len(judged),
        earliest=min(one.judged.session.start for one in judged),
        latest=max(one.judged.session.end for one in judged),
        rules=tuple(sorted(rules.items())),
        doubt=min((one.doubt for one in judged if one.doubt is not None), default=None),
    )

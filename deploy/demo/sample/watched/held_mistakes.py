"""Held sessions as they should not be told: each mistake is refused for a reason of its own."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from deploy.demo.sample.model import Institution
from deploy.demo.sample.names import TOWNS
from deploy.demo.sample.watched.model import Teller, Telling

_TOMORROW: Final = date(2026, 7, 1)

Mistake = Callable[[Telling], Telling]


def _without_group(telling: Telling) -> Telling:
    body = {name: told for name, told in telling.body.items() if name != "class_group"}
    return replace(telling, body={**body, "reference": "X0001"})


def _ended_before_it_began(telling: Telling) -> Telling:
    began, ended = str(telling.body["started_at"]), str(telling.body["ended_at"])
    return _otherwise(telling, "X0002", started_at=ended, ended_at=began)


def _across_midnight(telling: Telling) -> Telling:
    ended = datetime.fromisoformat(str(telling.body["ended_at"])) + timedelta(hours=9)
    return _otherwise(telling, "X0003", ended_at=ended.isoformat())


def _with_a_name(telling: Telling) -> Telling:
    # Nobody's name belongs there, and none is kept.
    return _otherwise(telling, "X0004", pupil_names=("某某",))


def _heads_as_text(telling: Telling) -> Telling:
    return _otherwise(telling, "X0005", head_count="12")


def _not_over_yet(telling: Telling) -> Telling:
    moments = {
        name: datetime.fromisoformat(str(telling.body[name])) for name in ("started_at", "ended_at")
    }
    later = {
        name: datetime.combine(_TOMORROW, moment.timetz()).isoformat()
        for name, moment in moments.items()
    }
    return _otherwise(telling, "X0006", **later)


def _contracts_from_a_town(telling: Telling) -> Telling:
    seen = replace(telling, teller=Teller(kind="town", code=telling.institution.town))
    return _otherwise(seen, "X0007", attended=("HT-0001",))


def _on_anothers_ground(telling: Telling) -> Telling:
    elsewhere = replace(telling, teller=Teller(kind="town", code=_other_town(telling.institution)))
    return _otherwise(elsewhere, "X0008")


def _other_town(institution: Institution) -> str:
    return next(code for code, _ in TOWNS if code != institution.town)


def _otherwise(telling: Telling, reference: str, **told: str | tuple[str, ...]) -> Telling:
    told = {"reference": reference, **told}
    return replace(telling, body={**telling.body, **told})


MISTAKES: Final[tuple[Mistake, ...]] = (
    _without_group,
    _ended_before_it_began,
    _across_midnight,
    _with_a_name,
    _heads_as_text,
    _not_over_yet,
    _contracts_from_a_town,
    _on_anothers_ground,
)

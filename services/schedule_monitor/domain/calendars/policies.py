"""What the city has decided where no text decides, each decision from a day on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, cast, get_args

Switch = Literal["adjusted_workdays", "childrens_day", "senior_secondary"]
SWITCHES: Final[tuple[Switch, ...]] = get_args(Switch)
AdjustedWorkday = Literal["workday", "rest_day"]

SWITCH_NAMES: Final[Mapping[Switch, str]] = {
    "adjusted_workdays": "调休上班日",
    "childrens_day": "六一儿童节",
    "senior_secondary": "高中学段",
}
# Each value with the sentence that stands in notes; the first is the proposed default. Schools
# teach on worked weekend days, 1 June is free for children alone (放假办法 art. 3), and the plan's
# sentence on days makes no difference by stage: no national text says more.
VALUES: Final[Mapping[Switch, Mapping[str, str]]] = {
    "adjusted_workdays": {"workday": "视为工作日", "rest_day": "视同休息日"},
    "childrens_day": {"off": "不作为休息日", "on": "作为儿童的休息日"},
    "senior_secondary": {"subject_to_ban": "适用禁止日期", "exempt": "不适用禁止日期"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """From a day on, what a switch stands at, and the paper that says so; versions count from 1."""

    switch: Switch
    since: date
    value: str
    reference: str
    version: int = 1


@dataclass(frozen=True, slots=True)
class Policies:
    """The city's decisions; of each switch the last one that has begun holds.

    Until one has begun the proposed default holds, which is no rule: its origin is ``P``.
    """

    decisions: tuple[Decision, ...] = ()

    def decision_on(self, switch: Switch, day: date) -> Decision | None:
        """Return the decision that holds on a day, or ``None`` where the default does."""
        begun = [one for one in self.decisions if one.switch == switch and one.since <= day]
        return max(begun, key=lambda one: one.since, default=None)

    def value_on(self, switch: Switch, day: date) -> str:
        """Return what a switch stands at on a day."""
        decision = self.decision_on(switch, day)
        return next(iter(VALUES[switch])) if decision is None else decision.value

    def note_on(self, switch: Switch, day: date) -> str:
        """Say what holds, by which decision, and that it is no law."""
        decision = self.decision_on(switch, day)
        source = "尚无本市决定，为建议默认值"
        if decision is not None:
            source = f"依据{decision.reference}，自{decision.since.isoformat()}起"
        said = VALUES[switch][self.value_on(switch, day)]
        what = f"{SWITCH_NAMES[switch]}按政策开关{said}（{source}）"
        return f"{what}：这是可更改的政策决定，不是法律明文"

    def adjusted_workday_on(self, day: date) -> AdjustedWorkday:
        """Return what a worked weekend day is for subject classes."""
        return cast("AdjustedWorkday", self.value_on("adjusted_workdays", day))

    def childrens_day_on(self, day: date) -> bool:
        """Tell whether 1 June is free of subject classes, before school and in compulsory years."""
        return self.value_on("childrens_day", day) == "on"

    def senior_secondary_on(self, day: date) -> bool:
        """Tell whether senior secondary is kept off the same days as compulsory education."""
        return self.value_on("senior_secondary", day) == "subject_to_ban"

"""Classes that keep a limit and leave little of it: lawful, and worth a look on the spot [P]."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, TypeAlias

import polars as pl

from services.schedule_monitor.domain.rules import articles
from services.schedule_monitor.domain.rules.columns import (
    AREA_CM2,
    END,
    GROUP_BUSY_UNTIL,
    HEADS,
    MODE,
    START,
    of_day,
)
from services.schedule_monitor.domain.session import Session
from shared.rules import Article

END_MARGIN: Final = timedelta(minutes=10)
GAP_MARGIN: Final = timedelta(minutes=3)
CAPACITY_PERCENT: Final = 110
"""A room with less than this part of the area that its students need is nearly full."""

Columns: TypeAlias = Mapping[str, Any]
_ASKED: Final = (
    GROUP_BUSY_UNTIL.alias("group_until"),
    AREA_CM2.alias("area_cm2"),
    HEADS.alias("heads"),
)


@dataclass(frozen=True, slots=True, eq=False)
class NearLimit:
    """One limit that a class may come near to: an expression over columns, and how it is worded."""

    code: str
    title: str
    article: Article
    near: pl.Expr
    message: Callable[[Session, Columns], str]


@dataclass(frozen=True, slots=True)
class NearFound:
    """A limit that a class comes near to, in words."""

    limit: NearLimit
    message: str


def near_limits_in(frame: pl.DataFrame, sessions: list[Session]) -> dict[int, list[NearFound]]:
    """Return by the row's number which limits the classes of a frame with facts come near to."""
    columns = frame.select(
        limit.near.fill_null(value=False).alias(limit.code) for limit in NEAR_LIMITS
    ).get_columns()
    asked = frame.select(_ASKED).rows(named=True)
    found: dict[int, list[NearFound]] = {}
    for limit, flag in zip(NEAR_LIMITS, columns, strict=True):
        for row in flag.arg_true().to_list():
            message = limit.message(sessions[row], asked[row])
            found.setdefault(row, []).append(NearFound(limit, message))
    return found


_MARGIN = int(END_MARGIN.total_seconds())
_OFFLINE_END, _ONLINE_END = of_day(articles.OFFLINE_ENDS_BY), of_day(articles.ONLINE_ENDS_BY)
_SHORTEST = int(articles.SHORTEST_GAP.total_seconds())
_GAP = START - GROUP_BUSY_UNTIL
_NEEDED = HEADS.cast(pl.Int64) * articles.AREA_OF_A_STUDENT_CM2


def _between(value: pl.Expr, least: int, below: int) -> pl.Expr:
    return (value >= least) & (value < below)


def _ends(session: Session, _: Columns) -> str:
    limit = articles.OFFLINE_ENDS_BY if session.mode == "offline" else articles.ONLINE_ENDS_BY
    return f"{session.end}结束，距{limit}不足{_minutes(END_MARGIN)}分钟"


def _gap(session: Session, columns: Columns) -> str:
    gap = of_day(session.start) - columns["group_until"]
    return f"与上一节线上课间隔{gap // 60}分钟，下限{_minutes(articles.SHORTEST_GAP)}分钟"


def _capacity(_: Session, columns: Columns) -> str:
    area = columns["area_cm2"] / columns["heads"] / 10_000
    return f"{columns['heads']}人，人均{area:.2f}平方米，下限3平方米"


def _minutes(length: timedelta) -> int:
    return int(length.total_seconds()) // 60


NEAR_LIMITS: Final = (
    NearLimit(
        "near_offline_end",
        "线下课临近结束时限",
        articles.OFFLINE_END,
        (MODE == "offline") & (END <= _OFFLINE_END) & (END > _OFFLINE_END - _MARGIN),
        _ends,
    ),
    NearLimit(
        "near_online_end",
        "线上课临近结束时限",
        articles.ONLINE_END,
        (MODE == "online") & (END <= _ONLINE_END) & (END > _ONLINE_END - _MARGIN),
        _ends,
    ),
    NearLimit(
        "near_online_gap",
        "线上课间隔接近下限",
        articles.ONLINE_GAP,
        (MODE == "online") & _between(_GAP, _SHORTEST, _SHORTEST + int(GAP_MARGIN.total_seconds())),
        _gap,
    ),
    NearLimit(
        "near_capacity",
        "教室人数接近上限",
        articles.CAPACITY,
        (MODE == "offline")
        & (HEADS > 0)
        & (AREA_CM2 >= _NEEDED)
        & (AREA_CM2 * 100 < _NEEDED * CAPACITY_PERCENT),
        _capacity,
    ),
)

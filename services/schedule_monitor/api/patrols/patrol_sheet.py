"""The sheet that people take along on a patrol: what to look at, and room for what they find.

The number of a row names town, version and place, so that the filled sheet can be read back.
"""

from collections.abc import Sequence
from datetime import date, time
from io import BytesIO
from typing import Any, Final

from services.schedule_monitor.api.patrols.patrol_views import PatrolView, PlaceView, ReasonView
from services.schedule_monitor.domain.calendars.calendar import named
from services.schedule_monitor.domain.patrols.patrol_places import PLACE_NAMES
from shared.spreadsheets.raw import Raw
from shared.spreadsheets.writing import write_cell, written_to

# A footer is one line: so many versions are named in it.
_NAMED: Final = 3
_A4: Final = 9
_LINE_POINTS: Final = 14
_LETTERS_A_LINE: Final = 34
_COLUMNS: Final = (
    ("编号", 11),
    ("镇（街道）", 11),
    ("机构", 16),
    ("地点", 13),
    ("地址", 20),
    ("建议时段", 12),
    ("分值", 5),
    ("上次巡查", 10),
    ("理由和依据", 62),
    ("巡查时间", 10),
    ("现场情况（已进入／关门／拒绝进入）", 14),
    ("在场班级、起止时间和人数（如 三年级1班 18:00-18:30 12人；…）", 22),
    ("核实的问题（如 1属实；2、3不属实）", 18),
    ("巡查人", 9),
)
HEADERS: Final = tuple(header for header, _ in _COLUMNS)
_REASONS: Final = HEADERS.index("理由和依据")
_UNSURE: Final = {"G": "（待核实）", "P": "（建议值，非法律规定）"}


def patrol_workbook(day: date, patrols: Sequence[PatrolView]) -> bytes:
    """Return one sheet, ready to print on A4 across, with its versions in the footer."""
    content = BytesIO()
    with written_to(content) as book:
        page = book.add_worksheet("巡查表")
        _set_up(page, day, patrols)
        bold = book.add_format({"bold": True, "text_wrap": True, "border": 1, "valign": "vcenter"})
        plain = book.add_format({"text_wrap": True, "border": 1, "valign": "top"})
        for at, (header, width) in enumerate(_COLUMNS):
            page.set_column(at, at, width)
            page.write_string(0, at, header, bold)
        row = 0
        for patrol in patrols:
            for number, place in enumerate(patrol.places, start=1):
                row += 1
                _write(page, row, _cells(number, patrol, place), plain)
        if row == 0:
            page.write_string(1, 0, "没有建议巡查的地点。")
    return content.getvalue()


def _set_up(page: Any, day: date, patrols: Sequence[PatrolView]) -> None:  # noqa: ANN401 - xlsxwriter has no types
    page.set_landscape()
    page.set_paper(_A4)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    page.freeze_panes(1, 0)
    page.set_margins(left=0.3, right=0.3, top=0.6, bottom=0.6)
    # Digits right after the size of the letters would be read as part of it.
    page.set_header(f"&C&14校外培训巡查建议　{named(day)}")
    versions = "、".join(f"{one.town_name}第{one.version}版" for one in patrols[:_NAMED])
    more = "等" if len(patrols) > _NAMED else ""
    page.set_footer(f"&L{versions}{more}&C线索仅供巡查，不是处罚依据&R第&P页，共&N页")


def _write(page: Any, row: int, cells: Sequence[Raw], form: Any) -> None:  # noqa: ANN401 - as above
    # Office programs do not fit a row to wrapped text that a program wrote.
    reasons = str(cells[_REASONS]).split("\n")
    lines = sum(-(-len(one) // _LETTERS_A_LINE) for one in reasons)
    page.set_row(row, min(max(lines, 3) * _LINE_POINTS, 400))
    for at in range(len(HEADERS)):
        write_cell(page, row, at, cells[at] if at < len(cells) else None, form)


def _cells(number: int, patrol: PatrolView, place: PlaceView) -> tuple[Raw, ...]:
    where = PLACE_NAMES[place.place]
    return (
        f"{patrol.town}-{patrol.version}-{number}",
        patrol.town_name,
        place.institution,
        where if place.place == "site" or place.site_id is None else f"{where}：{place.site_id}",
        place.address,
        None if place.opens is None else f"{_clock(place.opens)}至{_clock(place.closes)}",
        place.score,
        None if place.last_visited_on is None else place.last_visited_on.isoformat(),
        "\n".join(_reason(at, one) for at, one in enumerate(place.reasons, start=1)),
    )


def _reason(at: int, one: ReasonView) -> str:
    hours = "" if one.opens is None else f"{_hours(one.opens, one.closes)} "
    unsure = "" if "建议值" in one.article else _UNSURE.get(one.origin, "")
    return f"{at}. [{one.points:+}] {hours}{one.message}（{one.article}）{unsure}"


def _hours(opens: time, closes: time | None) -> str:
    return f"{opens:%H:%M}至{closes or opens:%H:%M}"


def _clock(written: str | None) -> str:
    return "" if written is None else written[:5]

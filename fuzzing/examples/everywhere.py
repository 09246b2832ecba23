"""Valid requests of what every service has: alerts, duties, audit, letters, notifications.

``alert_id``, ``other_alert_id``, ``letter_id`` and ``delivery_id`` are put into the service's
store before: no door makes them.
"""

from datetime import timedelta
from typing import Final

from fuzzing.example import Example, Known, staff
from shared.city_time import city_date
from shared.clock import machine_now

LEAD: Final = staff("culture_tourism_sports")
QUIET: Final = "media_center"
"""No alert is delivered to it: what is registered as its webhook is never called."""

_ALERT: Final = "/v1/alerts/{alert_id}"
_NOTIFICATIONS: Final = "/v1/notifications"
_SUBSCRIPTIONS: Final = f"{_NOTIFICATIONS}/subscriptions/{{department}}"
_THE_QUIET: Final = {"department": QUIET}


def _day(days: int) -> str:
    return (city_date(machine_now()) + timedelta(days=days)).isoformat()


def _moment(days: int) -> str:
    return (machine_now() + timedelta(days=days)).isoformat()


def _webhook(_: Known) -> object:
    return {"url": "https://receiver.invalid/alerts"}


_ALERTS: Final = (
    Example(operation="GET /v1/alerts", by=LEAD),
    Example(operation="GET /v1/alerts/summary"),
    Example(operation="GET /v1/alerts/export.xlsx", by=LEAD),
    Example(operation=f"GET {_ALERT}", by=LEAD),
    Example(operation=f"POST {_ALERT}/acknowledge", by=LEAD, body=lambda _: {"note": "已阅"}),
    Example(operation=f"POST {_ALERT}/feedback", by=LEAD, body=lambda _: {"text": "已联系机构"}),
    Example(
        operation=f"POST {_ALERT}/snooze",
        by=LEAD,
        body=lambda _: {"until": _day(3), "reason": "等待银行对账"},
    ),
    Example(
        operation=f"POST {_ALERT}/rectify",
        by=LEAD,
        body=lambda _: {"requirement": "补足差额", "until": _day(7)},
    ),
    Example(
        operation=f"POST {_ALERT}/recheck",
        by=LEAD,
        body=lambda _: {"passed": True, "note": "已补足"},
    ),
    Example(operation="GET /v1/own-alerts", by="own institution"),
    Example(operation="GET /v1/own-alerts/{alert_id}", by="own institution"),
    Example(
        operation=f"POST {_ALERT}/statements",
        by="own institution",
        body=lambda _: {"text": "差额系在途资金"},
        keeps={"id": "statement_id"},
    ),
    Example(
        operation=f"POST {_ALERT}/statements/{{statement_id}}/answer",
        by=LEAD,
        body=lambda _: {"text": "在途资金已计入"},
    ),
    Example(
        operation=f"POST {_ALERT}/dispose",
        by=LEAD,
        body=lambda _: {"outcome": "corrected", "reason": "已补足"},
    ),
    Example(
        operation=f"POST {_ALERT}/transfer",
        by=LEAD,
        names={"alert_id": "other_alert_id"},
        body=lambda _: {"to": "science_tech", "reason": "属科技类机构"},
    ),
)
_DUTIES: Final = (
    Example(operation="GET /v1/duties", by=staff("pboc")),
    Example(operation="GET /v1/duties/{department}", by=LEAD, values={"department": "pboc"}),
    Example(operation="GET /v1/routes/explain", query=lambda _: {"kind": "fund.coverage"}),
)
_OPERATION: Final = (
    Example(operation="GET /health/live", by=None),
    Example(operation="GET /health/ready", by=None),
    Example(operation="GET /v1/audit/head"),
    Example(operation="GET /v1/audit/entries"),
    Example(operation="GET /v1/dead-letters"),
    Example(operation="GET /v1/dead-letters/{letter_id}"),
    Example(
        operation="POST /v1/dead-letters/replay",
        by=staff("data_bureau"),
        body=lambda _: {"stream": "ELSEWHERE", "from_sequence": 1, "until_sequence": 9},
    ),
    Example(operation="POST /v1/dead-letters/{letter_id}/replay", by=staff("data_bureau")),
    Example(operation="GET /v1/access/revocations"),
    Example(
        operation="POST /v1/access/revocations",
        body=lambda _: {"subject": "somebody", "reason": "已离职", "until": _moment(30)},
    ),
)
_TOLD: Final = (
    Example(
        operation=f"PUT {_SUBSCRIPTIONS}/webhook",
        by=staff(QUIET),
        values=_THE_QUIET,
        body=_webhook,
    ),
    Example(
        operation=f"PUT {_SUBSCRIPTIONS}/mail",
        by=staff(QUIET),
        values=_THE_QUIET,
        body=lambda _: {"address": "duty@receiver.invalid"},
    ),
    Example(
        operation=f"GET {_SUBSCRIPTIONS}/{{channel}}",
        by=staff(QUIET),
        values={**_THE_QUIET, "channel": "mail"},
    ),
    Example(
        operation=f"POST {_NOTIFICATIONS}/replay",
        by=staff(QUIET),
        body=lambda _: {"department": QUIET, "from": _moment(-1), "until": _moment(1)},
    ),
    Example(
        operation=f"DELETE {_SUBSCRIPTIONS}/{{channel}}",
        by=staff(QUIET),
        values={**_THE_QUIET, "channel": "webhook"},
    ),
    Example(
        operation=f"GET {_NOTIFICATIONS}/deliveries",
        query=lambda _: {"department": QUIET},
        keeps={"deliveries.0.id": "delivery_id"},
        patient=True,
    ),
    Example(operation=f"POST {_NOTIFICATIONS}/deliveries/{{delivery_id}}/replay"),
)

EXAMPLES: Final = (*_OPERATION, *_ALERTS, *_DUTIES, *_TOLD)

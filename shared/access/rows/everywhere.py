"""Who may use what every service has."""

from typing import Final

from shared.access.grants import ADMIN, ADMIN_ALONE, DEPARTMENTS, INBOX, INSTITUTION, Grant, Row
from shared.access.scopes import OPERATORS

NAMED_OFFICE: Final = Grant("staff", "named office")
OF_SUITE: Final = Grant("staff", "own office", OPERATORS)
_THEIRS: Final = (NAMED_OFFICE, ADMIN)
_OPERATORS: Final = (OF_SUITE, ADMIN)

_ALERT: Final = "/v1/alerts/{alert_id}"
_NOTIFICATIONS: Final = "/v1/notifications"
_SUBSCRIPTIONS: Final = f"{_NOTIFICATIONS}/subscriptions/{{department}}"
_SUBSCRIPTION: Final = f"{_SUBSCRIPTIONS}/{{channel}}"


def _public(path: str) -> Row:
    return Row("*", "GET", path, door="public")


ROWS: Final = (
    # What anybody may see: whether a service lives, and how it is used.
    _public("/health/live"),
    _public("/health/ready"),
    _public("/metrics"),
    _public("/docs"),
    _public("/docs/asyncapi"),
    _public("/docs/assets/*"),
    _public("/openapi.json"),
    _public("/asyncapi.json"),
    # Alerts; only their lead disposes, which the alert itself knows.
    Row("*", "GET", "/v1/alerts", DEPARTMENTS, "alerts:read"),
    Row("*", "GET", "/v1/alerts/summary", DEPARTMENTS, "alerts:read"),
    Row("*", "GET", "/v1/alerts/export.xlsx", DEPARTMENTS, "alerts:read"),
    Row("*", "GET", _ALERT, DEPARTMENTS, "alerts:read"),
    Row("*", "POST", f"{_ALERT}/acknowledge", DEPARTMENTS, "alerts:act"),
    Row("*", "POST", f"{_ALERT}/rectify", DEPARTMENTS, "alerts:act"),
    Row("*", "POST", f"{_ALERT}/recheck", DEPARTMENTS, "alerts:act"),
    Row("*", "POST", f"{_ALERT}/dispose", DEPARTMENTS, "alerts:act"),
    Row("*", "POST", f"{_ALERT}/feedback", DEPARTMENTS, "alerts:act"),
    Row("*", "POST", f"{_ALERT}/transfer", DEPARTMENTS, "alerts:act"),
    Row("*", "POST", f"{_ALERT}/snooze", DEPARTMENTS, "alerts:act"),
    Row("*", "POST", f"{_ALERT}/statements", INBOX, "alerts:act"),
    Row("*", "POST", f"{_ALERT}/statements/{{statement_id}}/answer", DEPARTMENTS, "alerts:act"),
    Row("*", "GET", "/v1/own-alerts", (INSTITUTION,), "alerts:read"),
    Row("*", "GET", "/v1/own-alerts/{alert_id}", (INSTITUTION,), "alerts:read"),
    # Duties and routes are no secret among those who have a part in the plan.
    Row("*", "GET", "/v1/duties", INBOX, "duties:read"),
    Row("*", "GET", "/v1/duties/{department}", INBOX, "duties:read"),
    Row("*", "GET", "/v1/routes/explain", INBOX, "duties:read"),
    # How a service is run.
    Row("*", "GET", "/v1/audit/head", DEPARTMENTS, "audit:read"),
    Row("*", "GET", "/v1/audit/entries", DEPARTMENTS, "audit:read"),
    Row("*", "GET", "/v1/dead-letters", DEPARTMENTS, "dead-letters:read"),
    Row("*", "GET", "/v1/dead-letters/{letter_id}", DEPARTMENTS, "dead-letters:read"),
    Row("*", "POST", "/v1/dead-letters/replay", _OPERATORS, "dead-letters:act"),
    Row("*", "POST", "/v1/dead-letters/{letter_id}/replay", _OPERATORS, "dead-letters:act"),
    # How a department is told; where the path does not name it, the message or the body does.
    Row("*", "GET", _SUBSCRIPTION, _THEIRS, "notifications:read"),
    Row("*", "PUT", f"{_SUBSCRIPTIONS}/webhook", _THEIRS, "notifications:act"),
    Row("*", "PUT", f"{_SUBSCRIPTIONS}/mail", _THEIRS, "notifications:act"),
    Row("*", "DELETE", _SUBSCRIPTION, _THEIRS, "notifications:act"),
    Row("*", "GET", f"{_NOTIFICATIONS}/deliveries", DEPARTMENTS, "notifications:read"),
    Row(
        "*",
        "POST",
        f"{_NOTIFICATIONS}/deliveries/{{delivery_id}}/replay",
        DEPARTMENTS,
        "notifications:act",
    ),
    Row("*", "POST", f"{_NOTIFICATIONS}/replay", DEPARTMENTS, "notifications:act"),
    Row("*", "GET", "/v1/access/revocations", ADMIN_ALONE, "access:admin"),
    Row("*", "POST", "/v1/access/revocations", ADMIN_ALONE, "access:admin"),
)

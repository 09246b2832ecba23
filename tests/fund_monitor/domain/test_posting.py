from datetime import UTC, datetime, timedelta
from itertools import permutations

from services.fund_monitor.domain.ledger.posting import Event, resolve

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)


def an_event(identity: str, kind: str = "deposit", *, minutes: int = 0, **more: object) -> Event:
    defaults = {"amount_fen": 100, "with_lessons": False, "reverses": None}
    moment = NOON + timedelta(minutes=minutes)
    return Event(identity, "a", kind, moment, **(defaults | more))  # type: ignore[arg-type]  # a builder


class TestResolve:
    def test_does_not_depend_on_the_order(self):
        events = [
            an_event("open", "account_opened"),
            an_event("ob1", "opening_balance", minutes=1),
            an_event("ob0", "opening_balance"),
            an_event("r1", "reversal", minutes=5, reverses="ob1"),
            an_event("d", minutes=2),
            an_event("r2", "reversal", minutes=6, reverses="d"),
        ]

        found = [resolve(order, opened=False, known={}) for order in permutations(events)]

        assert all(other == found[0] for other in found)
        assert {key: outcome.state for key, outcome in found[0].items()} == {
            "open": "posted",
            "ob0": "posted",
            "ob1": "set_aside",
            "r1": "set_aside",
            "d": "posted",
            "r2": "posted",
        }

    def test_parks_everything_until_the_account_opens(self):
        found = resolve([an_event("d")], opened=False, known={})

        assert found["d"].state == "parked"

    def test_the_earliest_reversal_of_the_right_amount_stands(self):
        events = [
            an_event("d"),
            an_event("wrong", "reversal", minutes=1, reverses="d", amount_fen=99),
            an_event("late", "reversal", minutes=3, reverses="d"),
            an_event("first", "reversal", minutes=2, reverses="d"),
        ]

        states = {k: o.state for k, o in resolve(events, opened=True, known={}).items()}

        assert states == {
            "d": "posted",
            "wrong": "set_aside",
            "first": "posted",
            "late": "set_aside",
        }

"""What a bank does wrong: it repeats and contradicts itself, and sends what is malformed."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

from deploy.demo.sample.model import Body, Outcome, Sending

_REWRITTEN_SHARE = 0.2
_CORRECTED_SHARE = 0.6
_CONFLICTING_ACCOUNTS = 2
_CONFLICTING_MONTH = "2026-04"


def repeats(rng: Random, sendings: Sequence[Sending], *, count: int) -> list[Sending]:
    """Return the same events once more, some of them written another way."""
    return [_repeat(rng, each) for each in rng.choices(sendings, k=count)]


def exact_repeats(rng: Random, sendings: Sequence[Sending], *, count: int) -> list[Sending]:
    """Return some events once more, exactly as they were sent."""
    return [_again(rng, each, each.body) for each in rng.sample(sendings, count)]


def malformed(rng: Random, sendings: Sequence[Sending], *, count: int) -> list[Sending]:
    """Return events that must be refused; most of them are corrected with the same number."""
    money = [each for each in sendings if "amount_fen" in each.body]
    return [
        _malform(rng, each, _MISTAKES[i % len(_MISTAKES)])
        for i, each in enumerate(rng.sample(money, count))
    ]


def conflicting(rng: Random, sendings: Sequence[Sending], *, count: int) -> list[Sending]:
    """Return other bodies under the identities of posted events: one month's, of two accounts."""
    posted = [
        each
        for each in sendings
        if each.outcome is Outcome.POSTED and "amount_fen" in each.body
        if str(each.body["occurred_at"]).startswith(_CONFLICTING_MONTH)
    ]
    sizes = Counter(str(each.body["account_no"]) for each in posted)
    large = sorted(account_no for account_no, size in sizes.items() if size >= count)
    chosen = set(rng.sample(large, _CONFLICTING_ACCOUNTS))
    theirs = [each for each in posted if each.body["account_no"] in chosen]
    return [_conflict(each) for each in rng.sample(theirs, count)]


def _again(rng: Random, sending: Sending, body: Body) -> Sending:
    due = sending.due + timedelta(hours=rng.randrange(24, 24 * 30))
    return replace(sending, body=body, due=due, outcome=Outcome.DUPLICATE)


def _repeat(rng: Random, sending: Sending) -> Sending:
    rewritten = rng.random() < _REWRITTEN_SHARE
    return _again(rng, sending, _rewrite(sending.body) if rewritten else sending.body)


def _rewrite(body: Body) -> Body:
    """Return the same event with its fields in another order and its time in another zone."""
    at = datetime.fromisoformat(str(body["occurred_at"])).astimezone(UTC)
    return {**dict(sorted(body.items(), reverse=True)), "occurred_at": at.isoformat()}


def _conflict(sending: Sending) -> Sending:
    body = {**sending.body, "amount_fen": int(sending.body["amount_fen"]) + 1_00}
    return replace(sending, body=body, outcome=Outcome.CONFLICT)


def _malform(rng: Random, sending: Sending, mistake: Callable[[Body], Body]) -> Sending:
    body = sending.body
    if rng.random() > _CORRECTED_SHARE:
        body = {**body, "serial_no": f"X{rng.randrange(10**9):09d}"}
    due = sending.due - timedelta(hours=rng.randrange(1, 48))
    return replace(sending, body=mistake(body), due=due, outcome=Outcome.REFUSED)


def _without(body: Body, name: str) -> Body:
    return {key: value for key, value in body.items() if key != name}


_MISTAKES: tuple[Callable[[Body], Body], ...] = (
    lambda body: {**body, "counterparty_name": "某某"},
    lambda body: {**body, "amount_fen": 0},
    lambda body: {**body, "amount_fen": -int(body["amount_fen"])},
    lambda body: {**body, "amount_fen": f"{int(body['amount_fen']) / 100:.2f}元"},
    lambda body: {**body, "amount_fen": 10**13 + int(body["amount_fen"])},
    lambda body: {**body, "occurred_at": str(body["occurred_at"])[:10]},
    lambda body: {**body, "occurred_at": str(body["occurred_at"])[:19]},
    lambda body: {**body, "occurred_at": str(body["occurred_at"]).replace("2026", "2027", 1)},
    lambda body: {**body, "occurred_at": "2026-02-30T10:00:00+08:00"},
    lambda body: {**body, "type": "transfer"},
    lambda body: {**body, "student_ref": "学号20260317"},
    lambda body: {**body, "serial_no": f"{body['serial_no']}/{body['occurred_at']}"},
    lambda body: _without(body, "account_no"),
    lambda body: _without(body, "amount_fen"),
    lambda body: _without(body, "occurred_at"),
)


def canonical(body: Body) -> str:
    """Return one text for a body however its fields are ordered."""
    return json.dumps(body, sort_keys=True, ensure_ascii=False)

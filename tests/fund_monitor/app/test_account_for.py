"""What a message of the intake must have left in the store, and what is missing of it."""

import json

import pytest

from services.fund_monitor.app.ledger.account_for import account_for, told_by
from services.fund_monitor.domain.ledger.trace import Trace
from services.fund_monitor.store.ledger.traces import TraceStore
from shared.contracts.bank import several

pytestmark = [pytest.mark.integration, pytest.mark.timeout(30)]

PAID = Trace("event", "alpha|A1|s1|2026-03-02", "sha256:paid")
OTHER = Trace("event", "alpha|A1|s1|2026-03-02", "sha256:other")
REFUSED = Trace("refused", "alpha", "sha256:refused")


def a_message(*digests: str, **changes: object) -> bytes:
    event = {"account_no": "A1", "serial_no": "s1", "booked_on": "2026-03-02"}
    return json.dumps(
        {
            "bank": "alpha",
            "webhook_id": "w1",
            "received_at": "2026-03-02T01:30:00Z",
            "identity_fields": ["booked_on"],
            "events": [{"digest": digest, "event": event} for digest in digests],
            "refused": [],
            **changes,
        }
    ).encode()


def a_refusal() -> dict[str, object]:
    return {
        "index": 0,
        "digest": REFUSED.digest,
        "problems": [],
        "known": {},
        "unknown_fields": [],
    }


class TestToldBy:
    def test_names_events_by_the_identity_that_posting_gives_them(self):
        assert told_by(a_message(PAID.digest, OTHER.digest)) == (PAID, OTHER)

    def test_names_those_of_all_requests_that_share_a_message(self):
        both = several([a_message(PAID.digest), a_message(refused=[a_refusal()])])

        assert told_by(both) == (PAID, REFUSED)

    def test_names_what_the_door_refused(self):
        assert told_by(a_message(refused=[a_refusal()])) == (REFUSED,)

    @pytest.mark.parametrize(
        "body",
        [
            b"no batch",
            b"{}",
            b'{"batches":[{}]}',
            a_message("x", identity_fields=["entry_no"]),
        ],
    )
    def test_is_nothing_for_what_posting_cannot_read_either(self, body):
        assert told_by(body) is None


class TestAccountFor:
    async def account(self, database, body: bytes):
        [account] = (await account_for({7: body}, traces=TraceStore(database))).values()
        return account

    async def test_misses_what_the_store_does_not_have(self, database):
        account = await self.account(database, a_message(PAID.digest, refused=[a_refusal()]))

        assert account.missing == (PAID, REFUSED)
        assert not account.complete

    @pytest.mark.parametrize("collection", ["events", "unstorable"])
    async def test_finds_an_event_by_identity_and_body(self, database, collection):
        await database[collection].insert_one({"_id": PAID.key, "digest": PAID.digest})

        account = await self.account(database, a_message(PAID.digest, OTHER.digest))

        assert account.missing == (OTHER,)

    async def test_finds_another_body_among_the_conflicts(self, database):
        await database["events"].insert_one({"_id": PAID.key, "digest": PAID.digest})
        await database["conflicts"].insert_one({"_id": f"{OTHER.key}#{OTHER.digest}"})

        assert (await self.account(database, a_message(PAID.digest, OTHER.digest))).complete

    async def test_finds_a_refusal_by_bank_and_body(self, database):
        await database["refused"].insert_one({"_id": f"alpha#{REFUSED.digest}"})

        assert (await self.account(database, a_message(refused=[a_refusal()]))).complete

    async def test_is_content_with_a_message_set_aside_whole(self, database):
        assert not (await self.account(database, b"no batch")).complete

        await database["dead_letters"].insert_one({"_id": "BANK_INTAKE:7"})

        assert (await self.account(database, b"no batch")).complete

"""What a bank meets at the door, and what the record says of it afterwards."""

import asyncio
import json

import pytest

from shared.contracts.bank import MOST_BYTES
from tests.support.fund import FundMonitor, at, minutes_ago, money, opened

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]


class TestManyAtOnce:
    async def test_requests_share_messages_and_each_event_posts_once(self, fund: FundMonitor):
        await fund.accepted([opened()])
        js = fund.bus.jetstream()
        before = (await js.stream_info("BANK_INTAKE")).state.messages

        each = [[money("deposit", f"d{n}", 10**n)] for n in range(8)]
        told = await asyncio.gather(*(fund.accepted(events) for events in each))
        await fund.settled()

        assert told == [["accepted"]] * 8
        assert await fund.balance("A1") == 11_111_111
        assert (await js.stream_info("BANK_INTAKE")).state.messages - before < 8

    async def test_one_that_is_refused_changes_nothing_for_those_beside_it(self, fund: FundMonitor):
        await fund.accepted([opened()])
        bad = {**money("deposit", "bad"), "amount_fen": -1}

        each = ([money("deposit", "d1")], [bad], [money("deposit", "d2", 5)])
        told = await asyncio.gather(*(fund.accepted(events) for events in each))
        await fund.settled()

        assert told == [["accepted"], ["refused"], ["accepted"]]
        assert await fund.balance("A1") == 1_005
        assert await fund.db["refused"].count_documents({}) == 1


class TestRepeats:
    async def test_a_duplicate_request_posts_once(self, fund: FundMonitor):
        events = [opened(), money("deposit", "d1")]
        first = await fund.accepted(events, webhook_id="m1")
        await fund.settled()

        again = await fund.accepted(events, webhook_id="m1")
        await fund.settled()

        assert (first, again) == (["accepted"] * 2, ["duplicate"] * 2)
        assert await fund.balance("A1") == 1_000

    async def test_a_duplicate_event_in_another_request_posts_once(self, fund: FundMonitor):
        await fund.accepted([opened(), money("deposit", "d1"), money("deposit", "d1")])
        await fund.accepted([money("deposit", "d1"), money("deposit", "d2", 5)])
        await fund.settled()

        assert await fund.balance("A1") == 1_005

    async def test_a_reused_webhook_id_hides_no_other_body(self, fund: FundMonitor):
        await fund.accepted([opened()], webhook_id="same")
        await fund.accepted([money("deposit", "d1")], webhook_id="same")
        await fund.settled()

        assert await fund.balance("A1") == 1_000

    async def test_another_body_under_one_identity_is_kept_and_never_posted(
        self, fund: FundMonitor
    ):
        await fund.accepted([opened(), money("deposit", "d1")])
        await fund.settled()

        answer = await fund.send([money("deposit", "d1", 999)])
        await fund.settled()

        [result] = answer.json()["results"]
        event = await fund.event("d1")
        assert result["status"] == "refused"
        assert result["problem"]["type"] == "urn:haining:problem:identity-conflict"
        assert event["status"] == "posted"
        assert [c["digest"] != event["digest"] for c in event["conflicts"]] == [True]
        assert await fund.balance("A1") == 1_000
        about, rule, *_ = next(iter(a for a in await fund.standing() if a[0] == "alpha"))
        assert (about, rule) == ("alpha", "fund.identity_conflict")

    async def test_the_feed_number_and_the_zone_are_no_part_of_the_body(self, fund: FundMonitor):
        await fund.accepted([opened(), money("deposit", "d1", feed_no=1, lessons="6.5")])
        await fund.settled()

        same = money(
            "deposit", "d1", feed_no=2, lessons="6.50", occurred_at="2026-03-02T01:30:00.000Z"
        )
        assert await fund.accepted([same]) == ["duplicate"]


class TestSignature:
    async def test_refuses_a_wrong_stale_or_foreign_signature(self, fund: FundMonitor):
        await fund.add_bank("beta")
        body = [opened()]

        foreign = await fund.send(body, bank="alpha", signed_by="beta")
        stale = await fund.send(body, signed_at=minutes_ago(6))
        unknown = await fund.send(body, bank="nobody", signed_by="alpha")
        unsigned = await fund.client.post("/v1/banks/alpha/events", json={"events": body})

        for answer in (foreign, stale, unknown, unsigned):
            assert answer.status_code == 401
            assert answer.headers["content-type"] == "application/problem+json"
        await fund.settled()
        assert (await fund.summary())["events"]["accepted"] == 0

    async def test_looks_at_size_before_signature_and_at_signature_before_content(
        self, fund: FundMonitor
    ):
        huge = await fund.client.post("/v1/banks/alpha/events", content=b" " * (MOST_BYTES + 1))
        unsigned = await fund.client.post("/v1/banks/alpha/events", content=b"{")
        signed = await fund.send(b"{")
        empty = await fund.send([])
        many = await fund.send([{}] * 1_001)

        codes = [a.status_code for a in (huge, unsigned, signed, empty, many)]
        assert codes == [413, 401, 422, 422, 422]


class TestBadEvents:
    @pytest.mark.parametrize(
        ("change", "pointer"),
        [
            pytest.param({"amount_fen": 0}, "/amount_fen", id="no amount"),
            pytest.param({"amount_fen": 10**13 + 1}, "/amount_fen", id="too much"),
            pytest.param({"amount_fen": 2**70}, "/amount_fen", id="beyond 64 bits"),
            pytest.param({"amount_fen": True}, "/amount_fen", id="a truth"),
            pytest.param({"amount_fen": 1.0}, "/amount_fen", id="a float"),
            pytest.param({"occurred_at": "2026-03-02T09:30:00"}, "/occurred_at", id="no offset"),
            pytest.param({"occurred_at": at("07-01")}, "/occurred_at", id="of the future"),
            pytest.param({"occurred_at": "0001-01-01T00:00:00+14:00"}, "/occurred_at", id="year 1"),
            pytest.param({"payer_name": "张三"}, "/payer_name", id="counterparty data"),
            pytest.param({"student_ref": "张三"}, "/student_ref", id="a student's name"),
            pytest.param({"lessons": 48}, "/lessons", id="lessons as a number"),
            pytest.param({"lessons": "48.001"}, "/lessons", id="three places"),
            pytest.param({"contract_no": "x" * 65}, "/contract_no", id="too long"),
            pytest.param({"serial_no": "a b"}, "/serial_no", id="blank in the number"),
            pytest.param({"type": "gift"}, "/", id="unknown type"),
        ],
    )
    async def test_a_bad_event_is_refused_alone(self, fund: FundMonitor, change, pointer):
        answer = await fund.send([opened(), money("deposit", "d1") | change])
        await fund.settled()

        good, bad = answer.json()["results"]
        assert (good["status"], bad["status"]) == ("accepted", "refused")
        assert [e["pointer"] for e in bad["problem"]["errors"]] == [pointer]
        assert "张三" not in answer.text
        kept = (await fund.read("/v1/banks/alpha/refused")).json()["refused"]
        assert len(kept) == 1
        assert "张三" not in json.dumps(kept, ensure_ascii=False)

    async def test_a_corrected_event_takes_the_serial_number(self, fund: FundMonitor):
        await fund.accepted([opened(), money("deposit", "d1", 0)])
        await fund.accepted([money("deposit", "d1", 7)])
        await fund.settled()

        assert await fund.balance("A1") == 7

    async def test_only_what_the_store_refuses_is_set_aside(self, fund: FundMonitor):
        await fund.db.command("collMod", "entries", validator={"amount_fen": {"$ne": 666}})
        events = [opened(), money("deposit", "d1"), money("deposit", "bad", 666)]
        await fund.accepted([*events, money("deposit", "d2", 5)])
        await fund.settled()

        assert await fund.balance("A1") == 1_005
        assert (await fund.event("bad"))["status"] == "set_aside"
        assert "数据库拒绝" in (await fund.event("bad"))["reason"]


class TestLimits:
    async def test_takes_a_thousand_events_of_one_account_at_exactly_the_size_limit(
        self, fund: FundMonitor
    ):
        filling = "Z" * 64
        events = [
            money("deposit", f"{n:04d}-{filling[5:]}", 1, contract_no=filling, entry_no=filling)
            for n in range(1_000)
        ]
        body = json.dumps({"events": events}).encode()
        await fund.accepted([opened()])
        answer = await fund.send(body + b" " * (MOST_BYTES - len(body)))
        await fund.settled()

        assert answer.status_code == 202
        assert await fund.balance("A1") == 1_000


class TestDeclaredIdentity:
    async def test_serials_that_restart_are_told_apart_by_the_declared_fields(
        self, fund: FundMonitor
    ):
        await fund.add_bank("gamma", "booked_on")
        first = money("deposit", "1", booked_on="2026-03-02")
        second = money("deposit", "1", booked_on="2026-03-03")
        missing = money("deposit", "1")
        opening = opened(booked_on="2026-02-16")

        found = await fund.accepted([opening, first, second, missing], bank="gamma")
        await fund.settled()

        assert found == ["accepted"] * 3 + ["refused"]
        results = (await fund.read("/v1/banks/gamma/events/1")).json()["results"]
        assert [r["booked_on"] for r in results] == ["2026-03-02", "2026-03-03"]
        assert await fund.balance("A1", bank="gamma") == 2_000

    async def test_the_declaration_is_fixed_from_the_first_event(self, fund: FundMonitor):
        await fund.accepted([opened()])

        answer = await fund.client.put(
            "/v1/banks/alpha/identity-fields",
            json={"identity_fields": ["entry_no"]},
            headers=fund.bearer(role="bank_admin"),
        )

        assert answer.status_code == 409


class TestReading:
    async def test_a_bank_reads_its_own_and_no_other(self, fund: FundMonitor):
        await fund.accepted([opened(), money("deposit", "d1")])
        await fund.settled()
        paths = ["events/d1", "events/none", "accounts/A1", "accounts/none", "refused"]

        for path in paths:
            answer = await fund.read(f"/v1/banks/alpha/{path}", role="bank", bank="beta")
            assert answer.status_code == 403
        own = await fund.read("/v1/banks/alpha/events/d1", role="bank", bank="alpha")
        none = await fund.read("/v1/banks/alpha/events/none", role="bank", bank="alpha")
        assert own.status_code == 200
        assert none.status_code == 404
        assert none.headers["retry-after"]

    async def test_an_account_of_one_bank_is_nothing_to_another(self, fund: FundMonitor):
        await fund.add_bank("beta")
        await fund.accepted([opened(), money("deposit", "d1")])
        await fund.accepted([money("deposit", "d1", 5)], bank="beta")
        await fund.settled()

        assert (await fund.event("d1", bank="beta"))["status"] == "parked"
        assert await fund.balance("A1") == 1_000

"""What fund_monitor's audit chain holds of a declaration and of the ledger, and what it finds."""

import pytest

from services.fund_monitor.app.banks.check_events import digest_of
from services.fund_monitor.store.ledger.posted import differing_postings
from tests.shared.audit.builders import seal
from tests.support.fund import FundMonitor, money, opened

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]


async def rows(fund: FundMonitor, action: str):
    return await fund.db["audit"].find({"action": action}).sort("_id").to_list()


async def differing(fund: FundMonitor) -> list[str]:
    return [one.what for one in await differing_postings(fund.db, body_digest=digest_of)]


class TestADeclaration:
    async def test_is_in_the_chain_with_who_made_it(self, fund: FundMonitor):
        answer = await fund.client.put(
            "/v1/banks/alpha/identity-fields",
            json={"identity_fields": ["entry_no", "booked_on"]},
            headers=fund.bearer(role="bank_admin"),
        )

        assert answer.status_code == 200
        [row] = await rows(fund, "bank.identity_fields_declared")
        assert row["about"] == {"kind": "bank", "id": "alpha"}
        assert row["details"] == {"identity_fields": "booked_on,entry_no"}
        assert (row["who"]["role"], row["who"]["person"] is None) == ("bank_admin", False)

    async def test_that_is_refused_leaves_no_row(self, fund: FundMonitor):
        await fund.accepted([opened()])

        await fund.client.put(
            "/v1/banks/alpha/identity-fields",
            json={"identity_fields": ["entry_no"]},
            headers=fund.bearer(role="bank_admin"),
        )

        assert await rows(fund, "bank.identity_fields_declared") == []


async def test_postings_are_in_the_chain_and_an_event_changed_since_is_found(fund: FundMonitor):
    events = fund.db["events"]
    await fund.accepted([opened(), money("deposit", "d1"), money("deposit", "d2", 5)])
    await fund.settled()
    await fund.accepted([money("deposit", "d2", 6), money("deposit", "d1")])
    await fund.settled()
    await seal(fund.db, service="fund_monitor")

    told = await rows(fund, "fund.posted")
    counts = [(row["details"]["events"], row["details"]["conflicts"]) for row in told]
    assert counts == [(3, 0), (0, 1)]
    assert {row["about"]["id"] for row in told} == {"alpha"}
    assert await differing(fund) == []

    kept = await events.find_one({"serial_no": "d1"})
    assert kept is not None
    posting = kept["posting"]
    await events.update_one({"_id": kept["_id"]}, {"$set": {"body.amount_fen": 9}})
    assert await differing(fund) == [f"事件 {kept['_id']} 的内容与其摘要不符"]

    forged = {**kept, "body": {**kept["body"], "amount_fen": 9}}
    await events.replace_one({"_id": kept["_id"]}, {**forged, "digest": digest_of(forged["body"])})
    assert await differing(fund) == [f"入账批次 {posting} 的事件与链上摘要不符"]

    await events.delete_one({"_id": kept["_id"]})
    assert await differing(fund) == [f"入账批次 {posting} 的事件与链上摘要不符"]

    await events.delete_many({})
    assert await differing(fund) == [f"入账批次 {posting} 的事件已不在账上"]

    await events.insert_one({**kept, "_id": "forged", "posting": "nowhere"})
    assert "入账批次 nowhere 不在审计链上" in await differing(fund)

"""Notifications over HTTP: who may set what, what is shown, and sending again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from shared.clock import machine_now
from shared.ids import new_id
from shared.kernel import Kernel
from shared.messaging.subscribe import asyncapi_of
from shared.mongo import transact
from shared.notify.deliveries import Deliveries
from shared.notify.mail import MailServer
from shared.notify.replays import MOST_AT_ONCE
from shared.web import create_app

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]

HOOK = "/v1/notifications/subscriptions/pboc/webhook"
MAIL = "/v1/notifications/subscriptions/pboc/mail"
URL = "https://hook.example/city"
PBOC = {"role": "staff", "department": "pboc"}
HEALTH = {"role": "staff", "department": "health"}


class Http:
    """The service's HTTP side, asked as somebody."""

    def __init__(self, kernel: Kernel, token) -> None:
        self._transport = httpx.ASGITransport(
            create_app(kernel, title="t", asyncapi=asyncapi_of([], title="t", user=kernel.service))
        )
        self._token = token

    async def __call__(self, method: str, path: str, by=None, **more) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._token(**(by or PBOC))}"}
        async with httpx.AsyncClient(transport=self._transport, base_url="http://t") as client:
            return await client.request(method, path, headers=headers, **more)


@pytest.fixture
def http(kernel, token) -> Http:
    return Http(kernel, token)


@pytest.fixture
def deliveries(kernel, tell):
    """Make deliveries of a department, and let them stand in a state."""

    async def deliveries(department: str = "pboc", *, count: int = 1, **fields) -> list[str]:
        await tell(*[department] * count)
        await Deliveries(kernel.db).expand()
        wanted = {"department": department, "channel": "webhook", "state": "waiting"}
        rows = kernel.db["notification_deliveries"]
        made = [row["_id"] async for row in rows.find(wanted).sort("_id")]
        await rows.update_many(wanted, {"$set": {"attempts": 10, "last_failure": "x", **fields}})
        return made

    return deliveries


@pytest.fixture
def audited(kernel):
    async def audited() -> list[tuple[str, str]]:
        rows = kernel.db["audit"].find().sort("_id")
        return [(row["action"], row["about"]["id"]) async for row in rows]

    return audited


@pytest.fixture
def states(kernel):
    async def states(**wanted) -> set[tuple[str, str, int, int]]:
        rows = kernel.db["notification_deliveries"].find({"channel": "webhook", **wanted})
        return {(r["_id"], r["state"], r["attempts"], r["replays"]) async for r in rows}

    return states


class TestPutWebhook:
    async def test_answers_a_secret_once_and_keeps_it_sealed(self, kernel, http, audited):
        answer = await http("PUT", HOOK, json={"url": URL})

        assert answer.status_code == 200
        secret = answer.json()["secret"]
        assert secret.startswith("whsec_")
        [row] = await kernel.db["notification_subscriptions"].find().to_list()
        assert secret not in str(row)
        assert kernel.sealer.open(row["secrets"][0]["sealed"]) == secret
        shown = (await http("GET", HOOK)).json()
        assert (shown["target"], shown["disabled_because"]) == (URL, None)
        assert "secret" not in shown
        assert await audited() == [("notification.subscribed", "pboc:webhook")]

    async def test_keeps_at_most_three_secrets_of_which_the_former_end(self, kernel, http):
        for _ in range(5):
            assert (await http("PUT", HOOK, json={"url": URL})).status_code == 200

        [row] = await kernel.db["notification_subscriptions"].find().to_list()
        assert [one["until"] is None for one in row["secrets"]] == [True, False, False]

    async def test_turns_a_disabled_one_on_again(self, kernel, http):
        await http("PUT", HOOK, json={"url": URL})
        await kernel.db["notification_subscriptions"].update_one(
            {}, {"$set": {"disabled_because": "410"}}
        )

        assert (await http("PUT", HOOK, json={"url": URL})).json()["disabled_because"] is None

    @pytest.mark.parametrize(
        ("body", "kind"),
        [
            ({"url": "ftp://hook.example/"}, "invalid-request"),
            ({"url": "https://hook.example/" + "a" * 500}, "invalid-request"),
            ({"url": URL, "secret": "mine"}, "invalid-request"),
            ({}, "invalid-request"),
            ({"url": "https://user@hook.example/"}, "webhook-address-refused"),
            ({"url": "https://10.0.0.1/"}, "webhook-address-refused"),
        ],
    )
    async def test_refuses_an_address_that_is_none(self, http, body, kind, audited):
        answer = await http("PUT", HOOK, json=body)

        assert answer.status_code == 422
        assert answer.json()["type"] == f"urn:haining:problem:{kind}"
        assert await audited() == []


class TestPutMail:
    async def test_is_not_offered_without_a_server(self, http):
        answer = await http("PUT", MAIL, json={"address": "duty@pboc.example"})

        assert answer.json()["type"] == "urn:haining:problem:mail-not-offered"

    async def test_sets_the_mailbox_where_there_is_one(self, kernel, token, audited):
        server = MailServer(host="127.0.0.1", port=25, sender="a@b.example")
        http = Http(replace(kernel, ways=replace(kernel.ways, mail=server)), token)

        answer = await http("PUT", MAIL, json={"address": "duty@pboc.example"})

        assert answer.json()["target"] == "duty@pboc.example"
        assert await audited() == [("notification.subscribed", "pboc:mail")]
        for wrong in ("duty", "a b@c.example", "a@b\r\nBcc: c@d.example", "a@b.example," * 20):
            assert (await http("PUT", MAIL, json={"address": wrong})).status_code == 422


class TestWhoMay:
    @pytest.mark.parametrize(
        ("by", "status"),
        [
            (PBOC, 200),
            ({"role": "admin"}, 200),
            (HEALTH, 403),
            ({"role": "staff"}, 403),
            ({"role": "bank", "department": "pboc"}, 403),
            ({"role": "institution", "department": "pboc"}, 403),
        ],
    )
    async def test_set_and_read_and_replay_is_the_departments_own(self, http, by, status):
        await http("PUT", HOOK, json={"url": URL})
        span = {"department": "pboc", **a_span()}

        answers = [
            await http("PUT", HOOK, by, json={"url": URL}),
            await http("GET", HOOK, by),
            await http("GET", "/v1/notifications/deliveries?department=pboc", by),
            await http("POST", "/v1/notifications/replay", by, json=span),
        ]

        assert {answer.status_code for answer in answers} == {status}

    async def test_nobody_sets_for_a_department_that_is_none(self, http):
        answer = await http(
            "PUT", HOOK.replace("pboc", "nobody"), {"role": "admin"}, json={"url": URL}
        )

        assert answer.status_code == 422


class TestDelete:
    async def test_forgets_the_address_and_holds_what_waits(
        self, http, deliveries, states, audited
    ):
        await http("PUT", HOOK, json={"url": URL})
        [made] = await deliveries()

        assert (await http("DELETE", HOOK)).status_code == 204

        assert await states() == {(made, "held", 10, 0)}
        assert (await http("GET", HOOK)).status_code == 404
        assert (await http("DELETE", HOOK)).status_code == 404
        assert [action for action, _ in await audited()] == [
            "notification.subscribed",
            "notification.unsubscribed",
        ]


class TestListDeliveries:
    async def test_shows_ones_own_newest_first_page_by_page(self, http, deliveries):
        await http("PUT", HOOK, json={"url": URL})
        await deliveries(count=3, state="failed")
        await deliveries("health")
        found, cursor = [], ""

        while cursor is not None:
            page = (await http("GET", f"/v1/notifications/deliveries?limit=2{cursor}")).json()
            found += page["deliveries"]
            cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"

        assert len(found) == 6
        assert {one["department"] for one in found} == {"pboc"}
        assert [one["id"] for one in found] == sorted((o["id"] for o in found), reverse=True)
        assert "text" not in found[0]

    async def test_shows_one_state_and_to_an_administrator_every_department(self, http, deliveries):
        await http("PUT", HOOK, json={"url": URL})
        await deliveries(state="failed")
        await deliveries("health")

        failed = (await http("GET", "/v1/notifications/deliveries?state=failed")).json()
        everything = (await http("GET", "/v1/notifications/deliveries", {"role": "admin"})).json()

        assert [one["last_failure"] for one in failed["deliveries"]] == ["x"]
        assert {one["department"] for one in everything["deliveries"]} == {"pboc", "health"}


class TestReplayDelivery:
    async def test_lets_it_be_sent_again_under_its_id(self, http, deliveries, states, audited):
        await http("PUT", HOOK, json={"url": URL})
        [made] = await deliveries(state="failed")

        answer = await http("POST", f"/v1/notifications/deliveries/{made}/replay")

        assert (answer.status_code, answer.json()["state"]) == (200, "waiting")
        assert await states() == {(made, "waiting", 0, 1)}
        again = await http("POST", f"/v1/notifications/deliveries/{made}/replay")
        assert again.json()["replays"] == 1
        assert [action for action, _ in await audited()][1:] == ["notification.replayed"]

    async def test_does_not_exist_for_another_department(self, http, deliveries, states):
        await http("PUT", HOOK, json={"url": URL})
        [made] = await deliveries(state="failed")

        theirs = await http("POST", f"/v1/notifications/deliveries/{made}/replay", HEALTH)
        none = await http("POST", f"/v1/notifications/deliveries/{new_id()}/replay", HEALTH)

        assert theirs.status_code == none.status_code == 404
        assert theirs.json()["detail"] == none.json()["detail"]
        assert await states() == {(made, "failed", 10, 0)}

    async def test_needs_a_channel_that_is_on(self, http, deliveries):
        await http("PUT", HOOK, json={"url": URL})
        [made] = await deliveries(state="failed")
        await http("DELETE", HOOK)

        answer = await http("POST", f"/v1/notifications/deliveries/{made}/replay")

        assert answer.json()["type"] == "urn:haining:problem:channel-not-active"


class TestReplaySpan:
    async def test_lets_all_of_the_span_be_sent_again_and_nothing_else(
        self, kernel, http, deliveries, states, audited
    ):
        for department in ("pboc", "health"):
            await http(
                "PUT", HOOK.replace("pboc", department), {"role": "admin"}, json={"url": URL}
            )
        sent = await deliveries(state="sent")
        failed, held = await deliveries(count=2, state="failed")
        await deliveries("health", state="failed")
        early = await deliveries(state="failed", made_at=machine_now() - timedelta(hours=3))
        await kernel.db["notification_deliveries"].update_one(
            {"_id": held}, {"$set": {"state": "held"}}
        )

        answer = await http(
            "POST", "/v1/notifications/replay", json={"department": "pboc", **a_span()}
        )

        assert answer.json() == {"replayed": 3}
        assert await states(department="pboc") == {
            (early[0], "failed", 10, 0),
            *((one, "waiting", 0, 1) for one in (*sent, failed, held)),
        }
        assert {state for _, state, *_ in await states(department="health")} == {"failed"}
        assert (await audited())[-1] == ("notification.replayed_span", "pboc:webhook")

    @pytest.mark.parametrize(
        "span",
        [
            {"from": "2026-06-01T00:00:00+08:00", "until": "2026-07-03T00:00:00+08:00"},
            {"from": "2026-06-02T00:00:00+08:00", "until": "2026-06-01T00:00:00+08:00"},
        ],
        ids=["longer than a month", "backwards"],
    )
    async def test_refuses_a_span_that_is_too_wide(self, http, span):
        await http("PUT", HOOK, json={"url": URL})

        answer = await http("POST", "/v1/notifications/replay", json={"department": "pboc", **span})

        assert answer.json()["type"] == "urn:haining:problem:replay-too-wide"

    async def test_refuses_more_than_it_takes_at_once(self, kernel, http, deliveries, states):
        await http("PUT", HOOK, json={"url": URL})
        await deliveries(state="failed")
        [row] = await kernel.db["notification_deliveries"].find({"channel": "webhook"}).to_list()
        more = [{**row, "_id": new_id()} for _ in range(MOST_AT_ONCE)]
        await transact(
            kernel.db,
            lambda session: kernel.db["notification_deliveries"].insert_many(more, session=session),
        )

        answer = await http(
            "POST", "/v1/notifications/replay", json={"department": "pboc", **a_span()}
        )

        assert answer.json()["type"] == "urn:haining:problem:replay-too-wide"
        assert {state for _, state, *_ in await states()} == {"failed"}

    async def test_refuses_moments_without_a_zone(self, http):
        span = {"from": "2026-06-01T00:00:00", "until": "2026-06-02T00:00:00"}

        answer = await http("POST", "/v1/notifications/replay", json={"department": "pboc", **span})

        assert answer.json()["type"] == "urn:haining:problem:invalid-request"


def a_span() -> dict[str, str]:
    now = datetime.now(UTC)
    return {
        "from": (now - timedelta(hours=1)).isoformat(),
        "until": (now + timedelta(hours=1)).isoformat(),
    }

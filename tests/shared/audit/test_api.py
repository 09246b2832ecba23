"""The audit chain over HTTP: how far it reaches, and whose acts one may read."""

import httpx
import pytest

from shared.audit.chain import beginning
from shared.audit.log import Who
from shared.clock import Clock
from shared.kernel import KERNEL_INDEXES, Kernel
from shared.messaging.subscribe import asyncapi_of
from shared.mongo import ensure_indexes
from shared.web import create_app
from tests.shared.audit.builders import SERVICE, an_entry, seal, write
from tests.support.audit import audit_log
from tests.support.rates import UNLIMITED

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]

ENTRIES = "/v1/audit/entries"
POLICE = Who(role="staff", person="staff:police", office="public_security")


@pytest.fixture
async def client(database, access):
    await ensure_indexes(database, KERNEL_INDEXES)
    kernel = Kernel(
        service=SERVICE,
        db=database,
        verifier=access,
        clock=Clock(),
        audit=audit_log(database),
        rates=UNLIMITED,
    )
    # Whole, because who may ask at all is the table's, which every application holds.
    app = create_app(kernel, title="审计", asyncapi=asyncapi_of([], title="t", user=SERVICE))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


@pytest.fixture
def ask(client, token):
    async def ask(path, **claims):
        headers = {"Authorization": f"Bearer {token(**claims)}"}
        return await client.get(path, headers=headers)

    return ask


@pytest.fixture
async def chain(database, client):  # noqa: ARG001 - the indexes come first
    await write(database, an_entry(1), an_entry(2, who=POLICE), an_entry(3, about_kind="bank"))
    await seal(database)


async def places(answer):
    assert answer.status_code == 200, answer.text
    return [entry["sequence"] for entry in answer.json()["entries"]]


class TestHead:
    @pytest.mark.usefixtures("chain")
    async def test_says_how_far_the_chain_reaches_and_what_waits(self, ask, database):
        await write(database, an_entry(4))

        said = (await ask("/v1/audit/head", role="admin")).json()

        [last] = await database["audit"].find({"sequence": 3}).to_list()
        assert said == {"service": SERVICE, "sequence": 3, "hash": last["hash"], "waiting": 1}

    async def test_of_an_empty_chain_is_its_beginning(self, ask):
        said = (await ask("/v1/audit/head", role="staff", department="education")).json()

        assert (said["sequence"], said["hash"]) == (0, beginning(SERVICE))

    @pytest.mark.parametrize("role", ["institution", "bank", "platform", "bank_admin"])
    async def test_is_no_matter_of_outsiders(self, ask, role):
        assert (await ask("/v1/audit/head", role=role)).status_code == 403


@pytest.mark.usefixtures("chain")
class TestEntries:
    async def test_are_all_open_to_an_administrator_newest_first(self, ask):
        assert await places(await ask(ENTRIES, role="admin")) == [3, 2, 1]

    async def test_show_a_department_its_own_acts_only(self, ask):
        answer = await ask(ENTRIES, role="staff", department="education")

        assert await places(answer) == [3, 1]
        assert {entry["who"]["office"] for entry in answer.json()["entries"]} == {"education"}

    async def test_are_found_by_what_they_are_about(self, ask):
        of_kind = await ask(f"{ENTRIES}?about_kind=institution", role="admin")
        of_one = await ask(f"{ENTRIES}?about_kind=institution&about_id=inst-2", role="admin")

        assert await places(of_kind) == [2, 1]
        assert await places(of_one) == [2]

    async def test_about_another_s_act_are_not_shown_to_a_department(self, ask):
        path = f"{ENTRIES}?about_kind=institution&about_id=inst-2"

        assert await places(await ask(path, role="staff", department="education")) == []

    async def test_come_in_pages(self, ask):
        first = await ask(f"{ENTRIES}?limit=2", role="admin")
        cursor = first.json()["next_cursor"]
        second = await ask(f"{ENTRIES}?limit=2&cursor={cursor}", role="admin")

        assert await places(first) == [3, 2]
        assert await places(second) == [1]
        assert second.json()["next_cursor"] is None

    async def test_carry_what_is_needed_to_check_their_hash(self, ask, database):
        [newest, *_] = (await ask(ENTRIES, role="admin")).json()["entries"]

        [row] = await database["audit"].find({"sequence": 3}).to_list()
        assert {name: newest[name] for name in ("previous", "hash", "why", "details")} == {
            name: row[name] for name in ("previous", "hash", "why", "details")
        }
        assert newest["who"]["person"] != "staff:education"

    @pytest.mark.parametrize(
        "query", ["about_id=x", "cursor=abc", "cursor=0", "limit=0", "limit=201"]
    )
    async def test_cannot_be_asked_for_so(self, ask, query):
        assert (await ask(f"{ENTRIES}?{query}", role="admin")).status_code == 422

    @pytest.mark.parametrize(
        "who",
        [{"role": "institution"}, {"role": "bank"}, {"role": "bank_admin"}, {"role": "staff"}],
    )
    async def test_are_no_matter_of_outsiders_nor_of_staff_of_nowhere(self, ask, who):
        assert (await ask(ENTRIES, **who)).status_code == 403

"""What schedule_monitor tells of unapproved places becomes an alert of the register."""

from datetime import UTC, date, datetime

import pytest

from services.registry.app.take_unapproved_sites import take_unapproved_sites
from services.registry.desks import site_desk
from services.registry.domain.unapproved_site import Place, UnapprovedSites
from tests.registry.builders import a_filing

pytestmark = pytest.mark.integration

NOW = datetime(2026, 4, 1, 4, tzinfo=UTC)


def a_place(**more):
    given = {
        "reason": "address_unknown",
        "site_id": None,
        "address": "碧云花园3幢",
        "sessions": 2,
        "first_on": date(2026, 3, 3),
        "last_on": date(2026, 3, 5),
    }
    return Place(**(given | more))


@pytest.fixture
async def institution(client, bearer):
    head = bearer(role="staff", department="education")
    answer = await client.post("/v1/institutions", json=a_filing(), headers=head)
    return answer.json()["institution_id"]


@pytest.fixture
def take(kernel):
    async def work(institution_id, version, *places):
        sites = UnapprovedSites(
            institution_id=institution_id, month="2026-03", version=version, places=places
        )
        await take_unapproved_sites(sites, cause=f"v{version}", desk=site_desk(kernel), now=NOW)

    return work


async def test_goes_to_the_department_in_charge_and_the_town(take, institution, db):
    await take(institution, 1, a_place())

    alert = await db["alerts"].find_one()
    assert (alert["level"], alert["about"]["name"]) == ("yellow", a_filing()["name"])
    assert [(it["department"], it["role"]) for it in alert["deliveries"]] == [
        ("education", "lead"),
        ("xiashi", "inform"),
    ]
    assert alert["message"] == (
        "地址与登记的教学点都不相符：2026-03-03至2026-03-05在碧云花园3幢实际上课2节"
    )


async def test_the_latest_version_stands_whatever_came_last(take, institution, db):
    await take(institution, 2, a_place(), a_place(reason="site_unknown", site_id="s9"))
    await take(institution, 1, a_place())
    alert = await db["alerts"].find_one()
    assert (alert["level"], len(alert["findings"])) == ("red", 2)

    await take(institution, 3)
    await take(institution, 2, a_place())

    assert (await db["alerts"].find_one())["state"] == "superseded"


async def test_an_institution_that_is_not_registered_is_told_of_by_its_id(take, db):
    await take("nobody", 1, a_place())

    alert = await db["alerts"].find_one()
    assert (alert["about"]["name"], alert["lead"]) == ("nobody", "education")

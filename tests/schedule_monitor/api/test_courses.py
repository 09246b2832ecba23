"""Courses and rooms: filed in versions, read, and judged beside."""

import asyncio

import pytest

from tests.schedule_monitor.builders import INSTITUTION, a_state

pytestmark = pytest.mark.integration

URL = f"/v1/institutions/{INSTITUTION}"
COURSE = f"{URL}/courses/SX3A"
ROOM = f"{URL}/rooms/site-1/301室"
SITES = [{"site_id": "site-1", "address": "硖石街道某路1号", "town": "xiashi"}]


def a_course(**more):
    return {
        "name": "三年级数学",
        "kind": "subject",
        "stage": "compulsory",
        "mode": "offline",
        "class_size": 20,
        "subject_matter": "与学校同步的三年级数学",
        "materials": ["自编讲义（2026春）"],
        **more,
    }


@pytest.mark.usefixtures("registered")
class TestPutCourse:
    async def test_notes_a_course_and_has_the_institution_judged(self, client, own, db):
        answer = await client.put(COURSE, json=a_course(), headers=own)

        said = answer.json()
        assert answer.status_code == 201
        assert (said["code"], said["version"], said["state"]) == ("SX3A", 1, "noted")
        [mark] = await db["to_judge"].find({"causes": {"$regex": "^course:"}}).to_list()
        assert mark["key"] == f"institution|{INSTITUTION}"
        [entry] = await db["audit"].find({"action": "course.filed"}).to_list()
        assert entry["details"] == {"institution": INSTITUTION, "version": 1}

    async def test_a_repeat_changes_nothing(self, client, own, db):
        await client.put(COURSE, json=a_course(), headers=own)
        again = await client.put(COURSE, json=a_course(), headers=own)

        assert (again.status_code, again.json()["version"]) == (200, 1)
        assert await db["audit"].count_documents({"action": "course.filed"}) == 1

    async def test_another_content_is_another_version(self, client, own, education, db):
        await client.put(COURSE, json=a_course(), headers=own)
        await client.put(COURSE, json=a_course(class_size=12), headers=education)

        shown = (await client.get(COURSE, headers=own)).json()
        assert (shown["version"], shown["class_size"]) == (2, 12)
        assert await db["courses"].count_documents({}) == 2
        listed = (await client.get(f"{URL}/courses", headers=education)).json()
        assert listed["courses"] == [shown]

    async def test_many_at_once_leave_one_current(self, client, own, db):
        answers = await asyncio.gather(
            *(client.put(COURSE, json=a_course(class_size=size), headers=own) for size in range(5))
        )

        assert {answer.status_code for answer in answers} == {201}
        assert await db["courses"].count_documents({"current": True}) == 1
        assert sorted(answer.json()["version"] for answer in answers) == [1, 2, 3, 4, 5]

    @pytest.mark.parametrize(
        ("change", "pointer"),
        [
            ({"kind": "music"}, "/kind"),
            ({"name": "数\n学"}, "/name"),
            ({"subject_matter": None}, "/subject_matter"),
            ({"materials": ["书"] * 51}, "/materials"),
            ({"class_size": -1}, "/class_size"),
            ({"state": "approved"}, "/state"),
        ],
    )
    async def test_points_at_what_is_wrong(self, client, own, change, pointer):
        answer = await client.put(COURSE, json=a_course(**change), headers=own)

        assert answer.status_code == 422
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]

    async def test_a_town_sees_its_own(self, client, own, bearer):
        await client.put(COURSE, json=a_course(), headers=own)

        for town, status in (("xiashi", 200), ("haizhou", 403)):
            answer = await client.get(COURSE, headers=bearer(role="staff", town=town))
            assert answer.status_code == status

    async def test_answers_404_for_what_was_not_filed(self, client, own):
        answer = await client.get(COURSE, headers=own)

        assert answer.json()["type"] == "urn:haining:problem:course-not-found"


class TestPutRoom:
    async def test_files_a_room_of_a_registered_site(self, client, own, institutions):
        await institutions.take(a_state(sites=SITES))

        first = await client.put(ROOM, json={"area_m2": "45.5"}, headers=own)
        again = await client.put(ROOM, json={"area_m2": "45.50"}, headers=own)
        other = await client.put(ROOM, json={"area_m2": "40"}, headers=own)

        assert [first.status_code, again.status_code, other.status_code] == [201, 200, 201]
        rooms = (await client.get(f"{URL}/rooms", headers=own)).json()["rooms"]
        assert rooms == [{"site": "site-1", "room": "301室", "area_m2": "40", "version": 2}]

    async def test_asks_to_wait_for_a_site_the_register_has_not_told_of(
        self, client, own, institutions
    ):
        await institutions.take(a_state())

        answer = await client.put(ROOM, json={"area_m2": "45.5"}, headers=own)

        assert answer.status_code == 409
        assert answer.json()["type"] == "urn:haining:problem:site-unknown"
        assert answer.headers["Retry-After"] == "2"

    @pytest.mark.parametrize("area", ["0", "-1", "1.234", "1e9", "NaN", "many"])
    async def test_refuses_no_area(self, client, own, area):
        answer = await client.put(ROOM, json={"area_m2": area}, headers=own)

        assert [error["pointer"] for error in answer.json()["errors"]] == ["/area_m2"]

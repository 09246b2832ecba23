"""Routes of timetables: checked, filed, read."""

import asyncio

import pytest

from tests.schedule_monitor.builders import (
    INSTITUTION,
    a_calendar_body,
    a_class,
    a_filing,
    a_state,
)

pytestmark = pytest.mark.integration

URL = "/v1/timetables"
CHECK = f"{URL}/check"
SUNDAY = "2026-03-08"


@pytest.fixture
async def school_year(client, education):
    await client.put("/v1/school-calendars/2025-2026", json=a_calendar_body(), headers=education)


async def check(client, headers, *classes, **more):
    answer = await client.post(CHECK, json={"sessions": classes, **more}, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def file(client, headers, *classes, **more):
    return await client.post(URL, json=a_filing(*classes, **more), headers=headers)


def rules(one):
    return [found["rule"] for found in one["findings"]]


class TestCheckTimetable:
    @pytest.mark.usefixtures("school_year")
    async def test_judges_each_class_with_article_and_explanation(self, client, education):
        said = await check(
            client,
            education,
            a_class(start="19:00:00", end="20:30:00"),
            a_class(start="19:00:00", end="20:30:01"),
            a_class("2026-09-02"),
        )

        assert said["verdict"] == "unlawful"
        assert said["counts"] == {"lawful": 1, "unlawful": 1, "calendar_incomplete": 1}
        lawful, late, unknown = said["sessions"]
        assert (lawful["index"], lawful["verdict"], lawful["day_kind"]) == (
            0,
            "lawful",
            "ordinary_weekday",
        )
        [finding] = late["findings"]
        assert (finding["rule"], finding["level"]) == ("schedule.offline_end", "yellow")
        assert finding["article"] == {
            "document": "海宁市“双减”实施方案",
            "clause": "任务21：线下培训不晚于20:30结束",
            "origin": "Seed",
            "in_force_from": "2021-07-24",
            "in_force_until": None,
        }
        assert "晚于20:30:00" in late["explanation"]
        assert unknown["missing"] == ["覆盖2026-09-02的义务教育阶段校历"]

    @pytest.mark.usefixtures("school_year")
    async def test_measures_the_gap_within_a_group(self, client, education):
        said = await check(
            client,
            education,
            a_class(mode="online"),
            a_class(mode="online", start="18:39:59", end="19:00:00"),
            a_class(mode="online", start="18:40:00", end="19:00:00", class_group="四年级1班"),
        )

        assert [rules(one) for one in said["sessions"]] == [[], ["schedule.online_gap"], []]

    @pytest.mark.usefixtures("school_year")
    async def test_takes_kind_and_mode_from_the_register(self, client, own, institutions):
        await institutions.take(a_state(kind="sports", mode="online"))

        said = await check(
            client,
            own,
            a_class(SUNDAY, kind=None, mode=None),
            a_class(SUNDAY, start="20:00:00", kind=None, mode=None, end="20:40:00"),
            institution_id=INSTITUTION,
        )

        assert [(one["kind"], one["mode"]) for one in said["sessions"]] == [
            ("sports", "online")
        ] * 2
        assert [rules(one) for one in said["sessions"]] == [[], ["schedule.online_length"]]

    async def test_files_nothing(self, client, education, db):
        await check(client, education, a_class(SUNDAY))

        assert await db["timetables"].count_documents({}) == 0
        assert await db["to_judge"].count_documents({}) == 0

    @pytest.mark.parametrize(
        ("change", "pointer"),
        [
            ({"end": "18:00:00"}, "/sessions/0/end"),
            ({"end": "17:59:59"}, "/sessions/0/end"),
            ({"start": "23:30:00", "end": "00:30:00"}, "/sessions/0/end"),
            ({"end": "24:00:00"}, "/sessions/0/end"),
            ({"end": "18:30:00Z"}, "/sessions/0/end"),
            ({"end": "18:30:00+08:00"}, "/sessions/0/end"),
            ({"end": 66600}, "/sessions/0/end"),
            ({"start": "18.00"}, "/sessions/0/start"),
            ({"date": "2026-02-30"}, "/sessions/0/date"),
            ({"class_group": " "}, "/sessions/0/class_group"),
            ({"class_group": "班" * 65}, "/sessions/0/class_group"),
            ({"stage": "university"}, "/sessions/0/stage"),
            ({"kind": "music"}, "/sessions/0/kind"),
            ({"kind": None}, "/sessions/0/kind"),
            ({"mode": None}, "/sessions/0/mode"),
            ({"teacher": "张\n三"}, "/sessions/0/teacher"),
            ({"salary": 1}, "/sessions/0/salary"),
        ],
    )
    async def test_points_at_what_is_wrong(self, client, education, change, pointer):
        body = {"sessions": [a_class(**change)]}

        answer = await client.post(CHECK, json=body, headers=education)

        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]

    async def test_says_that_a_class_may_not_cross_midnight(self, client, education):
        body = {"sessions": [a_class(start="23:30:00", end="00:30:00")]}

        answer = await client.post(CHECK, json=body, headers=education)

        assert "不得跨越零点" in answer.json()["errors"][0]["detail"]

    @pytest.mark.parametrize("count", [0, 2_001])
    async def test_bounds_the_number_of_classes(self, client, education, count):
        body = {"sessions": [a_class()] * count}

        answer = await client.post(CHECK, json=body, headers=education)

        assert [error["pointer"] for error in answer.json()["errors"]] == ["/sessions"]

    async def test_asks_to_wait_for_an_institution_it_has_not_heard_of(self, client, own):
        body = {"institution_id": INSTITUTION, "sessions": [a_class()]}

        answer = await client.post(CHECK, json=body, headers=own)

        assert answer.status_code == 409
        assert answer.json()["type"] == "urn:haining:problem:institution-unknown"
        assert answer.headers["Retry-After"] == "2"

    @pytest.mark.parametrize(
        ("who", "status"),
        [
            ({"role": "staff", "town": "xiashi"}, 200),
            ({"role": "institution", "institution": INSTITUTION}, 200),
            ({"role": "platform", "platform": "alpha"}, 403),
            ({"role": "bank", "bank": "icbc"}, 403),
        ],
    )
    async def test_is_for_staff_and_institutions(self, client, bearer, who, status):
        body = {"sessions": [a_class()]}

        answer = await client.post(CHECK, json=body, headers=bearer(**who))

        assert answer.status_code == status

    @pytest.mark.usefixtures("registered")
    async def test_tells_another_institution_nothing(self, client, bearer):
        body = {"institution_id": INSTITUTION, "sessions": [a_class()]}
        headers = bearer(role="institution", institution="another")

        assert (await client.post(CHECK, json=body, headers=headers)).status_code == 403


@pytest.mark.usefixtures("registered", "school_year")
class TestPostTimetable:
    async def test_files_and_judges(self, client, own):
        answer = await file(client, own, a_class(), a_class(SUNDAY))

        said = answer.json()
        assert answer.status_code == 201
        assert (said["institution_id"], said["version"], said["current"]) == (INSTITUTION, 1, True)
        assert said["counts"] == {"lawful": 1, "unlawful": 1, "calendar_incomplete": 0}
        assert answer.headers["Location"] == f"{URL}/{said['timetable_id']}"

    async def test_answers_a_repeat_with_the_same(self, client, own, education, db):
        first = await file(client, own, a_class(), a_class(SUNDAY))
        again = await file(client, education, a_class(), a_class(SUNDAY))

        assert (first.status_code, again.status_code) == (201, 200)
        assert first.json() == again.json()
        assert await db["audit"].count_documents({"action": "timetable.filed"}) == 1

    async def test_files_once_when_many_file_at_once(self, client, own, db):
        answers = await asyncio.gather(*(file(client, own, a_class()) for _ in range(8)))

        assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
        assert await db["timetables"].count_documents({}) == 1

    async def test_leaves_one_current_when_versions_come_at_once(self, client, own, db):
        answers = await asyncio.gather(
            *(file(client, own, a_class(), version=version) for version in range(1, 6))
        )

        assert {answer.status_code for answer in answers} <= {201, 409}
        current = await db["timetables"].find({"current": True}).to_list()
        assert [row["version"] for row in current] == [5]

    async def test_refuses_other_classes_under_the_same_version(self, client, own):
        await file(client, own, a_class())

        answer = await file(client, own, a_class("2026-03-04"))

        assert answer.status_code == 409
        assert answer.json()["type"] == "urn:haining:problem:timetable-filed-otherwise"

    async def test_refuses_a_version_that_was_passed_by(self, client, own):
        await file(client, own, a_class(), version=3)

        answer = await file(client, own, a_class(), version=2)

        assert answer.status_code == 409
        assert answer.json()["type"] == "urn:haining:problem:timetable-outdated"

    async def test_measures_gaps_across_an_institutions_timetables(self, client, own):
        await file(client, own, a_class(mode="online"), label="甲")
        answer = await file(
            client, own, a_class(mode="online", start="18:35:00", end="19:00:00"), label="乙"
        )

        assert rules(answer.json()["sessions"][0]) == ["schedule.online_gap"]

    async def test_bounds_what_an_institution_plans_in_all(self, client, own, db):
        await file(client, own, a_class(), label="甲")
        await db["timetables"].update_one({}, {"$set": {"session_count": 20_000}})

        answer = await file(client, own, a_class(), label="乙")
        again = await file(client, own, a_class(), label="甲", version=2)

        assert answer.status_code == 422
        assert answer.json()["type"] == "urn:haining:problem:too-many-sessions"
        assert again.status_code == 201

    @pytest.mark.parametrize(
        ("who", "status"),
        [
            ({"role": "staff", "department": "education"}, 201),
            ({"role": "staff", "department": "culture_tourism_sports"}, 201),
            ({"role": "staff", "department": "science_tech"}, 201),
            ({"role": "admin"}, 201),
            ({"role": "staff", "department": "pboc"}, 403),
            ({"role": "staff", "town": "xiashi"}, 403),
            ({"role": "institution", "institution": "another"}, 403),
            ({"role": "platform"}, 403),
        ],
    )
    async def test_is_for_the_institution_and_those_in_charge(self, client, bearer, who, status):
        assert (await file(client, bearer(**who), a_class())).status_code == status


class TestPostTimetableOfAnUnknownInstitution:
    async def test_asks_to_wait_for_the_register(self, client, own, db):
        answer = await file(client, own, a_class())

        assert answer.status_code == 409
        assert answer.json()["type"] == "urn:haining:problem:institution-unknown"
        assert await db["timetables"].count_documents({}) == 0


@pytest.mark.usefixtures("registered")
class TestReadTimetable:
    async def test_judges_by_what_is_loaded_now(self, client, own, education):
        filed = (await file(client, own, a_class())).json()
        await client.put(
            "/v1/school-calendars/2025-2026", json=a_calendar_body(), headers=education
        )

        now = (await client.get(f"{URL}/{filed['timetable_id']}", headers=own)).json()

        assert (filed["verdict"], now["verdict"]) == ("calendar_incomplete", "lawful")

    async def test_shows_a_version_that_was_passed_by(self, client, own):
        first = (await file(client, own, a_class())).json()
        await file(client, own, a_class("2026-03-04"), version=2)

        answer = await client.get(f"{URL}/{first['timetable_id']}", headers=own)

        assert (answer.json()["version"], answer.json()["current"]) == (1, False)
        assert [one["date"] for one in answer.json()["sessions"]] == ["2026-03-03"]

    @pytest.mark.parametrize(
        ("who", "status"),
        [
            ({"role": "staff", "department": "economy_it"}, 200),
            ({"role": "staff", "town": "xiashi"}, 200),
            ({"role": "staff", "town": "haizhou"}, 403),
            ({"role": "staff", "department": "haizhou"}, 403),
            ({"role": "institution", "institution": "another"}, 404),
            ({"role": "bank", "bank": "icbc"}, 403),
        ],
    )
    async def test_is_for_those_whose_matter_it_is(self, client, own, bearer, who, status):
        filed = (await file(client, own, a_class())).json()

        answer = await client.get(f"{URL}/{filed['timetable_id']}", headers=bearer(**who))

        assert answer.status_code == status

    async def test_answers_404_when_there_is_none(self, client, own):
        answer = await client.get(f"{URL}/{INSTITUTION}", headers=own)

        assert answer.status_code == 404
        assert answer.json()["type"] == "urn:haining:problem:timetable-not-found"


@pytest.mark.usefixtures("registered")
class TestListTimetables:
    async def test_pages_through_an_institutions_own(self, client, own, judged):
        for label in "甲乙丙":
            await file(client, own, a_class(SUNDAY), label=label)
        await judged()
        asked = {"institution_id": INSTITUTION, "limit": 2}

        first = (await client.get(URL, params=asked, headers=own)).json()
        asked["cursor"] = first["next_cursor"]
        second = (await client.get(URL, params=asked, headers=own)).json()

        found = [one["label"] for one in first["timetables"] + second["timetables"]]
        assert found == ["丙", "乙", "甲"]
        assert "next_cursor" not in second or second["next_cursor"] is None
        assert first["timetables"][0]["counts"] == {
            "lawful": 0,
            "unlawful": 1,
            "calendar_incomplete": 0,
        }

    async def test_is_empty_for_an_institution_nobody_has_told_of(self, client, education):
        answer = await client.get(URL, params={"institution_id": "none"}, headers=education)

        assert (answer.status_code, answer.json()["timetables"]) == (200, [])

    async def test_keeps_a_town_to_its_own(self, client, bearer):
        headers = bearer(role="staff", town="haizhou")

        answer = await client.get(URL, params={"institution_id": INSTITUTION}, headers=headers)

        assert answer.status_code == 403

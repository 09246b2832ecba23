"""schedule_monitor on real servers, with calendars, institutions and what they filed."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import polars as pl
from joserfc.jwk import ECKey, OctKey

from benchmarks.city import City
from benchmarks.classes import calendars
from deploy.local.issuer import AUDIENCE, ISSUER, Issuer
from services.schedule_monitor.application import SERVICE
from services.schedule_monitor.domain.rules.columns import wall_time
from services.schedule_monitor.domain.session import Setting, Stated
from services.schedule_monitor.domain.timetables.course import CourseFiling
from services.schedule_monitor.domain.timetables.surroundings import FiledCourse
from services.schedule_monitor.domain.timetables.timetable import Filing, Timetable
from services.schedule_monitor.settings import ScheduleMonitorSettings
from services.schedule_monitor.store.calendars.school_calendars import SchoolCalendarStore
from services.schedule_monitor.store.calendars.school_hours import SchoolHoursStore
from services.schedule_monitor.store.institutions import InstitutionReplica
from services.schedule_monitor.store.timetables.courses import CourseStore
from services.schedule_monitor.store.timetables.timetables import TimetableStore
from shared.ids import new_id
from shared.mongo import Database, Session, transact

OF_AN_INSTITUTION = 500
_UNLIMITED = 100_000
_NOW = datetime(2026, 3, 2, tzinfo=UTC)


def settings_for(servers: City, *, port: int) -> ScheduleMonitorSettings:
    """Return the settings of schedule_monitor, and keep the keys it starts with."""
    key = ECKey.generate_key("P-256", {"kid": "bench"})
    _kept(_key_file(servers), key.as_dict(private=True))
    sealing = OctKey.generate_key(256, {"kid": "bench"}).as_dict(private=True)
    folder = servers.folder
    return ScheduleMonitorSettings(
        port=port,
        mongo_url=servers.mongo.url,
        mongo_database="classes",
        nats_url=servers.nats.url,
        nats_seed_file=servers.nats.seed_file(SERVICE),
        jwks=str(_kept(folder / "classes-jwks.json", {"keys": [key.as_dict(private=False)]})),
        token_issuer=ISSUER,
        token_audience=AUDIENCE,
        audit_key_file=_kept(folder / "classes-audit.json", {"name": "bench", "secret": "00"}),
        sealing_key_file=_kept(folder / "classes-sealing.json", sealing),
        requests_per_second_of_sender=_UNLIMITED,
        requests_per_second_of_subject=_UNLIMITED,
        log_level="WARNING",
    )


def headers_of(servers: City) -> Mapping[str, str]:
    """Return the headers of the department that may check for every institution."""
    token = Issuer(_key_file(servers)).token(role="staff", department="education")
    return {"authorization": f"Bearer {token}", "content-type": "application/json"}


async def fill(db: Database, file: Path, *, institutions: int) -> int:
    """Load calendars, and file a timetable of each institution of a file; count the classes."""
    loaded = calendars()

    async def load(session: Session) -> None:
        for year in loaded.schools:
            await SchoolCalendarStore(db).add(year, session=session)
        for hours in loaded.hours:
            await SchoolHoursStore(db).put(hours, now=_NOW, session=session)

    await transact(db, load)
    rows = rows_of(file, institutions=institutions)
    for institution, classes in groupby(rows, key=lambda row: str(row["institution"])):
        await _file(db, institution, list(classes))
    return len(rows)


def rows_of(file: Path, *, institutions: int) -> list[dict[str, Any]]:
    """Return the first classes of the first institutions of a file."""
    lazy = pl.scan_parquet(file)
    some = lazy.select("institution").unique().sort("institution").head(institutions)
    kept = lazy.join(some, on="institution", how="semi").collect()
    first = kept.group_by("institution", maintain_order=True).head(OF_AN_INSTITUTION)
    return first.sort("institution", maintain_order=True).to_dicts()


async def _file(db: Database, institution: str, rows: Sequence[dict[str, Any]]) -> None:
    first = rows[0]
    await InstitutionReplica(db).take(
        {
            "_id": institution,
            "version": 1,
            "name": institution,
            "uscc": "52330481MJ000001XJ",
            "kind": first["kind"],
            "stages": ["compulsory"],
            "mode": first["mode"],
            "town": "xiashi",
            "competent_department": "education",
            "status": "active",
        }
    )
    filing = Filing(
        institution_id=institution,
        label="课表",
        version=1,
        sessions=tuple(stated(row) for row in rows),
    )
    courses = {row["course"]: row["course_text"] for row in rows if row["course_filed"]}

    async def work(session: Session) -> None:
        timetable = Timetable(timetable_id=new_id(), filing=filing)
        await TimetableStore(db).add(timetable, now=_NOW, session=session)
        for code, name in courses.items() if first["files_courses"] else ():
            course = FiledCourse(
                code=code, name=name, kind=first["kind"], stage="compulsory", mode=first["mode"]
            )
            await CourseStore(db).add(
                institution, CourseFiling(filed=course, version=1), now=_NOW, session=session
            )

    await transact(db, work)


def stated(row: Mapping[str, Any]) -> Stated:
    """Return a row of a file as an institution states it."""
    on: date = row["on"]
    return Stated(
        on=on,
        start=wall_time(row["start"]),
        end=wall_time(row["end"]),
        class_group=row["class_group"],
        stage=row["stage"],
        setting=Setting(
            course=row["course"],
            teacher=row["teacher"],
            room=row["room"],
            site=row["site"],
            students=row["students"],
            roster=tuple(row["roster"] or ()),
            delivery=row["delivery"],
        ),
    )


def _key_file(servers: City) -> Path:
    return servers.folder / "classes-key.json"


def _kept(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content))
    return path

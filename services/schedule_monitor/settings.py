"""The environment of the schedule monitor."""

from datetime import date
from typing import Annotated

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings


class ScheduleMonitorSettings(ServiceSettings):
    """Environment of the schedule monitor: ``SCHEDULE_MONITOR_MONGO_URL`` and so on."""

    model_config = SettingsConfigDict(env_prefix="SCHEDULE_MONITOR_", frozen=True, extra="forbid")

    # Minutes a held session may lie from its filed class, as JSON: [["2026-09-01", 15]].
    held_tolerances: tuple[tuple[date, Annotated[int, Field(ge=0, le=240)]], ...] = ()

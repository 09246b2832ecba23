"""The environment of the schedule monitor."""

from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings


class ScheduleMonitorSettings(ServiceSettings):
    """Environment of the schedule monitor: ``SCHEDULE_MONITOR_MONGO_URL`` and so on."""

    model_config = SettingsConfigDict(env_prefix="SCHEDULE_MONITOR_", frozen=True, extra="forbid")

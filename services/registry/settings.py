"""The environment of the register."""

from datetime import date
from typing import Self

from pydantic import Field, model_validator
from pydantic_settings import SettingsConfigDict

from services.registry.domain.stops import StopCode
from shared.settings import ServiceSettings


class RegistrySettings(ServiceSettings):
    """Environment of the register: ``REGISTRY_MONGO_URL`` and so on."""

    model_config = SettingsConfigDict(env_prefix="REGISTRY_", frozen=True, extra="forbid")

    # When a stop of task 19 begins and ends here, where that differs from its article, as JSON:
    # {"registry.stop_preschool": ["2021-07-24", "2028-01-01"]}; null for no end, which is excluded.
    stop_periods: dict[StopCode, tuple[date, date | None]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _stops_end_after_they_begin(self) -> Self:
        for code, (start, end) in self.stop_periods.items():
            if end is not None and end <= start:
                raise ValueError(f"STOP_PERIODS 中 {code} 的结束日期须晚于开始日期")
        return self

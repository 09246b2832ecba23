"""The environment of fund_monitor."""

from pathlib import Path

from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings


class FundMonitorSettings(ServiceSettings):
    """Environment of fund_monitor: ``FUND_MONITOR_MONGO_URL`` and so on."""

    model_config = SettingsConfigDict(env_prefix="FUND_MONITOR_", frozen=True, extra="forbid")

    # A second fund_monitor in which banks try their interface, before they are live.
    sandbox: bool = False
    # Where banks that only deliver files drop them: a folder for each, named by the bank's code.
    drop_folder: Path | None = None

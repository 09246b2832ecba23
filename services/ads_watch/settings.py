"""The environment of the ads watch."""

from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings


class AdsWatchSettings(ServiceSettings):
    """Environment of the ads watch: ``ADS_WATCH_MONGO_URL`` and so on."""

    model_config = SettingsConfigDict(env_prefix="ADS_WATCH_", frozen=True, extra="forbid")

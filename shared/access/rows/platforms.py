"""Who may keep teaching platforms, in each service that they send to."""

from typing import Final

from shared.access.grants import ADMIN, BANK_ADMIN, Grant, Row
from shared.access.scopes import PLATFORM_KEEPERS

OF_PLATFORMS: Final = Grant("staff", "own office", PLATFORM_KEEPERS)
_PLATFORMS: Final = (BANK_ADMIN, OF_PLATFORMS, ADMIN)

PLATFORM_PATH: Final = "/v1/platforms/{platform}"


def platform_rows(service: str) -> tuple[Row, ...]:
    """Return the rows of platforms and their secrets in one service."""
    return (
        Row(service, "POST", "/v1/platforms", _PLATFORMS, "platforms:admin"),
        Row(service, "GET", f"{PLATFORM_PATH}/secrets", _PLATFORMS, "platforms:admin"),
        Row(service, "POST", f"{PLATFORM_PATH}/secrets", _PLATFORMS, "platforms:admin"),
        Row(
            service,
            "DELETE",
            f"{PLATFORM_PATH}/secrets/{{secret_id}}",
            _PLATFORMS,
            "platforms:admin",
        ),
    )

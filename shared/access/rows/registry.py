"""Who may use the register."""

from typing import Final

from shared.access.grants import ADMIN, IN_CHARGE, INBOX, INSTITUTION_PATH, Grant, Row
from shared.access.scopes import REGISTRARS

OF_REGISTER: Final = Grant("staff", "own office", REGISTRARS)

ROWS: Final = (
    # The register.
    Row("registry", "POST", "/v1/institutions", (OF_REGISTER, ADMIN), "registry:write"),
    Row("registry", "GET", "/v1/institutions", INBOX, "registry:read"),
    Row("registry", "GET", INSTITUTION_PATH, INBOX, "registry:read"),
    Row("registry", "GET", f"{INSTITUTION_PATH}/history", INBOX, "registry:read"),
    Row("registry", "POST", f"{INSTITUTION_PATH}/revoke", (OF_REGISTER, ADMIN), "registry:write"),
    # Licence and sites are kept by whoever is in charge, which the institution itself knows.
    Row("registry", "PUT", f"{INSTITUTION_PATH}/licence", IN_CHARGE, "registry:write"),
    Row("registry", "POST", f"{INSTITUTION_PATH}/sites", IN_CHARGE, "registry:write"),
    Row(
        "registry",
        "POST",
        f"{INSTITUTION_PATH}/sites/{{site_id}}/close",
        IN_CHARGE,
        "registry:write",
    ),
)

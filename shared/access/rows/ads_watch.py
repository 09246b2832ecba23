"""Who may use the watch over advertising."""

from typing import Final

from shared.access.grants import DEPARTMENTS, INBOX, Row

_LEAD: Final = "/v1/leads/{lead_id}"

ROWS: Final = (
    # Advertising. An institution may look before it publishes; reports are of offices.
    Row("ads_watch", "POST", "/v1/ads/check", INBOX, "ads:check"),
    Row("ads_watch", "POST", "/v1/sightings", DEPARTMENTS, "sightings:report"),
    Row("ads_watch", "GET", "/v1/sightings", DEPARTMENTS, "sightings:read"),
    Row("ads_watch", "GET", "/v1/sightings/{sighting_id}", DEPARTMENTS, "sightings:read"),
    # Leads; only the department that one lies with answers it, which the lead itself knows.
    Row("ads_watch", "GET", "/v1/leads", DEPARTMENTS, "leads:read"),
    Row("ads_watch", "GET", _LEAD, DEPARTMENTS, "leads:read"),
    Row("ads_watch", "POST", f"{_LEAD}/accept", DEPARTMENTS, "leads:act"),
    Row("ads_watch", "POST", f"{_LEAD}/return", DEPARTMENTS, "leads:act"),
    Row("ads_watch", "POST", f"{_LEAD}/feedback", DEPARTMENTS, "leads:act"),
)

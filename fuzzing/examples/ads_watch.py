"""Valid requests of advertisements, what is reported of them, and leads."""

from typing import Final

from fuzzing.example import Example, Known, staff

_LEAD: Final = "/v1/leads/{lead_id}"
_PUBLICITY: Final = staff("publicity")


def _report(place: str) -> object:
    return {
        "text": "少儿美术班",
        "medium": "new_media",
        "advertiser": "training_institution",
        "town": "xiashi",
        "place": place,
        "seen_at": "2026-03-02T10:30:00+08:00",
    }


def _kept(known: Known) -> dict[str, object]:
    return {"sighting_id": known["sighting_id"]}


def _returned(known: Known) -> dict[str, object]:
    return {"sighting_id": known["other_sighting_id"]}


EXAMPLES: Final = (
    Example(
        operation="POST /v1/ads/check",
        by="own institution",
        body=lambda _: {"text": "暑期提优班，签约保分", "medium": "new_media"},
    ),
    Example(
        operation="POST /v1/sightings",
        by={"role": "staff", "town": "xiashi"},
        body=lambda _: _report("某公众号"),
        keeps={"sighting_id": "sighting_id"},
    ),
    Example(
        operation="POST /v1/sightings",
        body=lambda _: _report("某短视频号"),
        keeps={"sighting_id": "other_sighting_id"},
    ),
    Example(operation="GET /v1/sightings"),
    Example(operation="GET /v1/sightings/{sighting_id}"),
    Example(operation="GET /v1/leads", query=_kept, keeps={"leads.0.lead_id": "lead_id"}),
    Example(operation="GET /v1/leads", query=_returned, keeps={"leads.0.lead_id": "other_lead_id"}),
    Example(operation=f"GET {_LEAD}", by=_PUBLICITY),
    Example(operation=f"POST {_LEAD}/accept", by=_PUBLICITY),
    Example(
        operation=f"POST {_LEAD}/feedback",
        by=_PUBLICITY,
        body=lambda _: {"outcome": "corrected", "reason": "已撤下"},
    ),
    Example(
        operation=f"POST {_LEAD}/return",
        by=_PUBLICITY,
        names={"lead_id": "other_lead_id"},
        body=lambda _: {"reason": "该账号不在本市备案"},
    ),
)

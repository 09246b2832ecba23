"""Sightings for tests; every default is valid, and unlawful by its words and its place."""

from datetime import UTC, datetime
from typing import Any

from services.ads_watch.domain.lead import Lead, Point
from services.ads_watch.domain.sighting import Seen

SEEN_AT = "2022-03-05T10:30:00+08:00"


def a_report(**changes: Any) -> dict[str, Any]:
    """Return the body with which an office reports an advertisement."""
    return {
        "text": "暑期英语提优班，签约保分",
        "medium": "new_media",
        "advertiser": "training_institution",
        "town": "xiashi",
        "place": "某某公众号",
        "seen_at": SEEN_AT,
        **changes,
    }


def seen(**changes: Any) -> Seen:
    return Seen(
        **{
            "text": "暑期英语提优班，签约保分",
            "description": None,
            "medium": "new_media",
            "advertiser": "training_institution",
            "town": "xiashi",
            "place": "某某公众号",
            "url": None,
            "seen_at": datetime(2022, 3, 5, 2, 30, tzinfo=UTC),
            "advertiser_name": None,
            "institution_id": None,
            "image_digest": None,
            **changes,
        }
    )


def a_lead(**changes: Any) -> Lead:
    """Return a lead just sent by a street to 市委宣传部."""
    return Lead(
        **{
            "lead_id": "01890000-0000-7000-8000-000000000001",
            "version": 1,
            "sighting_id": "01890000-0000-7000-8000-000000000002",
            "point": Point(
                kind="ads.placement_media",
                title="培训广告登上媒体",
                article="方案任务25",
                explanation="媒体不刊登培训广告",
                phrase=None,
            ),
            "sender": "xiashi",
            "department": "publicity",
            "reason": "市委宣传部（牵头）",
            "state": "sent",
            "sent_at": datetime(2022, 3, 5, 3, tzinfo=UTC),
            **changes,
        }
    )

"""Rates that no test reaches: it may ask as fast as the machine lets it; throttling has tests."""

from typing import Final

from shared.access.throttle import Rates

UNLIMITED: Final = Rates(per_sender=100_000, per_subject=100_000)

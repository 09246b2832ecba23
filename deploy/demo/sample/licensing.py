"""Licences and sites of the sample's institutions: made from their number alone.

No chance is drawn for them, so that every other figure of the sample stays what it was.
"""

from datetime import date
from typing import Final

from deploy.demo.sample.model import Licence, Site
from deploy.demo.sample.names import TOWNS

_YEARS: Final = 3
_SHORT_EVERY: Final = 12
"""One in so many was issued so long ago that it has run out by now, or soon will."""
_SECOND_SITE_EVERY: Final = 7


def licence_of(number: int, kind: str) -> Licence:
    """Return the licence of an institution: all of them are older than what task 19 stopped.

    Subject institutions exchanged theirs when they became non-profit, the others renewed it.
    """
    month, day = 1 + (number * 7 + number // _SHORT_EVERY + 5) % 12, 1 + number % 28
    year = 2023 if number % _SHORT_EVERY == _SHORT_EVERY // 2 - 1 else 2024 + number % 2
    return Licence(
        number=f"教民{'1' if kind == 'subject' else '2'}33048170{number:05d}号",
        issued_on=date(year, month, day),
        valid_until=date(year + _YEARS, month, day),
        first_issued_on=date(2016 + number % 5, month, day),
    )


def sites_of(number: int, mode: str) -> tuple[Site, ...]:
    """Return where an institution teaches: online nowhere, some also in the next town."""
    if mode == "online":
        return ()
    here = _site(number, TOWNS[number % len(TOWNS)])
    if number % _SECOND_SITE_EVERY:
        return (here,)
    return (here, _site(number + 100, TOWNS[(number + 1) % len(TOWNS)]))


def _site(number: int, where: tuple[str, str]) -> Site:
    town, name = where
    address = f"海宁市{name}文教路{number * 2 + 1}号"
    return Site(address=address, town=town, area_m2=120 + number % 9 * 40)

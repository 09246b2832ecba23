"""How each bank numbers its bookings, and the events it makes of them."""

from collections import Counter
from collections.abc import Iterable, Mapping

from deploy.demo.sample.model import Bank, Body, Booking

Identities = Mapping[Booking, Mapping[str, str]]
"""Serial number and declared identity fields of every booking."""


def number(bank: Bank, bookings: Iterable[Booking]) -> Identities:
    """Number a bank's bookings in the order in which they happened.

    A bank with identity fields starts its serial numbers anew each day and for each account;
    with ``entry_no``, two entries in a row share a serial number.
    """
    in_order = sorted(bookings, key=lambda each: (each.at, each.account.account_no, each.type))
    counter: Counter[tuple[str, ...]] = Counter()
    identities: dict[Booking, Mapping[str, str]] = {}
    for booking in in_order:
        day = booking.at.date().isoformat()
        restarts = (booking.account.account_no, day) if bank.identity_fields else ()
        counter[restarts] += 1
        identities[booking] = _identity(bank, day, counter[restarts])
    return identities


def body(booking: Booking, identities: Identities) -> Body:
    """Return the event of a booking as the bank sends it."""
    identity = identities[booking]
    return {
        **identity,
        "type": booking.type,
        "account_no": booking.account.account_no,
        "occurred_at": booking.at.isoformat(),
        **booking.fields,
        **_original(booking, identities),
    }


def _identity(bank: Bank, day: str, count: int) -> Mapping[str, str]:
    if not bank.identity_fields:
        return {"serial_no": f"{bank.code[:2].upper()}{count:010d}"}
    if "entry_no" not in bank.identity_fields:
        return {"serial_no": f"{count:06d}", "booked_on": day}
    serial, entry = divmod(count - 1, 2)
    return {"serial_no": f"{serial + 1:06d}", "booked_on": day, "entry_no": str(entry + 1)}


def _original(booking: Booking, identities: Identities) -> Mapping[str, str]:
    if booking.reverses is None:
        return {}
    return {f"reverses_{name}": value for name, value in identities[booking.reverses].items()}

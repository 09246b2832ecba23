"""What makes two deliveries of a bank the same event, and where an event's account is worked."""

import hashlib
from collections.abc import Mapping, Sequence


def account_key(bank: str, account_no: str) -> str:
    """Return the key of an account: the number alone is the bank's, not the city's."""
    return f"{bank}|{account_no}"


def account_in_words(key: str) -> str:
    """Return an account as officers read of it: the bank by its code, and the number."""
    bank, _, account_no = key.partition("|")
    return f"{bank}的账户{account_no}"


def identity_of(
    bank: str, event: Mapping[str, object], *, declared: Sequence[str], prefix: str = ""
) -> str:
    """Return an event's identity: bank, account, serial number and the fields the bank declared.

    With ``prefix`` ``reverses_`` it is the identity of the event that a reversal names.
    """
    parts = [event[f"{prefix}serial_no"], *(event[f"{prefix}{name}"] for name in sorted(declared))]
    return "|".join([bank, str(event["account_no"]), *map(str, parts)])


def partition_of(bank: str, account_no: str, *, partitions: int) -> int:
    """Return the partition of an account, the same on every machine and in every version."""
    digest = hashlib.blake2b(account_key(bank, account_no).encode(), digest_size=8).digest()
    return int.from_bytes(digest) % partitions

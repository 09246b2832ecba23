"""The sample city: sixty institutions in twelve towns, three banks, their accounts."""

from random import Random

from stdnum.cn import uscc

from deploy.demo.sample.licensing import licence_of, sites_of
from deploy.demo.sample.model import Account, Bank, City, Institution, Trouble
from deploy.demo.sample.names import BANKS, BRANDS, KIND_WORDS, LEGAL_FORMS, TOWNS

INSTITUTIONS = 60
REGION = "330481"
_ORGANISATION = "0123456789ABCDEFGHJKLMNPQRTUWXY"

_KINDS = ("subject", "culture_arts", "sports", "science_tech")
_TROUBLED = {
    3: Trouble.LONG_ORDERS,
    9: Trouble.LONG_ORDERS,
    13: Trouble.LONG_ORDERS,
    19: Trouble.LONG_PERIODS,
    22: Trouble.LONG_PERIODS,
    28: Trouble.MANY_PUPILS,
    31: Trouble.SPLIT_ORDERS,
    37: Trouble.SHORT_FOR_DAYS,
    40: Trouble.SHORT_FOR_DAYS,
    45: Trouble.FLED,
    50: Trouble.LARGE_GAP,
    54: Trouble.REVOKED,
    59: Trouble.UNKNOWN,
}
"""Which of the sixty goes bad, and how: all four kinds and all three banks are among them."""

_ONLINE_SHARE = 0.1
_SECOND_ACCOUNTS = 5
_RISK_DEPOSITS = 8


def build_city(rng: Random) -> City:
    """Return the city that this source of chance makes."""
    institutions = _institutions(rng)
    banks = tuple(Bank(code=code, name=name, identity_fields=f) for code, name, f in BANKS)
    return City(
        institutions=institutions, banks=banks, accounts=_accounts(rng, institutions, banks)
    )


def social_credit_code(rng: Random, department: str) -> str:
    """Return a 统一社会信用代码 of this region with its check character."""
    organisation = "".join(rng.choices(_ORGANISATION, k=9))
    stem = f"{department}{REGION}{organisation}"
    return stem + str(uscc.calc_check_digit(stem))


def _institutions(rng: Random) -> tuple[Institution, ...]:
    names: set[str] = set()
    found = []
    for number in range(INSTITUTIONS):
        institution = _institution(rng, number, names)
        names.add(institution.name)
        found.append(institution)
    return tuple(found)


def _institution(rng: Random, number: int, taken: set[str]) -> Institution:
    # A step further in each round of the towns, so that every town has every kind.
    kind = _KINDS[(number + number // len(TOWNS)) % len(_KINDS)]
    town, town_name = TOWNS[number % len(TOWNS)]
    department = "52" if kind == "subject" else rng.choice(("91", "91", "91", "92", "52"))
    return Institution(
        name=_name(rng, town_name=town_name, kind=kind, department=department, taken=taken),
        uscc=social_credit_code(rng, department),
        kind=kind,
        stages=_stages(rng, kind),
        mode=(mode := "online" if rng.random() < _ONLINE_SHARE else "offline"),
        town=town,
        licence=licence_of(number, kind),
        sites=sites_of(number, mode),
        trouble=_TROUBLED.get(number),
    )


def _name(rng: Random, *, town_name: str, kind: str, department: str, taken: set[str]) -> str:
    ending = "" if kind == "subject" else LEGAL_FORMS[department]
    while True:
        name = f"海宁市{town_name}{rng.choice(BRANDS)}{rng.choice(KIND_WORDS[kind])}{ending}"
        if name not in taken:
            return name


def _stages(rng: Random, kind: str) -> tuple[str, ...]:
    # The plan allows no subject training before school.
    choices: tuple[tuple[str, ...], ...] = (
        ("compulsory",),
        ("compulsory", "senior_secondary"),
    )
    if kind == "subject":
        choices = (*choices, ("senior_secondary",))
    else:
        choices = (*choices, ("preschool", "compulsory"))
    return rng.choice(choices)


def _accounts(
    rng: Random, institutions: tuple[Institution, ...], banks: tuple[Bank, ...]
) -> tuple[Account, ...]:
    main = [_account(rng, each, banks[i % 3]) for i, each in enumerate(institutions)]
    healthy = [i for i, each in enumerate(institutions) if each.trouble is None]
    second = [
        _account(rng, institutions[i], banks[(i + 1) % 3])
        for i in rng.sample(healthy, _SECOND_ACCOUNTS)
    ]
    deposits = [
        _account(rng, institutions[i], banks[i % 3], kind="risk_deposit")
        for i in rng.sample(healthy, _RISK_DEPOSITS)
    ]
    return (*main, *second, *deposits)


def _account(
    rng: Random, institution: Institution, bank: Bank, *, kind: str = "custody"
) -> Account:
    purpose = "预收费资金托管专户" if kind == "custody" else "风险保证金专户"
    return Account(
        bank=bank,
        account_no=f"3304{rng.randrange(10**12):012d}",
        account_name=f"{institution.name}{purpose}"[:64],
        institution=institution,
        kind=kind,
    )

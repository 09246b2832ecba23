"""What may be filed as a contract, and what a filing is beside what is filed already.

Only the shape is judged here. A fee that the rules forbid is filed all the same: it becomes a
finding, and a contract that was refused would leave nothing to find.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import ClassVar, Final, Literal

from services.fund_monitor.domain.contracts.contract import TrainingContract
from shared.errors import Conflict, Malformed

LONGEST_DAYS: Final = 3_660
"""No period of service and no gap between signing and it is longer: further off is a slip."""
MOST_INSTALMENTS: Final = 60
MOST_PUPILS: Final = 1_000
MOST_MINUTES: Final = 600
MOST_COOLING_OFF_DAYS: Final = 60

Step = Literal["filed", "changed", "duplicate"]


class ContractMisshapen(Malformed):
    """The parts of a contract contradict each other, or say nothing of how it is charged."""


class ContractOfPlatform(Conflict):
    """A platform has filed this contract: only that platform may change it."""

    code: ClassVar[str] = "contract-of-platform"
    title: ClassVar[str] = "合同数据来自平台，只能由该平台更改"


class InstitutionUnknown(Conflict):
    """The register has told nothing of this institution so far; it may yet."""

    code: ClassVar[str] = "institution-unknown"
    title: ClassVar[str] = "尚未收到该机构的登记信息，请稍后重试"
    retry_after_seconds: int = 2


@dataclass(frozen=True, slots=True)
class Filed:
    """What a filing has become: the version that stands now, and whether it is new."""

    contract: TrainingContract
    step: Step


def shape_problems(contract: TrainingContract) -> Iterator[tuple[str, str]]:
    """Tell what of a contract cannot be, field by field."""
    first, last = contract.period_from, contract.period_until
    if (first is None) != (last is None):
        missing = "/period_from" if first is None else "/period_until"
        yield missing, "服务期的首日与末日须同时填写"
    elif first is not None and last is not None and last < first:
        yield "/period_until", f"服务期末日不得早于首日 {first}"
    elif first is not None and last is not None and last - first > timedelta(LONGEST_DAYS):
        yield "/period_until", f"服务期最长 {LONGEST_DAYS} 天"
    if contract.lessons is None and first is None and last is None:
        yield "/lessons", "课时数与服务期至少填写一种"
    if contract.lessons is not None and contract.lessons <= 0:
        yield "/lessons", "课时数须大于 0"
    if abs(contract.starts_on - contract.signed_on) > timedelta(LONGEST_DAYS):
        yield "/starts_on", f"开课日与签订日相差不得超过 {LONGEST_DAYS} 天"
    total = sum(part.amount_fen for part in contract.instalments)
    if contract.instalments and total != contract.price_fen:
        yield "/instalments", f"分期合计 {total} 分，应等于合同价款 {contract.price_fen} 分"


def refuse_misshapen(contract: TrainingContract) -> None:
    """Refuse a contract whose shape cannot be."""
    if problems := list(shape_problems(contract)):
        raise ContractMisshapen("合同各项不一致", fields=problems)


def filed_over(given: TrainingContract, known: TrainingContract | None) -> Filed:
    """Return what a filing becomes beside the version that stands.

    A platform's data win over what was entered by hand, and no other hand changes them.
    """
    if known is None:
        return Filed(replace(given, version=1), "filed")
    same = _content(given) == _content(known)
    if known.platform is not None and given.platform != known.platform:
        if same and given.platform is None:
            return Filed(known, "duplicate")
        raise ContractOfPlatform(f"合同 {known.contract_no} 由平台 {known.platform} 报送")
    if same and given.platform == known.platform:
        return Filed(known, "duplicate")
    return Filed(replace(given, version=known.version + 1), "changed")


def _content(contract: TrainingContract) -> TrainingContract:
    return replace(contract, version=0, source="manual", platform=None)

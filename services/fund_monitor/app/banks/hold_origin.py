"""Hold a bank's request against the networks and certificates that it has registered."""

from typing import ClassVar

from services.fund_monitor.domain.banks.bank import Bank
from services.fund_monitor.store.banks.bank_access import BankAccessStore
from shared.errors import Forbidden
from shared.origin import Origin
from shared.senders.signing import SenderDoor


class SourceAddressRefused(Forbidden):
    """The request comes from an address outside the bank's registered networks."""

    code: ClassVar[str] = "source-address-refused"
    title: ClassVar[str] = "来源地址不在该银行登记的网段内"


class ClientCertificateRefused(Forbidden):
    """The request comes without a certificate that is pinned for the bank."""

    code: ClassVar[str] = "client-certificate-refused"
    title: ClassVar[str] = "客户端证书与该银行登记的不符"


async def hold_origin(
    bank: Bank, origin: Origin, *, access: BankAccessStore, door: SenderDoor
) -> None:
    """Refuse a request from elsewhere, once it is known whose it claims to be by what it holds.

    A good signature from a strange place is worth a row of the audit chain: the secret may be out.
    Each refusal counts like a bad signature, so that a strange place is soon not listened to.
    """
    refusal = _refusal(bank, origin)
    if refusal is None:
        return
    door.count_refused(bank.code, origin.address)
    await access.note_refused(bank.code, origin.address, refusal.code)
    raise refusal


def _refusal(bank: Bank, origin: Origin) -> Forbidden | None:
    if not bank.access.admits_address(origin.address):
        return SourceAddressRefused(
            f"本次请求来自 {origin.address}；请经登记的出口，或申请变更登记"
        )
    if not bank.access.admits_certificate(origin.certificate):
        told = "没有出示证书" if origin.certificate is None else f"出示的是 {origin.certificate}"
        return ClientCertificateRefused(f"{told}（DER 的 SHA-256）；请核对，或申请变更登记")
    return None

"""Let a bank in by its state, once its signature has told who it is."""

from typing import ClassVar

from services.fund_monitor.domain.banks.admission import may_send
from services.fund_monitor.domain.banks.bank import Bank
from shared.errors import Forbidden


class BankSuspended(Forbidden):
    """The bank is suspended: it keeps what happens and sends it when it is live again."""

    code: ClassVar[str] = "bank-suspended"
    title: ClassVar[str] = "该银行已暂停报送"


class BankNotLive(Forbidden):
    """The bank is still trying its interface; the sandbox takes its events, the city does not."""

    code: ClassVar[str] = "bank-not-live"
    title: ClassVar[str] = "该银行尚未上线"


def admit(bank: Bank, *, sandbox: bool) -> None:
    """Refuse a bank that may not send now; only the bank itself gets to know."""
    if may_send(bank.state, sandbox=sandbox):
        return
    if bank.state == "suspended":
        raise BankSuspended("本次事件没有保存：请保留全部事件，恢复后补报，晚到不影响入账")
    raise BankNotLive(f"现为 {bank.state}：请在沙箱检验，上线后再向此地址报送")

"""The numbers of what a bank may be answered. A number is for ever: never change or reuse one."""

from dataclasses import dataclass
from typing import Final

from services.fund_monitor.app.banks.admit import BankNotLive, BankSuspended
from services.fund_monitor.app.banks.file_door import FileNameRefused
from services.fund_monitor.app.banks.hold_origin import (
    ClientCertificateRefused,
    SourceAddressRefused,
)
from services.fund_monitor.app.banks.take_in import IDENTITY_CONFLICT
from services.fund_monitor.app.statements.take_statement import StatementRefused
from services.fund_monitor.store.banks.bank_states import ConformanceMissing, StateNotNext
from services.fund_monitor.store.banks.bank_webhooks import BankWebhookNotFound
from services.fund_monitor.store.banks.banks import BankExists, BankNotFound, IdentityFieldsFixed
from services.fund_monitor.store.banks.dropped_files import FileNumberTaken
from services.fund_monitor.store.ledger.books import PositionNotFound
from services.fund_monitor.store.ledger.closings import ClosingNotFound
from services.fund_monitor.store.ledger.records import AccountNotFound
from services.fund_monitor.store.statements.differences import DifferenceEnded, DifferenceNotFound
from services.fund_monitor.store.statements.statements import NoStatementLayout, StatementNotFound
from shared import errors
from shared.errors import Refusal
from shared.idempotency import KeyedRequestRunning, KeyReused
from shared.in_hand import Busy
from shared.notify.addresses import AddressRefused
from shared.problem import PLAIN_TITLES, Problem, problem_of
from shared.senders.lockout import LockedOut
from shared.senders.store import SecretNotFound, TwoSecretsLive

_NO_SECONDS: Final = 1


@dataclass(frozen=True, slots=True)
class Numbered:
    """One kind of answer, its number, and what a bank does about it."""

    number: str
    problem: Problem
    chinese: str
    english: str


def _kind(kind: type[Refusal]) -> Problem:
    """Return what is the same in every answer of a kind."""
    # The one refusal that is made with a figure; its kind does not depend on it.
    refusal = kind(_NO_SECONDS)
    return problem_of(refusal)


def _plain(status: int) -> Problem:
    code, title = PLAIN_TITLES[status]
    return Problem(type=f"urn:haining:problem:{code}", title=title, status=status)


_CRASHED = Problem(type="about:blank", title="内部错误", status=500)

NUMBERED: Final = (
    Numbered("E1001", _kind(errors.Malformed), "按 errors 逐项更正后重报", "correct, send again"),
    Numbered(
        "E1002",
        _kind(errors.Unauthenticated),
        "核对密钥、时钟、所签字节和令牌",
        "check secret, clock, bytes, token",
    ),
    Numbered(
        "E1003", _kind(errors.Forbidden), "只能查询本行；核对令牌", "a bank reads its own only"
    ),
    Numbered("E1004", _kind(errors.TooLarge), "分批报送", "split"),
    Numbered(
        "E1005", _kind(errors.TooManyRequests), "按 Retry-After 重发", "repeat after Retry-After"
    ),
    Numbered(
        "E1006",
        _kind(LockedOut),
        "核对密钥和时钟，按 Retry-After 等候",
        "check secret and clock, wait",
    ),
    Numbered(
        "E1007",
        _kind(errors.Unavailable),
        "按 Retry-After 整批重发",
        "repeat whole after Retry-After",
    ),
    Numbered(
        "E1008", _kind(BankSuspended), "保留全部事件，恢复后补报", "keep everything, send it later"
    ),
    Numbered("E1009", _kind(BankNotLive), "在沙箱检验，上线后再报送", "use the sandbox until live"),
    Numbered(
        "E1010", IDENTITY_CONFLICT, "核对两次内容，与市人民银行联系", "compare both bodies, call"
    ),
    Numbered("E1011", _kind(errors.NotYet), "按 Retry-After 再查", "ask again after Retry-After"),
    Numbered(
        "E1012",
        _kind(AccountNotFound),
        "核对账号；开户事件是否已报",
        "check the number, was it opened",
    ),
    Numbered("E1013", _plain(404), "核对地址", "check the address"),
    Numbered("E1014", _plain(405), "核对方法", "check the method"),
    Numbered(
        "E1015", _CRASHED, "不知道是否保存：整批重发，重复无害", "unknown: repeat whole, harmless"
    ),
    Numbered(
        "E1016",
        _kind(SourceAddressRefused),
        "经登记的出口报送，或申请变更登记",
        "send from a registered network",
    ),
    Numbered(
        "E1017",
        _kind(ClientCertificateRefused),
        "核对证书，或申请变更登记",
        "show a registered certificate",
    ),
    Numbered(
        "E1018",
        _kind(Busy),
        "没有保存：按 Retry-After 整批重发，勿加快",
        "not stored: repeat whole after Retry-After, no faster",
    ),
    Numbered("E1019", _kind(errors.TooSlow), "核对网络，整批重发", "check the line, repeat whole"),
    Numbered("E1101", _kind(BankNotFound), "核对银行代码", "check the bank's code"),
    Numbered("E1102", _kind(BankExists), "换一个代码；密钥遗失则换发", "another code, or rotate"),
    Numbered("E1103", _kind(IdentityFieldsFixed), "与监管方商定切换方案", "agree a cut-over"),
    Numbered("E1104", _kind(TwoSecretsLive), "等旧密钥到期或作废其一", "wait, or revoke one"),
    Numbered("E1105", _kind(SecretNotFound), "核对密钥编号", "check the secret's id"),
    Numbered("E1106", _kind(KeyReused), "新请求用新的键", "a new request, a new key"),
    Numbered(
        "E1107", _kind(KeyedRequestRunning), "稍后以同一键重发", "repeat shortly under the key"
    ),
    Numbered("E1108", _kind(StateNotNext), "按第 9 节的次序变更", "follow the order of section 9"),
    Numbered("E1109", _kind(ConformanceMissing), "附上检验结果的摘要", "give the result's digest"),
    Numbered("E1110", _kind(AddressRefused), "换用公网 https 地址", "a public https address"),
    Numbered("E1111", _kind(BankWebhookNotFound), "先登记地址", "set the address first"),
    Numbered("E1201", _kind(NoStatementLayout), "先登记列映射", "declare the mapping first"),
    Numbered(
        "E1202", _kind(StatementRefused), "按所指行列更正，整份重报", "correct, send the whole file"
    ),
    Numbered("E1203", _kind(StatementNotFound), "核对对账日", "check the day"),
    Numbered("E1204", _kind(DifferenceNotFound), "核对差异编号", "check the difference's id"),
    Numbered("E1205", _kind(DifferenceEnded), "已办结，无需答复", "nothing is left to answer"),
    Numbered(
        "E1206", _kind(ClosingNotFound), "核对日期；尚未日结", "check the day, not closed yet"
    ),
    Numbered(
        "E1207", _kind(PositionNotFound), "核对账号和合同编号", "check account and contract number"
    ),
    Numbered("E1301", _kind(FileNameRefused), "按第 13 节命名", "name it as section 13 says"),
    Numbered("E1302", _kind(FileNumberTaken), "换用下一个顺序号", "take the next running number"),
)

"""File a custody account, and what the competent department makes of the filing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from services.fund_monitor.domain.custody.custody import FiledAccount, Filing, check_filed
from services.fund_monitor.store.banks.banks import BankStore
from services.fund_monitor.store.custody.filings import FilingStore
from services.fund_monitor.store.institutions import InstitutionReplica
from services.fund_monitor.store.ledger.account_events import AccountEventStore
from shared.access.tokens import Caller
from shared.audit.log import AuditLog, Entry, Who
from shared.city_time import city_date
from shared.errors import Conflict, Forbidden, Rejected
from shared.ids import new_id
from shared.mongo import Row, Session, transact


class AccountFiledOtherwise(Conflict):
    """This account is filed already, with other particulars or by another institution."""

    code: ClassVar[str] = "account-filed-otherwise"
    title: ClassVar[str] = "该账户已另行备案"


class InstitutionNotActive(Rejected):
    """Only an institution that the register knows as active files an account."""

    code: ClassVar[str] = "institution-not-active"
    title: ClassVar[str] = "机构未登记或已注销"


class BankNotKnown(Rejected):
    """An account lies with a bank that has been registered here: no other can tell of it."""

    code: ClassVar[str] = "bank-not-known"
    title: ClassVar[str] = "银行尚未登记"


class SecondAccountFiled(Rejected):
    """An institution has one account of a kind; another one replaces it by name."""

    code: ClassVar[str] = "second-account-filed"
    title: ClassVar[str] = "机构已备案同类账户"


class FilingDateWrong(Rejected):
    """A filing is dated no later than today; an institution's own on the day it comes in."""

    code: ClassVar[str] = "filing-date-wrong"
    title: ClassVar[str] = "备案日期有误"


@dataclass(frozen=True, slots=True)
class AccountDesk:
    """The collaborators of filing; each method is a use case."""

    filings: FilingStore
    events: AccountEventStore
    institutions: InstitutionReplica
    banks: BankStore
    audit: AuditLog

    async def file(
        self, content: FiledAccount, *, filed_on: date | None, caller: Caller, now: datetime
    ) -> tuple[Filing, bool]:
        """File an account once; ``False`` when the same was filed before."""
        day = _dated(filed_on, caller, city_date(now))

        async def work(session: Session) -> tuple[Filing, bool]:
            known = await self.filings.of_key(content.natural_key, session=session)
            if known is not None and known.counts:
                if known.content != content:
                    raise AccountFiledOtherwise("该账户已备案；变更账户须另行备案并写明替换哪一个")
                return known, False
            institution = await self._active(content, session)
            check_filed(content, institution=institution["name"])
            await self._check_bank(content)
            await self._check_only_one(content, session)
            if known is None:
                filing = Filing(
                    account_id=new_id(), version=1, content=content, filed_on=day, filed_at=now
                )
            else:
                filing = known.filed_anew(content, filed_on=day, at=now)
            await self._write(filing, institution, "filed", caller, session)
            return filing, True

        return await transact(self.filings.db, work)

    async def confirm(self, account_id: str, *, caller: Caller, now: datetime) -> Filing:
        """Confirm a filing; repeating it changes nothing."""

        def decided(filing: Filing) -> Filing:
            return filing.decided("confirmed", reason=None, at=now)

        return await self._change(account_id, decided, "confirmed", caller)

    async def refuse(
        self, account_id: str, *, reason: str, caller: Caller, now: datetime
    ) -> Filing:
        """Refuse a filing with a reason; it may be filed anew."""

        def decided(filing: Filing) -> Filing:
            return filing.decided("refused", reason=reason, at=now)

        return await self._change(account_id, decided, "refused", caller)

    async def confirm_opening(
        self, account_id: str, *, amount_fen: int, caller: Caller, now: datetime
    ) -> Filing:
        """Confirm the balance with which an account enters supervision."""

        def decided(filing: Filing) -> Filing:
            return filing.with_opening(amount_fen, at=now)

        return await self._change(account_id, decided, "opening_confirmed", caller)

    async def _change(
        self, account_id: str, decided: Callable[[Filing], Filing], action: str, caller: Caller
    ) -> Filing:
        async def work(session: Session) -> Filing:
            seen = await self.filings.get(account_id, session=session)
            institution = await self.institutions.row_of(
                seen.content.institution_id, session=session
            )
            if institution is None:
                raise InstitutionNotActive("登记状态中没有该机构")
            check_competent(caller, institution)
            filing = decided(seen)
            if filing is not seen:
                await self._write(filing, institution, action, caller, session)
            return filing

        return await transact(self.filings.db, work)

    async def _active(self, content: FiledAccount, session: Session) -> Row:
        institution = await self.institutions.row_of(content.institution_id, session=session)
        if institution is None or institution["status"] != "active":
            raise InstitutionNotActive(
                "登记状态中没有该机构，或其已注销",
                fields=[("/institution_id", "须为在册机构")],
            )
        return institution

    async def _check_bank(self, content: FiledAccount) -> None:
        if content.bank is not None and await self.banks.find(content.bank) is None:
            rule = f"没有登记代码为 {content.bank} 的银行：请核对，或请市金融办先登记该银行"
            raise BankNotKnown(rule, fields=[("/bank", rule)])

    async def _check_only_one(self, content: FiledAccount, session: Session) -> None:
        """One account of a kind: another is filed as the one that replaces it."""
        owner = content.institution_id
        filed = await self.filings.of_institutions([owner], session=session)
        others = [
            f for f in filed[owner] if f.counts and f.content.natural_key != content.natural_key
        ]
        if content.replaces is not None and content.replaces not in {f.account_id for f in others}:
            raise SecondAccountFiled(
                "所替换的账户不是该机构已备案的账户", fields=[("/replaces", "不是本机构的备案")]
            )
        replaced = {f.content.replaces for f in others} | {content.replaces}
        standing = [
            f
            for f in others
            if f.content.account_kind == content.account_kind and f.account_id not in replaced
        ]
        accounts = [f.content.account for f in standing if f.content.account is not None]
        standings = await self.events.standings(accounts, session=session)
        if any(standings[account].closed is None for account in accounts):
            raise SecondAccountFiled(
                "机构已有同类账户在用，一个机构只设一个；变更账户须写明替换哪一个",
                fields=[("/replaces", "须写明所替换的备案编号")],
            )

    async def _write(
        self, filing: Filing, institution: Row, action: str, caller: Caller, session: Session
    ) -> None:
        await self.filings.write(filing, uscc=institution["uscc"], session=session)
        opening = None if filing.opening is None else filing.opening.amount_fen
        entry = Entry(
            action=f"custody_account.{action}",
            about_kind="custody_account",
            about_id=filing.account_id,
            who=Who.of(caller),
            why=filing.reason,
            details={
                "version": filing.version,
                "institution_id": filing.content.institution_id,
                "mode": filing.content.mode,
                "opening_balance_fen": opening,
            },
        )
        await self.audit.record(entry, session=session)


def check_competent(caller: Caller, institution: Row) -> None:
    """Only the competent department of an institution decides what it has filed."""
    if caller.role != "admin" and caller.department != institution["competent_department"]:
        raise Forbidden("只有该机构的主管部门可以办理")


def _dated(filed_on: date | None, caller: Caller, today: date) -> date:
    day = filed_on or today
    if day > today or (caller.role == "institution" and day != today):
        rule = "备案日期不得晚于今天；机构自行备案的须为当天"
        raise FilingDateWrong(rule, fields=[("/filed_on", rule)])
    return day

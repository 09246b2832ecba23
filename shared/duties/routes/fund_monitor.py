"""Where findings about prepaid fees and their custody go."""

from typing import Final

from shared.duties.parties import COMPETENT, Party, Route, by_duty

_CUSTODY_RECEIPTS = (
    by_duty("pboc.1"),
    by_duty("cbirc.1"),
    Party("finance_office", ("group.funds", "finance_office.1"), "牵头资金监管组，防控金融风险。"),
)

_FEES = Route(
    lead=Party(COMPETENT, ("task.24",), "管理所主管机构按合同一次收取的费用。"),
    assist=(by_duty("market_regulation.7"),),
    inform=_CUSTODY_RECEIPTS,
)

_ACCOUNTS = Route(
    lead=Party(COMPETENT, ("task.24",), "核查所主管机构的培训费专户：备案、名称、余额与冻结。"),
    inform=_CUSTODY_RECEIPTS,
)

ROUTES: Final[dict[str, Route]] = {
    "fund.over_collection": Route(
        lead=Party(
            COMPETENT, ("task.24",), "管理所主管机构的收费，不得一次收取超过3个月或60课时的费用。"
        ),
        inform=_CUSTODY_RECEIPTS,
    ),
    "fund.fee_lessons": _FEES,
    "fund.fee_period": _FEES,
    "fund.fee_ceiling": _FEES,
    "fund.fee_ceiling_subject": _FEES,
    "fund.fee_early": _FEES,
    "fund.guide_price": Route(
        lead=Party(COMPETENT, ("task.24",), "管理所主管机构的收费，执行政府指导价。"),
        assist=(by_duty("development_reform.2"), by_duty("market_regulation.6")),
        inform=_CUSTODY_RECEIPTS,
    ),
    "fund.coverage": Route(
        lead=Party(COMPETENT, ("task.24",), "对所主管机构的预收费作风险管控。"),
        inform=_CUSTODY_RECEIPTS,
    ),
    "fund.unallocated_money": Route(
        lead=Party(COMPETENT, ("task.24",), "督促所主管机构将收款及时对应到合同。"),
        inform=_CUSTODY_RECEIPTS,
    ),
    "fund.unmatched_release": Route(
        lead=Party(COMPETENT, ("task.24",), "核查所主管机构未与授课同步、同比例的资金划拨。"),
        inform=_CUSTODY_RECEIPTS,
    ),
    "fund.lesson_mismatch": Route(
        lead=Party(COMPETENT, ("task.24",), "核查所主管机构与合同、到课人数不符的消课。"),
        inform=_CUSTODY_RECEIPTS,
    ),
    "fund.unregistered_money": Route(
        lead=Party(
            COMPETENT, ("task.24", "task.28"), "核查未登记或已注销的机构为何仍在收取培训费。"
        ),
        inform=_CUSTODY_RECEIPTS,
    ),
    "fund.refund_surge": Route(
        lead=Party(COMPETENT, ("task.24",), "核查所主管机构的退费申请为何激增，防范卷款停办。"),
        inform=_CUSTODY_RECEIPTS,
    ),
    "fund.refund_overdue": Route(
        lead=Party(COMPETENT, ("task.24",), "督促所主管机构按时退还已同意或已决定退还的费用。"),
        assist=(by_duty("market_regulation.7"),),
        inform=_CUSTODY_RECEIPTS,
    ),
    "fund.refund_route": Route(
        lead=Party(COMPETENT, ("task.24",), "核查所主管机构的退费为何不由原收款账户退回。"),
        inform=_CUSTODY_RECEIPTS,
    ),
    "fund.second_account": _ACCOUNTS,
    "fund.account_name": _ACCOUNTS,
    "fund.account_unfiled": _ACCOUNTS,
    "fund.account_frozen": _ACCOUNTS,
    "fund.frozen_account_outflow": _ACCOUNTS,
    "fund.closed_account_inflow": _ACCOUNTS,
    "fund.closed_account_outflow": _ACCOUNTS,
    "fund.opening_balance": _ACCOUNTS,
    "fund.post_paid_prepayment": Route(
        lead=Party(COMPETENT, ("task.24",), "核查所主管机构备案为先培训后付费，为何仍预收费用。"),
        inform=_CUSTODY_RECEIPTS,
    ),
    "fund.risk_deposit": Route(
        lead=Party(COMPETENT, ("task.24",), "督促所主管机构补足风险保证金。"),
        inform=_CUSTODY_RECEIPTS,
    ),
    "fund.bank_silent": Route(
        lead=Party(
            "pboc", ("pboc.1",), "指导银行管好培训费专户，查明银行为何停止报送，督促其恢复。"
        ),
        inform=_CUSTODY_RECEIPTS,
    ),
    "fund.difference_overdue": Route(
        lead=Party(
            "pboc", ("pboc.1",), "指导银行管好培训费专户，督促其说明报送与余额、对账文件的差异。"
        ),
        inform=_CUSTODY_RECEIPTS,
    ),
    "fund.identity_conflict": Route(
        lead=Party(
            "pboc",
            ("pboc.1",),
            "指导银行管好培训费专户，核查银行以同一流水报送的不同内容。",
        ),
        inform=_CUSTODY_RECEIPTS,
    ),
}

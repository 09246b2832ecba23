"""Government guide prices of compulsory-stage subject classes (indicator F18)."""

from fractions import Fraction

from services.fund_monitor.domain.contracts.contract import TrainingContract
from services.fund_monitor.domain.fees.fee_rules import Band, GuidePrice, band_of
from services.fund_monitor.domain.rules.breach import Breach
from services.fund_monitor.domain.rules.fee_cards import MOST_ABOVE_BASE, UNIT_MINUTES
from services.fund_monitor.domain.rules.fees import number, yuan

BAND_NAMES: dict[Band, str] = {
    "under_10": "10人以下",
    "from_10_to_35": "10至35人",
    "over_35": "35人以上",
}


def has_guide_price(contract: TrainingContract) -> bool:
    """Only subjects of the compulsory stage have a guide price."""
    return contract.course_kind == "subject" and contract.stage == "compulsory"


def base_of(contract: TrainingContract, guide: GuidePrice) -> Fraction | None:
    """Return the base price of a whole contract in fen, exactly; none without lessons to count."""
    if contract.lessons is None:
        return None
    units = Fraction(contract.lessons) * contract.lesson_minutes / UNIT_MINUTES[contract.mode]
    return units * guide.base_fen(band_of(contract.class_size))


def price_within_guide(contract: TrainingContract, guide: GuidePrice) -> Breach | None:
    """A contract costs at most the base pro rata; above it is told, above 110 % is grave."""
    base = base_of(contract, guide)
    if base is None or contract.price_fen <= base:
        return None
    most = base * MOST_ABOVE_BASE
    above = contract.price_fen > most
    band = band_of(contract.class_size)
    message = (
        f"{BAND_NAMES[band]}班{number(Fraction(contract.lessons or 0))}课时"
        f"（每课时{contract.lesson_minutes}分钟）收费{yuan(contract.price_fen)}，"
        f"高于基准价{yuan(int(base))}"
    )
    message += f"上浮10%后的{yuan(int(most))}" if above else "，在上浮10%以内"
    figures: dict[str, int | str] = {
        "price_fen": contract.price_fen,
        "base_fen": int(base),
        "most_fen": int(most),
        "band": band,
        "doc_no": guide.doc_no,
    }
    evidence = (f"contract:{contract.contract_no}",)
    return Breach("red" if above else "yellow", message, evidence, figures)

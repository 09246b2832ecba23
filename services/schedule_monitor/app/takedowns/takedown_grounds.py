"""What a request to a platform rests on: every ground is looked up, with its rule's article."""

from dataclasses import dataclass
from typing import ClassVar, Final

from services.schedule_monitor.app.held.judge_held import HeldCourt, read_held
from services.schedule_monitor.domain.held.held import HeldSessionNotFound
from services.schedule_monitor.domain.practices.practice import PracticeReportNotFound, Report
from services.schedule_monitor.domain.practices.practice_breaches import hits_of
from services.schedule_monitor.domain.rules.cards import CARDS
from services.schedule_monitor.domain.takedowns import COURSE, INSTITUTION, KEEPER, GroundKind
from services.schedule_monitor.store.patrols.visits import VisitStore
from services.schedule_monitor.store.practices import PracticeStore
from services.schedule_monitor.store.timetables.courses import CourseStore
from shared.alerts.model import Actor, RuleFacts
from shared.alerts.store import AlertNotFound, AlertStore
from shared.errors import Rejected
from shared.rules import RuleCard
from shared.takedown.model import Ground, Hand, Recipient, Thing

_NO_REPORT: Final = "没有这件反映，或它不由您所在的部门报送或办理"


class GroundRefused(Rejected):
    """A ground is not there, is no matter of this thing, or says something else."""

    code: ClassVar[str] = "ground-refused"
    title: ClassVar[str] = "依据不成立"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """A ground as it is stated; an alert and a report bring their own rule."""

    kind: GroundKind
    reference: str
    says: str
    rule: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """What a ground must be about, and who cites it."""

    recipient: Recipient
    thing: Thing
    by: Hand

    @property
    def institution_id(self) -> str | None:
        return self.thing.marks.get(INSTITUTION)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroundRecords:
    """Where grounds are looked up."""

    alerts: AlertStore
    court: HeldCourt
    courses: CourseStore
    practices: PracticeStore
    visits: VisitStore


async def ground_of(cited: Cited, place: str, matter: Matter, records: GroundRecords) -> Ground:
    """Return a ground that holds; ``place`` points at it in the request, should it not."""
    match cited.kind:
        case "alert":
            rule = await _of_alert(cited, place, matter, records)
        case "held_session":
            rule = RuleFacts.of(await _of_session(cited, place, matter, records))
        case "course":
            rule = RuleFacts.of(await _of_course(cited, place, matter, records))
        case "report":
            rule = RuleFacts.of(await _of_report(cited, place, matter, records))
        case "visit":
            rule = RuleFacts.of(await _of_visit(cited, place, matter, records))
    return Ground(
        kind=cited.kind,
        reference=cited.reference,
        rule=rule.code,
        title=rule.title,
        article=rule.article,
        origin=rule.origin,
        says=cited.says,
    )


async def _of_alert(cited: Cited, place: str, matter: Matter, records: GroundRecords) -> RuleFacts:
    actor = Actor(matter.by.person or "", matter.by.office)
    try:
        alert = await records.alerts.seen_by(cited.reference, by=actor)
    except AlertNotFound as error:
        raise _refused(f"{place}/reference", "没有这条预警，或它未送达您所在的部门") from error
    about, institution_id = alert.about, matter.institution_id
    if institution_id is not None and (about.kind, about.id) != ("institution", institution_id):
        raise _refused(f"{place}/reference", "该预警与所列机构无关")
    ended = alert.disposal
    if alert.state == "superseded" or (ended is not None and ended.outcome == "unfounded"):
        raise _refused(f"{place}/reference", "该预警已撤销，或已判为不成立")
    if cited.rule not in (None, alert.rule.code):
        raise _refused(f"{place}/rule", f"该预警的规则是{alert.rule.code}")
    return alert.rule


async def _of_session(cited: Cited, place: str, matter: Matter, records: GroundRecords) -> RuleCard:
    card = _card(cited, place)
    try:
        kept, registered, judged = await read_held(cited.reference, court=records.court)
    except HeldSessionNotFound as error:
        raise _refused(f"{place}/reference", "没有这节实际上课记录") from error
    if matter.institution_id not in (None, registered.institution_id):
        raise _refused(f"{place}/reference", "这节课不是所列机构的")
    if judged is None or kept.held.withdrawn:
        raise _refused(f"{place}/reference", "这节课已由报送方更正为没有上")
    found = {one.rule.card.code for one in judged.judged.findings}
    found |= {one.rule.card.code for one in judged.findings}
    if card.code not in found:
        raise _refused(f"{place}/rule", "按现时的判断，这节课没有违反这条规则")
    return card


async def _of_course(cited: Cited, place: str, matter: Matter, records: GroundRecords) -> RuleCard:
    card, institution_id = _card(cited, place), matter.institution_id
    if institution_id is None or not await records.courses.find(institution_id, cited.reference):
        raise _refused(f"{place}/reference", "该机构没有备案这门课程")
    if matter.thing.marks.get(COURSE, cited.reference) != cited.reference:
        raise _refused(f"{place}/reference", "不是要求下架的这门课程")
    return card


async def _of_report(cited: Cited, place: str, matter: Matter, records: GroundRecords) -> RuleCard:
    """Return the rule that an upheld report is held against; a tip not looked into is none."""
    try:
        report = await records.practices.get(cited.reference)
    except PracticeReportNotFound as error:
        raise _refused(f"{place}/reference", _NO_REPORT) from error
    by = matter.by
    if by.role != "admin" and by.office not in (report.office, *report.responsible, KEEPER):
        raise _refused(f"{place}/reference", _NO_REPORT)
    if not _is_about(report, matter):
        raise _refused(f"{place}/reference", "这件反映与所列机构或平台无关")
    if report.state != "upheld":
        raise _refused(f"{place}/reference", "这件反映尚未认定，或者不认定、已撤回")
    told = report.told.institution_id
    registered = None if told is None else await records.court.institutions.get(told)
    cards = {hit.rule.card.code: hit.rule.card for hit in hits_of(report, registered)}
    code = next(iter(cards)) if cited.rule is None and len(cards) == 1 else cited.rule
    if code not in cards:
        broken = "、".join(cards) or "无（所述日期尚无规定）"
        raise _refused(f"{place}/rule", f"这件反映违反的规则是：{broken}")
    return cards[code]


def _is_about(report: Report, matter: Matter) -> bool:
    """Tell whether a report is about the thing's institution, or about who is asked.

    A platform that has not registered is known by the name under which it was reported.
    """
    if report.told.platform is not None:
        return report.told.platform in (matter.recipient.code, matter.recipient.name)
    return matter.institution_id in (None, report.told.institution_id)


async def _of_visit(cited: Cited, place: str, matter: Matter, records: GroundRecords) -> RuleCard:
    card = _card(cited, place)
    visit = await records.visits.find(cited.reference)
    if visit is None or visit.withdrawn:
        raise _refused(f"{place}/reference", "没有这次巡查，或其结果已撤回")
    if matter.institution_id not in (None, visit.institution_id):
        raise _refused(f"{place}/reference", "这次巡查去的不是所列机构")
    if card.code not in visit.standing:
        raise _refused(f"{place}/rule", "这次巡查没有确认违反这条规则")
    return card


def _card(cited: Cited, place: str) -> RuleCard:
    card = CARDS.get(cited.rule or "")
    if card is None:
        raise _refused(f"{place}/rule", "须写明违反的规则代码")
    return card


def _refused(pointer: str, why: str) -> GroundRefused:
    return GroundRefused(fields=[(pointer, why)])

"""What is declared in one place is complete in the other."""

import importlib
import pkgutil
from collections import Counter

import services
from deploy.rule_cards import cards
from shared.duties.departments import DEPARTMENTS
from shared.duties.parties import COMPETENT_DEPARTMENTS
from shared.duties.routing import ROUTES, route
from shared.messaging.permissions import SERVICES
from shared.messaging.topology import CONSUMERS, STREAMS

CARDS = cards()


def test_there_are_rules():
    assert {card.code for card in CARDS} >= {"fund.coverage", "fund.over_collection"}


def test_every_rule_has_a_route_and_every_route_a_rule():
    assert {card.code for card in CARDS} == set(ROUTES)


def test_every_rule_reaches_a_department_whoever_is_competent():
    known = {department.code for department in DEPARTMENTS}
    for card in CARDS:
        for competent in (None, *COMPETENT_DEPARTMENTS):
            assert route(card.code, competent=competent).lead in known


def test_no_two_rules_share_a_code():
    twice = [code for code, times in Counter(card.code for card in CARDS).items() if times > 1]

    assert not twice


def test_every_rule_says_where_it_is_written():
    for card in CARDS:
        assert card.title
        assert card.applies_to
        assert card.article.document
        assert card.article.clause


def test_no_two_durables_and_no_two_streams_share_a_name():
    # Across streams too: permissions and runbooks speak of a durable by its name alone.
    for names in ([one.name for one in CONSUMERS], [one.name for one in STREAMS]):
        assert len(names) == len(set(names))


def test_every_durable_reads_a_declared_stream_for_somebody_known():
    streams = {stream.name for stream in STREAMS}

    assert {consumer.stream for consumer in CONSUMERS} <= streams
    assert {"fund_monitor"} <= {consumer.reader for consumer in CONSUMERS}


def test_every_service_is_a_package_with_its_own_entrance():
    packages = {found.name for found in pkgutil.iter_modules(services.__path__)}

    assert packages == set(SERVICES)
    for name in packages:
        assert name == importlib.import_module(f"services.{name}.main").SERVICE

"""The sample and its oracle's ledger by their seed, each made once a process: seconds of work."""

from functools import cache

from deploy.demo.acting.watching import watched_in
from deploy.demo.sample.build import build_sample
from deploy.demo.sample.model import Sample
from deploy.demo.sample.watched.model import Watched
from tests.deploy.demo import oracle


@cache
def sample_of(seed: int) -> Sample:
    return build_sample(seed)


@cache
def ledger_of(seed: int) -> oracle.Ledger:
    return oracle.settle(sample_of(seed).sendings)


@cache
def watched_of(seed: int) -> Watched:
    return watched_in(sample_of(seed))

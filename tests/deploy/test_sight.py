"""What the stack's real processes leave of their work: one trace across them, and nobody in it."""

import io
import json
from collections import defaultdict

import pytest
from rich.console import Console

from deploy.demo.acting.doors import Doors, client
from deploy.demo.acting.push import push
from deploy.demo.acting.registering import make_banks, register_institutions
from deploy.demo.acting.secret_file import SecretFile
from deploy.demo.sample.term import AS_OF
from deploy.demo.showing.figures import settled_figures
from deploy.local.layout import Layout
from deploy.local.options import Options
from deploy.local.services import spans_file
from deploy.local.stack import local_stack
from tests.deploy.demo.samples import sample_of
from tests.deploy.demo.test_journey import free_port_base

SAMPLE = sample_of(2026)
REQUESTS = SAMPLE.waves[0][:6]

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]


async def test_a_trace_leads_through_the_processes_and_names_nobody(tmp_path):
    layout = Layout(tmp_path / "stack")
    options = Options(as_of=AS_OF, port_base=free_port_base())
    say = Console(file=io.StringIO()).print

    async with local_stack(options, say=say, layout=layout) as stack, client() as http:
        doors = Doors(http=http, urls=stack.urls, tokens=stack.issuer.token)
        await register_institutions(doors, SAMPLE)
        secrets = await make_banks(doors, SAMPLE, SecretFile(layout.root / "banks.json"))
        await push(doors, REQUESTS, secrets=secrets, progress=lambda _events: None)
        await settled_figures(doors, sent=sum(len(request.sendings) for request in REQUESTS))

    # Read after the end: a process that ends well has sent on what it had.
    serve = spans_file(layout, "fund_monitor-serve").read_text()
    work = spans_file(layout, "fund_monitor-work").read_text()
    requests = [span for span in spans(serve) if span["name"] == "POST /v1/banks/{bank}/events"]
    steps = defaultdict(set)
    for span in spans(work):
        steps[span["trace_id"]].add(span["name"])
    roads = [steps[request["trace_id"]] for request in requests]
    assert len(roads) == len(REQUESTS)
    assert all("BANK_INTAKE process" in road for road in roads)
    assert any({"post batch", "judge", "ALERTS publish"} <= road for road in roads)
    for named in telling(REQUESTS):
        assert named not in serve + work


def spans(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def telling(requests) -> set[str]:
    """Return what events say of accounts and people."""
    fields = ("account_no", "account_name", "student_ref", "contract_no")
    bodies = [sending.body for request in requests for sending in request.sendings]
    found = {str(body[field]) for body in bodies for field in fields if body.get(field)}
    assert len(found) > len(requests)
    # A short one could stand in an id by chance.
    return {text for text in found if len(text) >= 8}

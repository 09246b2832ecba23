"""The page of messages: everything the document says, and nothing from elsewhere."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import httpx
import pytest

from deploy.contracts import FOLDER
from shared.asyncapi_page import NAMES, POLICY, operations_of, page_of, paragraphs
from shared.messaging.permissions import SERVICES
from tests.support.apps import applications

# Held against the code by a test of their own.
DOCUMENTS = {
    service: json.loads((FOLDER / "asyncapi" / f"{service}.json").read_text())
    for service in SERVICES
}


class Links(HTMLParser):
    """Collects what a browser would fetch or lead to, and the words of the page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.words = ""
        self.feed(page)

    def handle_starttag(self, _tag, attributes):
        self.found |= {value for name, value in attributes if name in {"src", "href", "action"}}

    def handle_data(self, data):
        self.words += data


@pytest.mark.parametrize("service", SERVICES)
class TestPage:
    def test_shows_every_channel_and_every_field(self, service):
        document = DOCUMENTS[service]

        words = Links(page_of(document)).words

        fields = {
            field
            for schema in document["components"]["schemas"].values()
            for field in schema.get("properties", {})
        }
        addresses = {channel["address"] for channel in document["channels"].values()}
        assert not [each for each in fields | addresses if each not in words]

    def test_refers_to_nothing_elsewhere(self, service):
        page = page_of(DOCUMENTS[service])

        assert {each for each in Links(page).found if not re.match(r"[/#](?!/)", each)} == set()
        assert not re.search(r"url\(|@import|<script", page)

    def test_leads_to_places_it_has(self, service):
        page = page_of(DOCUMENTS[service])

        places = set(re.findall(r'id="([^"]+)"', page))
        assert {each[1:] for each in Links(page).found if each.startswith("#")} <= places

    def test_calls_every_message_by_its_chinese_name(self, service):
        sent = {name for each in operations_of(DOCUMENTS[service]) for name in each.payloads}

        assert sent <= set(NAMES)


def test_takes_words_of_a_document_as_words():
    document = json.loads(json.dumps(DOCUMENTS["registry"]))
    document["info"]["title"] = "<script>alert(1)</script>"

    page = page_of(document)

    assert "<script>" not in page
    assert "<script>alert(1)</script>" in Links(page).words


def test_shows_a_docstring_as_running_text_with_its_code_marked():
    assert paragraphs("One thing\n    told in ``two`` lines.\n\nAnd <more>.") == [
        "One thing told in <code>two</code> lines.",
        "And &lt;more&gt;.",
    ]


def test_style_is_what_the_policy_admits():
    [style] = re.findall(r"<style>(.*?)</style>", page_of(DOCUMENTS["registry"]), re.DOTALL)

    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in POLICY


@pytest.mark.integration
@pytest.mark.parametrize("path", ["/docs", "/docs/asyncapi"])
async def test_is_served_to_browsers_that_fetch_nothing_from_elsewhere(path, database, access):
    for application in (await applications(database, access)).values():
        transport = httpx.ASGITransport(application)
        async with httpx.AsyncClient(transport=transport, base_url="http://tests") as client:
            answer = await client.get(path)

        policy = answer.headers["content-security-policy"]
        assert answer.status_code == 200
        assert policy.startswith("default-src 'none'")
        assert "//" not in policy
        assert {each for each in Links(answer.text).found if "//" in each} == set()

"""Pages, and the widget's files that any page may load."""

import re
from html import escape

import pytest
from fastapi.testclient import TestClient

from app.web.app import create_app
from app.web.pages import HERE
from app.web.widget_bundle import widget_bundle
from tests.support.fake_web import FakeContainer


@pytest.fixture
def client():
    with TestClient(create_app(FakeContainer()), client=("127.0.0.1", 5000)) as client:
        yield client


def test_the_demo_page_holds_nothing_inline_and_nothing_from_elsewhere(client):
    page = client.get("/")

    assert page.status_code == 200
    assert "Mira" in page.text
    assert "When are you open?" in page.text
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page.text)
    assert not re.search(r"(src|href)=\"(https?:)?//", page.text)


def test_the_snippet_builder_offers_the_file_that_is_served(client):
    page = client.get("/embed")

    bundle = widget_bundle()
    assert page.status_code == 200
    assert f'data-file="{bundle.name}"' in page.text
    assert f'data-integrity="{escape(bundle.integrity)}"' in page.text
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page.text)
    assert client.get(f"/{bundle.name}").content == bundle.body


def test_a_page_writes_no_head_of_its_own(client):
    """One template has it: a change of the bar or of what all pages load is made once."""
    sources = {path.name: path.read_text() for path in (HERE / "templates").glob("*.html")}
    heads = [client.get(address).text.partition("<title>")[0] for address in ("/", "/embed")]

    assert [name for name, source in sources.items() if "<head>" in source or "<header" in source] == ["page.html"]
    assert heads[0] == heads[1]


@pytest.mark.parametrize("address", ["/", "/embed"])
def test_everything_a_page_loads_is_there(client, address):
    page = client.get(address).text

    loaded = re.findall(r"<(?:script|link)[^>]+(?:src|href)=\"([^\"]+)\"", page)
    missing = [path for path in loaded if client.get("/" + path).status_code != 200]
    assert {"widget.js", "demo/demo.css"} <= set(loaded)
    assert missing == []


@pytest.mark.parametrize("path", ["/widget.js", f"/{widget_bundle().name}", "/widget/element.js"])
def test_widget_files_may_be_embedded_anywhere(client, path):
    answer = client.get(path)

    again = client.get(path, headers={"if-none-match": answer.headers["etag"]})

    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert again.status_code == 304


def test_docs_name_every_route_and_load_nothing_from_elsewhere(client):
    page = client.get("/docs").text

    assert "/v1/sessions" in page
    assert "response.clip" in page
    assert "4004" in page
    assert "widget.js" not in page
    assert "`" not in page
    linked = set(re.findall(r'href="#([^"]+)"', page))
    assert linked <= set(re.findall(r'id="([^"]+)"', page)), "a link that leads nowhere"
    ids = re.findall(r'id="([^"]+)"', page)
    assert sorted(ids) == sorted(set(ids)), "two places of one name"
    assert not re.search(r"(src|href)=\"(https?:)?//", page)

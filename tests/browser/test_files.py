"""What a browser loads of the widget: how much, unchanged in meaning, complete in its words, and without markup."""

import json
import re
from pathlib import Path

import pytest
import tree_sitter
import tree_sitter_javascript
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from app.web.static_files import STATIC, EmbeddedFiles

MOST_BYTES = 25_000
"""What the widget may weigh on the wire, gzipped, in all."""

SOURCES = sorted([STATIC / "widget.js", *(STATIC / "widget").glob("*.js")])
LANGUAGES = sorted((STATIC / "widget" / "strings").glob("*.js"))
EVERY = [*SOURCES, *LANGUAGES]
GRAMMAR = tree_sitter.Language(tree_sitter_javascript.language())


@pytest.fixture
def client() -> TestClient:
    return TestClient(Starlette(routes=[Mount("/", EmbeddedFiles(directory=STATIC))]))


def _name(path: Path) -> str:
    return str(path.relative_to(STATIC))


def _sent_bytes(client: TestClient, path: Path) -> int:
    with client.stream("GET", f"/{_name(path)}", headers={"accept-encoding": "gzip"}) as answer:
        assert answer.headers["content-encoding"] == "gzip"
        return len(b"".join(answer.iter_raw()))


def test_the_widget_is_small_on_the_wire(client: TestClient) -> None:
    sizes = {_name(path): _sent_bytes(client, path) for path in SOURCES}
    words = max(_sent_bytes(client, path) for path in LANGUAGES)

    assert sum(sizes.values()) + words <= MOST_BYTES, sizes


def test_the_page_about_the_widget_states_its_size(client: TestClient, repository: Path) -> None:
    kilobytes = sum(_sent_bytes(client, path) for path in SOURCES) / 1000

    stated = re.search(r"\*\*([\d.]+) kB\*\* gzipped", (repository / "docs/reference/widget.md").read_text())

    assert stated is not None
    assert float(stated[1]) == pytest.approx(kilobytes, abs=0.4)


@pytest.mark.parametrize("path", EVERY, ids=_name)
def test_what_is_served_means_what_is_written(client: TestClient, path: Path) -> None:
    served = client.get(f"/{_name(path)}").content

    assert _tokens(served) == _tokens(path.read_bytes())
    assert b"/**" not in served


def _tokens(source: bytes) -> list[bytes]:
    """Every token but the comments; texts, templates and regular expressions whole."""
    tree = tree_sitter.Parser(GRAMMAR).parse(source)
    assert not tree.root_node.has_error
    return list(_leaves(tree.root_node))


def _leaves(node: tree_sitter.Node) -> list[bytes]:
    if node.type == "comment":
        return []
    if node.type in {"string", "template_string", "regex"} or not node.children:
        text = node.text or b""
        return [text] if text.strip() else []
    return [leaf for child in node.children for leaf in _leaves(child)]


@pytest.mark.parametrize("accepted", ["", "br", "gzip;q=0", "identity"])
def test_a_browser_that_reads_no_gzip_gets_plain_text(client: TestClient, accepted: str) -> None:
    answer = client.get("/widget.js", headers={"accept-encoding": accepted})

    assert "content-encoding" not in answer.headers
    assert answer.headers["vary"] == "Accept-Encoding"
    assert b"define" in answer.content


def test_each_form_has_an_etag_of_its_own(client: TestClient) -> None:
    zipped = client.get("/widget.js", headers={"accept-encoding": "gzip"})
    plain = client.get("/widget.js", headers={"accept-encoding": "identity"})

    assert zipped.content == plain.content
    assert zipped.headers["etag"] != plain.headers["etag"]
    again = client.get("/widget.js", headers={"accept-encoding": "gzip", "if-none-match": zipped.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_changed_file_is_served_anew(tmp_path: Path) -> None:
    script = tmp_path / "a.js"
    client = TestClient(Starlette(routes=[Mount("/", EmbeddedFiles(directory=tmp_path))]))
    script.write_text("export const a = 1; // one\n")
    first = client.get("/a.js").text
    script.write_text("export const a = 22;\n")

    assert (first.strip(), client.get("/a.js").text.strip()) == ("export const a=1;", "export const a=22;")


def test_head_tells_the_size_and_sends_nothing(client: TestClient) -> None:
    answer = client.head("/widget.js", headers={"accept-encoding": "gzip"})

    assert answer.content == b""
    assert int(answer.headers["content-length"]) == _sent_bytes(client, STATIC / "widget.js")


@pytest.mark.parametrize("path", EVERY, ids=_name)
def test_no_script_makes_markup_or_code_of_text(path: Path) -> None:
    forbidden = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\(|new Function|srcdoc|\.style ="
    )

    assert re.search(forbidden, path.read_text()) is None


def test_the_entry_and_the_demo_page_name_every_module(repository: Path) -> None:
    modules = {path.stem for path in SOURCES} - {"widget"}
    preloaded = re.search(r"for name in (\[.*?\]) %}", (repository / "app/web/templates/demo.html").read_text())

    assert set(re.findall(r"'\./widget/(\w+)\.js'", (STATIC / "widget.js").read_text())) == modules
    assert preloaded is not None
    assert set(json.loads(preloaded[1])) == modules


def test_every_language_has_every_word() -> None:
    english = _words((STATIC / "widget" / "strings.js").read_text())

    assert {path.stem for path in LANGUAGES} == {"de", "es", "fr", "zh"}
    for path in LANGUAGES:
        theirs = _words(path.read_text())
        assert theirs.keys() == english.keys(), path.stem
        assert all(text.strip() for text in theirs.values())
        for key, text in english.items():
            assert ("{name}" in text) == ("{name}" in theirs[key]), (path.stem, key)


def _words(source: str) -> dict[str, str]:
    [body] = re.findall(r"(?:export default|export const en =) \{(.*?)\n\};", source, re.DOTALL)
    return dict(re.findall(r"(\w+): '((?:[^'\\]|\\.)*)'", body))

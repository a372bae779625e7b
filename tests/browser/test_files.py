"""What a browser loads of the widget: how much, unchanged in meaning, complete in its words, and without markup."""

import base64
import gzip
import hashlib
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import tree_sitter
import tree_sitter_javascript
from playwright.sync_api import Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from app.web.static_files import STATIC, EmbeddedFiles
from app.web.widget_bundle import (
    BundleError,
    join,
    send_bundle,
    shorten_private_names,
    shorten_sheet,
    shorten_sheets,
    widget_bundle,
)

MOST_BYTES = 25_000
"""What the widget may weigh on the wire, gzipped: what every page loads."""

MOST_BYTES_OF_WORDS = 1_500
"""What the words of another language than English may add, where they are wanted."""

SOURCES = sorted([STATIC / "widget.js", *(STATIC / "widget").glob("*.js")])
LANGUAGES = sorted((STATIC / "widget" / "strings").glob("*.js"))
LOADED_LATER = sorted({*(STATIC / "widget").glob("*/*.js")} - {*LANGUAGES})
"""What a page loads only when it is used."""

EVERY = [*SOURCES, *LANGUAGES, *LOADED_LATER, *sorted((STATIC / "demo").glob("*.js"))]
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
    words = max(_sent_bytes(client, path) for path in LANGUAGES)

    assert _bundle_bytes() <= MOST_BYTES
    assert words <= MOST_BYTES_OF_WORDS


def _bundle_bytes() -> int:
    return len(gzip.compress(widget_bundle().body, 9))


def test_the_page_about_the_widget_states_its_size(repository: Path) -> None:
    stated = re.search(r"\*\*([\d.]+) kB\*\* gzipped", (repository / "docs/reference/widget.md").read_text())

    assert stated is not None
    assert float(stated[1]) == pytest.approx(_bundle_bytes() / 1000, abs=0.6)


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


def test_the_bundle_holds_every_module_and_nothing_else() -> None:
    served, entries = _tokens(widget_bundle().body), {"widget.js", "widget/modules.js"}

    for path in SOURCES:
        if _name(path) not in entries:
            wanted = [token for token in _tokens(_body(path)) if token != b"export"]
            assert _contains(served, wanted), _name(path)
    assert len(served) < sum(len(_tokens(path.read_bytes())) for path in SOURCES) * 1.1


def _body(path: Path) -> bytes:
    """A module without its imports, shortened, and with what it loads later where the bundle looks for that."""
    source = re.sub(r"^import [^;]*;\n", "", path.read_text(), flags=re.MULTILINE)
    source = re.sub(r"import\(([`'])\./", r"import(\1./widget/", source).replace("export const CSS", "const CSS")
    return shorten_sheets(shorten_private_names(source)).encode()


_PRIVATE = re.compile(rb"(?:^|(?<=\.))#\w+")


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_shortening_renames_private_names_one_to_one_and_nothing_else(path: Path) -> None:
    written = _tokens(path.read_bytes())
    shortened = _tokens(shorten_private_names(path.read_text()).encode())
    pairs = [
        names
        for before, after in zip(written, shortened, strict=True)
        if before != after
        for names in zip(_PRIVATE.findall(before), _PRIVATE.findall(after), strict=True)
    ]

    assert [_PRIVATE.sub(b"", token) for token in written] == [_PRIVATE.sub(b"", token) for token in shortened]
    assert len(set(pairs)) == len({before for before, _ in pairs}) == len({after for _, after in pairs})


def test_a_name_that_is_not_declared_in_a_module_stays() -> None:
    source = "class A {\n  #kept = 1;\n  sum() {\n    return this.#kept + b.#other + '#kept';\n  }\n}\n"

    assert shorten_private_names(source) == source.replace("  #kept", "  #a").replace(".#kept", ".#a")


def test_the_style_sheet_means_the_same_when_it_is_shortened(page: Page) -> None:
    [css] = re.findall(r"export const CSS = `(.*?)`;", (STATIC / "widget" / "styles.js").read_text(), re.DOTALL)
    css = re.sub(r"\$\{\w+\}", "--x: 1;", css)
    rules = """(css) => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
      return [...sheet.cssRules].map((rule) => rule.cssText.replace(/([,:]) /g, '$1'));
    }"""
    short = shorten_sheet(css)

    assert len(short) < len(css) * 0.97
    assert page.evaluate(rules, short) == page.evaluate(rules, css)
    assert len(page.evaluate(rules, css)) > 100


def _contains(tokens: list[bytes], part: list[bytes]) -> bool:
    """Whether one list stands in another without a gap; tokens hold no unit separator."""
    return b"\x1f".join(part) in b"\x1f".join(tokens)


@pytest.mark.parametrize(
    ("modules", "told"),
    [
        ({"a": "import { b } from './b.js';\nexport const a = b;", "b": "import { a } from './a.js';\n"}, "itself"),
        ({"a": "import b from './b.js';\n", "b": "export default 1;\n"}, "cannot be joined: import b"),
        ({"a": "export { b };\nconst b = 1;\n"}, "cannot be joined: export {"),
    ],
)
def test_modules_that_cannot_be_joined_are_told(tmp_path: Path, modules: dict[str, str], told: str) -> None:
    for name, source in modules.items():
        (tmp_path / f"{name}.js").write_text(source)

    with pytest.raises(BundleError, match=re.escape(told)):
        join(tmp_path / "a.js")


def test_the_bundle_is_named_by_its_bytes_and_kept_for_good(tmp_path: Path) -> None:
    copy = tmp_path / "static"
    shutil.copytree(STATIC, copy)
    first = widget_bundle(copy, monotonic=lambda: 0.0)
    (copy / "widget" / "memory.js").write_text((copy / "widget" / "memory.js").read_text() + "export const more = 1;\n")
    within_a_second = widget_bundle(copy, monotonic=lambda: 0.9)
    second = widget_bundle(copy, monotonic=lambda: 1.0)
    client = TestClient(Starlette(routes=[Route("/widget-{digest}.js", _send(copy)), Route("/widget.js", _send(copy))]))

    assert first is within_a_second
    assert first.name != second.name
    assert second.integrity == "sha384-" + base64.b64encode(hashlib.sha384(second.body).digest()).decode()
    kept = {
        path: client.get(path).headers["cache-control"] for path in ("/widget.js", f"/{first.name}", f"/{second.name}")
    }
    assert kept == {
        "/widget.js": "no-cache",
        f"/{first.name}": "no-cache",
        f"/{second.name}": "public, max-age=31536000, immutable",
    }
    assert client.get(f"/{second.name}").content == second.body


def _send(static: Path) -> Callable[[Request], Response]:
    return lambda request: send_bundle(request.scope, request.path_params.get("digest"), static=static)


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

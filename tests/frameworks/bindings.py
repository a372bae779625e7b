"""The widget bound by real builds of React 19, Vue 3, Svelte 5 and Lit: `make test-frameworks`.

Not among the other tests, because npm has to fetch the frameworks first; their builds are in `GREENROOM_FRAMEWORKS`.
"""

import json
import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import browser, clip_folder, context, page, scripted
from tests.browser.probes import ask, wait_heard
from tests.browser.servers import Server
from tests.browser.test_bindings import CHAT, bring, show

__all__ = ["browser", "clip_folder", "context", "page", "scripted"]

BUILDS = Path(os.environ.get("GREENROOM_FRAMEWORKS", ".venv/frameworks/builds"))
FRAMEWORKS = ["react", "vue", "svelte", "lit"]


def mount(page: Page, name: str, first: dict[str, object], *, module: str = "") -> None:
    """Let a framework render the element with these properties, after or before the module came."""
    script = f"<div id='app'></div><script>window.first = {json.dumps(first)}; window.shut = 0;</script>"
    show(page, script, module=module)
    if module:
        page.wait_for_function("() => customElements.get('greenroom-chat')")
    page.add_script_tag(content=(BUILDS / f"{name}.js").read_text(), type="module")
    page.wait_for_selector("greenroom-chat", state="attached")


def bind(page: Page, props: dict[str, object] | None) -> None:
    """Render again with these properties; the ones that are missing were taken away."""
    page.evaluate("(props) => window.bind(props)", props)


@pytest.mark.parametrize("order", ["module first", "module last"])
@pytest.mark.parametrize("name", FRAMEWORKS)
def test_a_framework_binds_it_as_any_other_element(page: Page, scripted: Server, name: str, order: str) -> None:
    is_first = order == "module first"
    words: object = {"send": "Los"}
    # Before the element is defined, React, Vue and Svelte can only write attributes: an object needs to be JSON.
    texts = words if is_first or name == "lit" else json.dumps(words)
    first = {"name": "Mira", "open": True, "locale": "de", "texts": texts, "captions": "off"}
    mount(page, name, first, module=scripted.url if is_first else "")
    if not is_first:
        bring(page, scripted)

    expect(page.get_by_role("dialog", name="Gespräch mit Mira")).to_be_visible()
    expect(page.get_by_role("button", name="Los")).to_be_visible()
    expect(page.get_by_role("button", name="Untertitel")).to_have_attribute("aria-pressed", "false")
    ask(page, "words")
    wait_heard(page, "e.name === 'done'")

    bind(page, {**first, "open": False, "locale": "fr"})
    expect(page.get_by_role("button", name="Demander à Mira")).to_be_visible()
    bind(page, {"name": "Mira", "mode": "inline", "open": False})
    expect(page.get_by_role("region", name="Conversation with Mira")).to_be_visible()
    expect(page.get_by_role("button", name="Captions")).to_have_attribute("aria-pressed", "true")
    bind(page, {"name": "Mira", "open": False})
    page.get_by_role("button", name="Ask Mira").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    closed = page.evaluate("window.shut")
    page.locator("greenroom-chat").get_by_role("button", name="Close").click()
    assert page.evaluate("window.shut") == closed + 1


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_taken_out_and_rendered_anew_it_resumes(page: Page, scripted: Server, name: str) -> None:
    first = {"name": "Mira", "mode": "inline"}
    mount(page, name, first, module=scripted.url)
    wait_heard(page, "e.name === 'idle'")
    ask(page, "hours")
    wait_heard(page, "e.name === 'speaking' && e.turn === 't1'")

    bind(page, None)
    page.wait_for_selector("greenroom-chat", state="detached")
    bind(page, first)

    wait_heard(page, "e.name === 'ready' && e.resumed")
    assert page.evaluate(f"{CHAT}.transcript.some(({{text}}) => text === 'hours')")
    ask(page, "hours")
    wait_heard(page, "e.name === 'speaking' && e.turn === 't2'")
    assert scripted.hand.starts == ["new", "resume"]

"""`@greenroom/chat` as it is packed: checked, rendered in Node, built into apps, talked to: `make test-package`.

Not among the other tests, because npm has to fetch what it is tried with (`GREENROOM_PACKAGE_TOOLS`).
"""

import gzip
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from starlette.applications import Starlette
from starlette.staticfiles import StaticFiles

from tests.browser.conftest import browser, clip_folder, context, page, scripted
from tests.browser.probes import ask, wait_heard
from tests.browser.servers import Server
from tests.browser.test_bindings import show

__all__ = ["browser", "clip_folder", "context", "page", "scripted"]

TOOLS = Path(os.environ.get("GREENROOM_PACKAGE_TOOLS", ".venv/package-tools")).resolve()
PACKED = Path(os.environ.get("GREENROOM_PACKAGE", ".venv/package")).resolve()

APPS = {
    "plain": """import { register } from '@greenroom/chat';
register({ server: window.server });
document.querySelector('#app').append(Object.assign(document.createElement('greenroom-chat'), { name: 'Mira' }));""",
    "react": """import { createElement } from 'react';
import { createRoot } from 'react-dom/client';
import { GreenroomChat } from '@greenroom/chat/react';
const props = { server: window.server, name: 'Mira', texts: { send: 'Los' } };
props['ongreenroom:done'] = () => (window.done = 1);
createRoot(document.querySelector('#app')).render(createElement(GreenroomChat, props));""",
    "vue": """import { createApp, h } from 'vue';
import { GreenroomChat } from '@greenroom/chat/vue';
const props = { server: window.server, name: 'Mira', texts: { send: 'Los' } };
props['onGreenroom:done'] = () => (window.done = 1);
createApp({ render: () => h(GreenroomChat, props) }).mount('#app');""",
}
SSR = """import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { createSSRApp, h } from 'vue';
import { renderToString as vue } from 'vue/server-renderer';
import { register } from '@greenroom/chat';
import { GreenroomChat as ForReact } from '@greenroom/chat/react';
import { GreenroomChat as ForVue } from '@greenroom/chat/vue';
const props = { mode: 'inline', texts: { send: 'Los' } };
await register();
console.log(renderToString(createElement(ForReact, props)));
console.log(await vue(createSSRApp({ render: () => h(ForVue, props) })));"""


@pytest.fixture(scope="module")
def apps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the packed package is installed beside what it is tried with."""
    folder = tmp_path_factory.mktemp("apps")
    modules = folder / "node_modules"
    modules.mkdir()
    for installed in (TOOLS / "node_modules").iterdir():
        (modules / installed.name).symlink_to(installed)
    (modules / "@greenroom" / "chat").mkdir(parents=True)
    [packed] = PACKED.glob("*.tgz")
    shutil.unpack_archive(packed, folder, "gztar")
    shutil.copytree(folder / "package", modules / "@greenroom" / "chat", dirs_exist_ok=True)
    for name, source in {**APPS, "ssr": SSR}.items():
        (folder / f"{name}.mjs").write_text(source)
    _run(folder, "esbuild", *(f"{name}.mjs" for name in APPS), "--bundle", "--splitting", "--format=esm", "--minify")
    return folder


def _run(folder: Path, program: str, *arguments: str) -> str:
    """Return what a program of npm prints; it must succeed."""
    command = [str(TOOLS / "node_modules" / ".bin" / program), *arguments]
    if program == "esbuild":
        command += ["--outdir=built", "--preserve-symlinks", '--define:process.env.NODE_ENV="production"']
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_it_is_packed_as_bundlers_and_typescript_expect(apps: Path) -> None:
    [packed] = PACKED.glob("*.tgz")

    assert "All good" in _run(apps, "publint", str(packed))
    _run(apps, "attw", str(packed), "--profile", "esm-only")
    names = {path.name for path in (apps / "package").iterdir()}
    assert {"LICENSE", "NOTICE", "README.md", "package.json", "types", "widget"} <= names


def test_a_server_renders_it_without_a_window(apps: Path) -> None:
    node = shutil.which("node")
    assert node

    done = subprocess.run([node, "ssr.mjs"], cwd=apps, capture_output=True, text=True, check=True)

    element = '<greenroom-chat mode="inline" texts="{&quot;send&quot;:&quot;Los&quot;}"></greenroom-chat>'
    assert done.stdout.split("\n")[:2] == [element, element]


def test_a_page_loads_the_widget_only_when_it_is_wanted(apps: Path) -> None:
    first = (apps / "built" / "plain.js").read_bytes()

    assert len(gzip.compress(first, 9)) < 1_000
    assert b"attachShadow" not in first


@pytest.fixture
def built(apps: Path) -> Iterator[Server]:
    """The built apps, as a site of their own."""
    files = Starlette()
    files.mount("/", _Anywhere(directory=apps / "built"))
    with Server(lambda: _App(files)) as server:  # type: ignore[arg-type, return-value]
        yield server


class _App:
    hand = None

    def __init__(self, app: Starlette) -> None:
        self.app = app


class _Anywhere(StaticFiles):
    def file_response(self, *args: object, **kwargs: object):  # type: ignore[no-untyped-def]
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["access-control-allow-origin"] = "*"
        return response


@pytest.mark.parametrize("name", APPS)
def test_an_app_built_with_it_talks(page: Page, scripted: Server, built: Server, name: str) -> None:
    show(page, f"<div id='app'></div><script>window.server = '{scripted.url}/';</script>")
    page.add_script_tag(url=f"{built.url}/{name}.js", type="module")

    page.get_by_role("button", name="Ask Mira").click()
    wait_heard(page, "e.name === 'ready'")
    ask(page, "words")
    wait_heard(page, "e.name === 'done'")

    if name != "plain":
        expect(page.get_by_role("button", name="Los", exact=True)).to_be_visible()
        assert page.evaluate("window.done") == 1

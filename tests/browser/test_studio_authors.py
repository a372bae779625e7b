"""What authors do in the Studio, on a desktop by keys and on a phone by touch: edit, review, publish, go back."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from app.runtime.settings.api_keys import KeyRole, new_key
from tests.browser.test_accessibility import violations
from tests.support.sites import Site

pytestmark = pytest.mark.browser

MADE = {name: new_key(name, KeyRole.PUBLISHER) for name in ("ada", "bob")}
FACTS, DOGS = "facts.yaml", "visiting/dogs.yaml"


BEYOND = """() => [...document.querySelectorAll('main *')]
  .filter((one) => one.getBoundingClientRect().right > innerWidth)
  .map((one) => `${one.tagName}.${one.className}: ${one.textContent.trim().slice(0, 40)}`)"""
"""Elements that reach over the right edge of the screen."""


class Colleague(Site):
    """The same site with a folder of their own."""

    @property
    def catalog(self) -> Path:
        return self.root / "colleague"


class Desk:
    """A site that serves releases, with two publishers, and a colleague elsewhere."""

    def __init__(self, address: str, site: Site) -> None:
        self.studio, self.site, self.other = f"{address}/studio/", site, site.root / "colleague"

    def read(self, file: str) -> str:
        return (self.site.catalog / file).read_text()

    def colleague_publishes(self, file: str, before: str, after: str) -> int:
        """Publish the colleague's folder, brought up to date, with one change."""
        merged = self._run("merge")
        assert merged.returncode == 0, merged.stdout + merged.stderr
        text = (self.other / file).read_text()
        assert before in text
        (self.other / file).write_text(text.replace(before, after))
        done = self._run("publish", "--allow-missing", "--quick", "--by", "Cy", "--message", "A colleague's")
        assert done.returncode == 0, done.stdout + done.stderr
        found = re.search(r"Release (\d+) is current", done.stdout)
        assert found
        return int(found[1])

    def _run(self, *arguments: str):
        return Colleague(self.site.root).run("release", *arguments)


@pytest.fixture(scope="module")
def desk(warmed_site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    site = warmed_site.copied(tmp_path_factory.mktemp("authors") / "site")
    first = site.run("release", "publish", "--message", "The first")
    assert first.returncode == 0, first.stdout + first.stderr
    shutil.copytree(site.catalog, Colleague(site.root).catalog)
    keys = "\n".join(kept.line for _, kept in MADE.values())
    with site.node(GREENROOM_API_KEYS=keys, GREENROOM_SERVE="release") as node:
        yield Desk(node.address, site)


@pytest.fixture(params=[(1280, 800, False), (390, 844, True)], ids=["desktop", "phone"])
def screen(request: pytest.FixtureRequest, browser: Browser) -> Iterator[BrowserContext]:
    """A desktop with keys, or a phone with touch."""
    width, height, touch = request.param
    context = browser.new_context(
        viewport={"width": width, "height": height}, has_touch=touch, bypass_csp=True, reduced_motion="reduce"
    )
    yield context
    context.close()


def signed_in(screen: BrowserContext, desk: Desk, name: str = "ada") -> Page:
    page = screen.new_page()
    page.goto(f"{desk.studio}sign-in")
    page.get_by_label("API key").fill(MADE[name][0])
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    return page


def is_phone(page: Page) -> bool:
    return (page.viewport_size or {"width": 0})["width"] < 500


def press(page: Page, name: str) -> None:
    """Use a button: by touch on a phone, by keys on a desktop."""
    button = page.get_by_role("button", name=name, exact=True)
    if is_phone(page):
        button.tap()
        return
    button.focus()
    page.keyboard.press("Enter")


def fits(page: Page) -> None:
    """The page is not wider than its screen, and axe finds nothing."""
    page.wait_for_load_state("load")  # its words are there before its styles
    beyond = page.evaluate(BEYOND) if page.evaluate("document.documentElement.scrollWidth > innerWidth") else []
    assert beyond == [], page.url
    assert violations(page) == [], page.url


def answer_of(page: Page):
    """The first wording: a label that holds its field has the field's words in its name."""
    return page.locator('textarea[name="answer.en"]').first


def retyped(page: Page, words: str) -> None:
    """Type over an answer with the keyboard, and leave the field by the Tab key."""
    answer_of(page).focus()
    page.keyboard.press("Control+a")
    page.keyboard.type(words)
    page.keyboard.press("Tab")


def written(page: Page) -> None:
    """Agree to what the page of an edit shows."""
    press(page, "Write it")
    expect(page.get_by_text("Written to the catalog's files.")).to_be_visible()


def test_an_answer_is_typed_linted_seen_and_written_only_when_agreed(screen: BrowserContext, desk: Desk) -> None:
    page = signed_in(screen, desk)
    words = f"Guide dogs may come in. The others wait {'by the phone' if is_phone(page) else 'at the desk'}."
    page.goto(f"{desk.studio}intents/dogs/edit")
    frame = page.get_by_role("img", name=re.compile("frame of its clip|presenter")).first
    expect(frame).to_be_visible()
    assert frame.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    retyped(page, words)
    expect(page.locator("[data-spoken=en]")).to_contain_text("Guide dogs may come in.")
    page.locator('textarea[name="phrases.en"]').focus()
    page.keyboard.press("Control+End")
    page.keyboard.type(f"\nIs my {'terrier' if is_phone(page) else 'hound'} allowed in?")
    expect(page.locator("[data-findings]")).not_to_contain_text("It says so while you type")
    fits(page)

    press(page, "Show what changes")

    expect(page.get_by_text("Nothing is written yet")).to_be_visible()
    expect(page.get_by_text("Questions that move")).to_be_visible()
    expect(page.get_by_role("region", name=f"Changes of {DOGS}")).to_contain_text("Guide dogs may come in.")
    assert words not in desk.read(DOGS)
    fits(page)
    written(page)
    assert words in desk.read(DOGS)


def test_what_is_written_has_its_price_is_asked_again_and_published(screen: BrowserContext, desk: Desk) -> None:
    page = signed_in(screen, desk)
    page.goto(f"{desk.studio}intents/dogs/edit")
    retyped(page, f"Dogs wait outside, {'says the phone' if is_phone(page) else 'says the desk'}.")
    press(page, "Show what changes")
    written(page)

    page.goto(f"{desk.studio}releases/folder")
    expect(page.get_by_text("Price", exact=True)).to_be_visible()
    expect(page.get_by_text("To film", exact=True).locator("xpath=following-sibling::dd[1]")).to_have_text("1")
    page.get_by_role("link", name=re.compile("Ask the last")).click()
    replay = page.get_by_role("region", name="What visitors would get")
    expect(replay).to_contain_text(re.compile("would get something else|were asked again"))
    fits(page)
    page.get_by_label("Why, for those who read the list later").fill("Dogs")
    page.get_by_label("Publish though clips are missing").check()
    press(page, "Publish")

    expect(page.get_by_text("It is published")).to_be_visible()
    expect(page.get_by_role("heading", name=re.compile(r"Release \d+ is current"))).to_be_visible()


def test_a_form_that_somebody_overtook_writes_nothing(screen: BrowserContext, desk: Desk) -> None:
    page = signed_in(screen, desk)
    page.goto(f"{desk.studio}intents/dogs/edit")
    retyped(page, "Nobody may come in, not even guide dogs.")
    file = desk.site.catalog / DOGS
    file.write_text(f"# by hand\n{file.read_text()}")

    press(page, "Show what changes")

    expect(page.get_by_role("alert")).to_contain_text(DOGS)
    fits(page)
    assert "Nobody may come in" not in desk.read(DOGS)
    assert desk.read(DOGS).startswith("# by hand")


def test_a_stale_folder_is_refused_and_merged_where_both_versions_are_seen(screen: BrowserContext, desk: Desk) -> None:
    page = signed_in(screen, desk)
    phone = is_phone(page)
    page.goto(f"{desk.studio}facts")
    page.get_by_label("opening_hours").fill(f"from {'nine' if phone else 'eleven'} to six")
    press(page, "Show what changes")
    written(page)
    page.goto(f"{desk.studio}releases/folder")
    page.get_by_label("Why, for those who read the list later").fill("Hours")
    before = re.search(r"opening_hours: (.*)", (desk.other / FACTS).read_text())
    assert before
    number = desk.colleague_publishes(FACTS, before[1], f"from {'seven' if phone else 'eight'} to six")

    if page.get_by_label("Publish though clips are missing").count():
        page.get_by_label("Publish though clips are missing").check()
    press(page, "Publish")
    expect(page.get_by_role("alert")).to_be_visible()
    page.goto(f"{desk.studio}releases/folder")

    notice = page.get_by_role("status").filter(has_text="came meanwhile")
    expect(notice).to_contain_text(f"Release {number} came meanwhile (by Cy")
    expect(notice).to_contain_text(f"from {'seven' if phone else 'eight'} to six")
    expect(notice).to_contain_text(f"from {'nine' if phone else 'eleven'} to six")
    fits(page)
    page.get_by_label("Where both changed the same").select_option("theirs")
    press(page, "Bring it into the folder")
    expect(page.get_by_text("What others published is in the folder now.")).to_be_visible()
    assert f"from {'seven' if phone else 'eight'} to six" in desk.read(FACTS)


def saved_draft(page: Page, desk: Desk, name: str) -> str:
    """Edit an answer and save the folder as a draft; the address of its page."""
    page.goto(f"{desk.studio}intents/tickets/edit")
    retyped(page, f"A ticket is {{{{ facts.prices.adult }}}}, {name.replace('-', ' ')}.")
    press(page, "Show what changes")
    written(page)
    page.goto(f"{desk.studio}releases/folder")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Why", exact=True).fill("To be read")
    page.get_by_label("clips may be missing").check()
    press(page, "Save")
    expect(page.get_by_text("The draft is saved.")).to_be_visible()
    page.get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    return page.url


def test_a_draft_is_approved_by_another_key_timed_and_published(
    screen: BrowserContext, browser: Browser, desk: Desk
) -> None:
    page = signed_in(screen, desk)
    place = saved_draft(page, desk, "on-a-phone" if is_phone(page) else "at-a-desk")
    fits(page)
    press(page, "Approve it")
    expect(page.get_by_role("alert")).to_contain_text("somebody else")

    second = browser.new_context()
    bob = signed_in(second, desk, "bob")
    bob.goto(place)
    press(bob, "Approve it")
    expect(bob.get_by_text("The draft is approved.")).to_be_visible()
    second.close()

    page.goto(place)
    expect(page.get_by_text("by key bob (publisher)")).to_be_visible()
    for when, then in (("2090-01-01T08:00", "set by key ada (publisher)"), ("", "when somebody publishes it")):
        page.get_by_label("Publish at, in UTC").fill(when)
        press(page, "Set the time")
        expect(page.get_by_text(then)).to_be_visible()
    press(page, "Publish it now")
    expect(page.get_by_text("It is published")).to_be_visible()


def test_an_earlier_release_is_made_current_again_and_the_newest_after_it(screen: BrowserContext, desk: Desk) -> None:
    page = signed_in(screen, desk)
    page.goto(f"{desk.studio}releases")
    heading = page.get_by_role("heading", name=re.compile(r"Release \d+ is current"))
    newest = (heading.text_content() or "").removesuffix(" is current")

    for release in ("Release 1", newest):
        row = page.get_by_role("row").filter(has=page.get_by_role("link", name=release, exact=True))
        button = row.get_by_role("button", name="Make it current")
        button.focus()
        page.keyboard.press("Enter")
        expect(page.get_by_text("Another release is current")).to_be_visible()
        expect(heading).to_have_text(f"{release} is current")
        fits(page)

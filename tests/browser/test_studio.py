"""The Studio in a browser: every page on a desktop and a phone, light and dark, and what an author does there."""

import asyncio
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from app.adapters.sql.turn_log import SqlTurnLog
from app.learning.turn_log import TurnRecord
from app.runtime.settings.api_keys import KeyRole, new_key
from app.runtime.settings.site import Settings
from app.runtime.wiring.database import open_database
from tests.browser.test_accessibility import violations
from tests.support.sites import Site

pytestmark = pytest.mark.browser

MADE = {role: new_key(f"the-{role}", role) for role in (KeyRole.VIEWER, KeyRole.OPERATOR)}

PLACES = {
    "overview": "",
    "intents": "intents",
    "none found": "intents?q=zeppelin",
    "intent": "intents/opening-hours",
    "try it": "try",
    "answered": "try?text=When+are+you+open%3F",
    "by meaning": "try?text=at+what+time+do+the+doors+close",
    "releases": "releases",
    "plan": "plan",
    "avatars": "avatars",
    "settings": "settings",
    "audit log": "settings/audit",
    "an error": "intents/zeppelin",
}
"""Pages, and states of pages, by what one sees."""

ASKED = (
    ("When are you open?", "answered", "opening-hours", "up"),
    ("Can I bring my dog?", "answered", "dogs", None),
    ("Do you sell vouchers?", "missed", None, None),
    ("can i buy a voucher", "missed", None, "down"),
    ("How expensive is it for two?", "clarify", None, None),
)


@dataclass(frozen=True)
class Desk:
    """A site with a Studio: its address and its folders."""

    address: str
    site: Site

    @property
    def studio(self) -> str:
        return f"{self.address}/studio/"


@pytest.fixture(scope="module")
def desk(warmed_site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A filmed site whose visitors have asked a little, with keys."""
    site = warmed_site.copied(tmp_path_factory.mktemp("studio") / "site")
    with ThreadPoolExecutor(1) as aside:  # Playwright's own loop is in the way here
        aside.submit(asyncio.run, _asked(site.root / "state" / "greenroom.db")).result()
    keys = "\n".join(kept.line for _, kept in MADE.values())
    with site.node(GREENROOM_API_KEYS=keys) as node:
        yield Desk(node.address, site)


async def _asked(database: Path) -> None:
    settings = Settings(database_url=f"sqlite+aiosqlite:///{database}")
    now = datetime.now(UTC)
    async with open_database(settings) as opened:
        log = SqlTurnLog(opened)
        for number, (question, outcome, intent, score) in enumerate(ASKED * 3):
            at = now - timedelta(hours=5 * number)
            turn = TurnRecord(
                f"t_{number}", f"s_{number // 2}", at, question, "en", outcome, intent, None, {}, 3.0, score=score
            )
            await log.record(turn)


def sign_in(page: Page, desk: Desk, role: KeyRole = KeyRole.OPERATOR) -> None:
    """Type the key, as a person does."""
    page.goto(f"{desk.studio}sign-in")
    page.get_by_label("API key").fill(MADE[role][0])
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()


@pytest.mark.parametrize(
    ("scheme", "width", "height", "places"),
    [
        pytest.param("light", 1280, 800, PLACES, id="desktop-light", marks=pytest.mark.long),
        pytest.param("dark", 1280, 800, PLACES, id="desktop-dark", marks=pytest.mark.long),
        pytest.param("light", 390, 844, PLACES, id="phone-light", marks=pytest.mark.long),
        pytest.param("dark", 390, 844, PLACES, id="phone-dark", marks=pytest.mark.long),
        pytest.param("dark", 390, 844, ("overview", "intent", "by meaning"), id="phone-dark-some"),
    ],
)
def test_every_page_is_accessible_and_fits(
    browser: Browser, desk: Desk, *, scheme: str, width: int, height: int, places: Iterable[str]
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,  # type: ignore[arg-type]
        bypass_csp=True,
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(f"{desk.studio}sign-in")
    assert violations(page) == [], "the page to sign in"
    sign_in(page, desk)
    found = {}
    for name in places:
        page.goto(desk.studio + PLACES[name])
        if wrong := violations(page):
            found[name] = wrong
        too_wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if too_wide > 0:
            found[f"{name} is too wide"] = [str(too_wide)]
    context.close()

    assert found == {}


def test_no_page_breaks_the_policy(page: Page, desk: Desk) -> None:
    sign_in(page, desk)
    for place in PLACES.values():
        if "zeppelin" not in place:
            page.goto(desk.studio + place)


def test_the_receipt_is_a_picture(page: Page, desk: Desk) -> None:
    sign_in(page, desk)

    page.get_by_role("link", name="Try it").click()
    page.get_by_label("Question").fill("at what time do the doors close")
    page.keyboard.press("Enter")

    chance = page.get_by_role("row").filter(has_text="Chance to be right")
    share = float(re.findall(r"(\d+)%", chance.text_content() or "")[0])
    drawn = float(chance.locator("svg rect").nth(1).get_attribute("width") or "nan")
    assert drawn == pytest.approx(share, abs=0.6)
    expect(page.get_by_text("Considered", exact=True)).to_be_visible()


def test_keys_lead_everywhere(page: Page, desk: Desk) -> None:
    sign_in(page, desk)
    page.wait_for_load_state("load")

    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("i")
    expect(page.get_by_role("heading", name="Intents", exact=True)).to_be_visible()
    page.wait_for_load_state("load")  # keys work once the page's module has run
    page.keyboard.press("/")
    expect(page.get_by_label("Search")).to_be_focused()
    page.keyboard.type("dog")
    page.keyboard.press("Enter")
    expect(page.locator("[data-row]")).to_have_count(1)
    page.wait_for_load_state("load")
    page.keyboard.press("j")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Dogs")).to_be_visible()


def test_everything_works_without_scripts(browser: Browser, desk: Desk) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, desk)

    page.get_by_role("link", name="Intents").click()
    page.get_by_label("Topic").select_option("visiting")
    page.get_by_role("button", name="Search").click()

    expect(page.locator("[data-row]")).to_have_count(3)
    context.close()


def test_a_viewer_sees_no_button_that_changes_anything(page: Page, desk: Desk) -> None:
    sign_in(page, desk, KeyRole.VIEWER)

    names = page.get_by_role("navigation", name="Studio").get_by_role("link").all_text_contents()
    forms = {}
    for place in ("", "intents", "intents/opening-hours", "try", "releases", "avatars"):
        page.goto(desk.studio + place)
        forms[place] = page.locator("main form[method=post]").count()

    assert "Settings" not in names
    assert "Plan and warm" not in names
    assert set(forms.values()) == {0}


def test_signing_out_shuts_the_door(context: BrowserContext, desk: Desk) -> None:
    page = context.new_page()
    sign_in(page, desk)
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{desk.studio}intents?q=dog")

    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_label("API key").fill(MADE[KeyRole.VIEWER][0])
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Intents", exact=True)).to_be_visible()
    assert page.url.endswith("/studio/intents?q=dog")


@pytest.mark.long
def test_a_changed_fact_is_planned_filmed_and_followed_over_a_reload(page: Page, desk: Desk) -> None:
    facts = desk.site.catalog / "facts.yaml"
    facts.write_text(facts.read_text().replace("twelve euros", "thirteen euros"))
    sign_in(page, desk)

    page.get_by_role("link", name="Plan and warm").click()
    for _ in range(120):  # the last plan is shown while the new one is counted
        if page.get_by_role("heading", name="Changed, 1").is_visible():
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(page.get_by_role("heading", name="Changed, 1")).to_be_visible()
    expect(page.get_by_text("was: A ticket is twelve euros.")).to_be_visible()
    expect(page.get_by_text("until then visitors read the new words")).to_be_visible()
    page.get_by_role("button", name="Film them").click()
    expect(page.get_by_role("heading", name="Filming")).to_be_visible()
    page.reload()

    expect(page.get_by_role("heading", name="Filmed", exact=True)).to_be_visible(timeout=60_000)
    expect(page.get_by_text("Everything in the folder is filmed.")).to_be_visible()
    page.goto(f"{desk.studio}settings/audit?action=warm")
    expect(page.get_by_text("key the-operator (operator)").first).to_be_visible()


@pytest.mark.long
def test_the_doctor_tells_part_by_part(page: Page, desk: Desk) -> None:
    sign_in(page, desk)
    page.get_by_role("link", name="Settings").click()

    page.get_by_role("button", name="Check every part").click()

    expect(page.get_by_role("row").filter(has_text="database")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("row").filter(has_text="disk")).to_contain_text("GB free", timeout=60_000)


def test_consent_is_withdrawn_with_its_price_and_given_again(page: Page, desk: Desk) -> None:
    sign_in(page, desk)
    page.get_by_role("link", name="Avatars").click()

    page.get_by_role("button", name="Withdraw consent").click()
    expect(page.get_by_text("would be shown no more")).to_be_visible()
    page.get_by_role("button", name="Withdraw it").click()
    expect(page.get_by_text("The consent for this face is withdrawn")).to_be_visible()
    page.get_by_role("button", name="Consent was given again").click()

    expect(page.get_by_role("button", name="Withdraw consent")).to_be_visible()

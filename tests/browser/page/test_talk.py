"""Talk with the page: context, functions, the visitor's yes, people, the teaser, what is taken along."""

from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.probes import ask, expect_state, follow_events, heard, open_widget, wait_heard
from tests.browser.servers import Server

pytestmark = pytest.mark.browser

CHAT = "document.querySelector('greenroom-chat')"


def _seen(scripted: Server, kind: str) -> list[dict[str, object]]:
    seen = [one for one in scripted.hand.seen if one["type"] == kind]
    return [{key: one[key] for key in one if key not in {"id", "type"}} for one in seen]


def test_the_context_goes_with_the_first_frame_and_again_when_it_changes(page: Page, scripted: Server) -> None:
    attributes = {"mode": "inline", "data-context-first-name": "Ada", "data-testid": "chat", "data-contextual": "no"}
    open_widget(page, f"{scripted.url}/host?{urlencode(attributes)}")
    assert scripted.hand.contexts == [{"first_name": "Ada"}]

    page.evaluate(f"{CHAT}.context = {{ plan: 'gold', visits: 3, member: true, first_name: 'x'.repeat(500) }}")
    ask(page, "hours")
    wait_heard(page, "e.name === 'done'")

    told = {"first_name": "x" * 200, "plan": "gold", "visits": 3, "member": True}
    assert _seen(scripted, "session.context") == [{"values": told}]
    page.evaluate(f"{CHAT}.setAttribute('data-context-page', '/cart'); {CHAT}.context = undefined")
    ask(page, "hours")
    wait_heard(page, "e.name === 'done' && e.turn === 't2'")
    assert _seen(scripted, "session.context")[-1] == {"values": {"first_name": "Ada", "page": "/cart"}}


def test_what_json_or_the_server_cannot_take_is_left_out(page: Page, scripted: Server) -> None:
    open_widget(page, f"{scripted.url}/host?mode=inline")
    page.evaluate("console.warn = () => {}")
    page.evaluate(
        f"{CHAT}.context = {{ far: Infinity, big: 1e300, none: NaN, small: 2, cut: 'x'.repeat(199) + '\\u{{1F600}}' }};"
    )
    ask(page, "hours")
    wait_heard(page, "e.name === 'done'")
    assert _seen(scripted, "session.context") == [{"values": {"small": 2, "cut": "x" * 199}}]


def test_a_transcript_goes_on_past_an_entry_without_words(page: Page, scripted: Server) -> None:
    open_widget(page, f"{scripted.url}/host?mode=inline")
    lines = "[{who: 'visitor', text: 'a'}, {who: 'avatar', text: ''}, {who: 'visitor', text: 'b'}]"

    kept = page.evaluate(f"import('/widget/page/people.js').then(({{ lastLines }}) => lastLines({lines}))")

    assert [one["text"] for one in kept] == ["a", "b"]


def test_a_function_of_the_page_runs_after_the_yes_and_its_result_is_shown(page: Page, scripted: Server) -> None:
    open_widget(page, f"{scripted.url}/host?mode=inline")
    page.evaluate(
        "window.calls = []; const run = async (given) => { calls.push(given); return 'On its way <b>now</b>'; };"
        f"{CHAT}.functions = {{ order_status: run }}"
    )
    ask(page, "order")
    box = page.get_by_role("group", name="A question before something is done")
    expect(box).to_contain_text("Look up your order?")
    assert page.evaluate("calls") == []

    box.get_by_role("button", name="Yes").click()

    expect(box.get_by_role("status")).to_have_text("On its way <b>now</b>")
    assert page.evaluate("calls") == [{"order": "A7"}]
    page.wait_for_function("() => window.heard.some((e) => e.name === 'done')")
    assert _seen(scripted, "call.result") == [{"call": "c1", "outcome": "done", "text": "On its way <b>now</b>"}]


@pytest.mark.parametrize(
    ("registered", "outcome", "told"),
    [
        ("{ other: () => 1 }", "unknown", ""),
        ("Object.create({ order_status: () => 1 })", "unknown", ""),
        ("{ order_status: () => 1 }", "refused", ""),
        ("{ order_status: { run: () => 7, consent: false } }", "done", "7"),
        ("{ order_status: { run: () => new Promise(() => {}), consent: false } }", "late", "That took too long."),
    ],
)
def test_a_call_comes_to_one_end(page: Page, scripted: Server, registered: str, outcome: str, told: str) -> None:
    open_widget(page, f"{scripted.url}/host?mode=inline")
    page.evaluate(
        "window.ends = []; addEventListener('greenroom:called', ({ detail }) => ends.push(detail));"
        f"{CHAT}.functions = {registered}"
    )
    ask(page, "order")
    if outcome == "refused":
        page.get_by_role("button", name="No, thank you").click()

    page.wait_for_function("() => ends.length === 1")
    text = "7" if outcome == "done" else ""
    assert page.evaluate("ends") == [{"function": "order_status", "outcome": outcome, "text": text}]
    if told:
        expect(page.locator("greenroom-chat .call")).to_have_text(told)
    else:
        expect(page.locator("greenroom-chat .call")).to_have_count(0)


def test_nothing_is_sent_before_the_yes_where_the_site_asks_for_it(page: Page, scripted: Server) -> None:
    requests: list[str] = []
    page.on("request", lambda one: requests.append(one.url))
    follow_events(page)
    page.goto(f"{scripted.url}/host?{urlencode({'consent': 'We keep what you ask. [More](/privacy)'})}")
    page.get_by_role("button", name="Ask Mira").click()
    gate = page.get_by_role("group", name="Before we begin")
    expect(gate.get_by_role("link", name="More")).to_have_attribute("href", f"{scripted.url}/privacy")
    expect(gate.get_by_role("button", name="I agree")).to_be_focused()

    gate.get_by_role("button", name="No, thank you").click()
    expect(page.get_by_role("button", name="Ask Mira")).to_be_visible()
    page.get_by_role("button", name="Ask Mira").click()
    assert scripted.hand.starts == []
    assert not [one for one in requests if "/v1/" in one or "/clips/" in one]
    gate.get_by_role("button", name="I agree").click()

    wait_heard(page, "e.name === 'ready'")
    expect(gate).to_have_count(0)
    expect(page.locator("greenroom-chat").get_by_role("textbox")).to_be_focused()
    page.reload()
    wait_heard(page, "e.name === 'ready'")
    expect(gate).to_have_count(0)


def test_a_yes_counts_for_its_widget_only(page: Page, scripted: Server) -> None:
    follow_events(page)
    yes = page.get_by_role("button", name="I agree")
    for name in ("one", "two"):
        page.goto(f"{scripted.url}/host?{urlencode({'consent': 'We keep it.', 'mode': 'inline', 'id': name})}")
        yes.click()
        wait_heard(page, "e.name === 'ready'")
    page.reload()
    wait_heard(page, "e.name === 'ready'")
    expect(yes).to_have_count(0)


def test_a_yes_that_is_asked_for_later_is_waited_for(page: Page, scripted: Server) -> None:
    open_widget(page, f"{scripted.url}/host?mode=inline")
    page.evaluate(f"{CHAT}.setAttribute('consent', 'From now on we keep it.')")
    yes = page.get_by_role("button", name="I agree")
    yes.wait_for()
    page.evaluate(f"{CHAT}.ask('hours')")
    page.evaluate(f"{CHAT}.setAttribute('consent', 'We keep it for a day.')")
    page.get_by_text("We keep it for a day.").wait_for()
    assert not any(one["type"] == "input.text" for one in scripted.hand.seen)

    yes.click()

    wait_heard(page, "e.name === 'done'")
    page.evaluate(f"{CHAT}.setAttribute('consent', 'For ever.')")
    yes.wait_for()
    page.evaluate(f"{CHAT}.removeAttribute('consent')")
    expect(yes).to_have_count(0)
    page.wait_for_function("() => heard.filter((e) => e.name === 'ready').length === 3")


def test_who_cannot_be_asked_is_told_and_can_try_again(context: BrowserContext, scripted: Server) -> None:
    page = context.new_page()
    follow_events(page)
    context.route("**/page/welcome.js", lambda route: route.abort())
    page.goto(f"{scripted.url}/host?{urlencode({'consent': 'We keep it.', 'mode': 'inline'})}")
    retry = page.get_by_role("button", name="Try now")
    retry.wait_for()
    assert scripted.hand.starts == []
    context.unroute("**/page/welcome.js")

    retry.click()
    page.get_by_role("button", name="I agree").click()

    wait_heard(page, "e.name === 'ready'")


def test_a_request_that_is_dropped_with_its_line_can_be_sent_again(page: Page, scripted: Server) -> None:
    open_widget(page, f"{scripted.url}/host?mode=inline&handover")
    ask(page, "person")
    wait_heard(page, "e.name === 'done'")
    send = page.get_by_role("button", name="Ask for a person")
    scripted.hand.deaf = True
    send.click()
    expect(send).to_be_disabled()
    page.request.post(f"{scripted.url}/_script/drop?code=4009")

    expect(send).to_be_enabled()


def test_the_pages_words_follow_the_language_that_the_visitor_chooses(page: Page, scripted: Server) -> None:
    scripted.hand.locales = ("en", "de")
    open_widget(page, f"{scripted.url}/host?mode=inline&take-along")
    page.get_by_role("button", name="Take the conversation along").wait_for()

    page.get_by_label("Language").select_option("de")

    words = (Path(__file__).parents[3] / "app/web/static/widget/page/words/de.js").read_text()
    label = words.split("takeAlong: '")[1].split("'")[0]
    page.get_by_role("button", name=label).wait_for()


LINE = """async () => {
  const { EventLine } = await import('/widget/lines/event_stream.js');
  const bodies = [];
  let stream;
  window.fetch = async (url, { body }) => {
    bodies.push(body);
    const isPost = String(url).endsWith('messages');
    const events = () => new ReadableStream({ start: (one) => (stream = one) });
    return isPost ? new Response(null, { status: 204 }) : new Response(events());
  };
  const said = (text) => stream.enqueue(new TextEncoder().encode(`${text}\\n\\n`));
  const line = new EventLine('http://x/', ['{"id":"a"}']);
  const heard = new Promise((resolve) => (line.onmessage = () => { line.send('{"id":"a"}'); resolve(); }));
  line.onopen = () => line.send('start');
  await new Promise(requestAnimationFrame);
  said('event: line\\ndata: {"line": "secret"}');
  said('data: {}');
  await heard;
  await new Promise(requestAnimationFrame);
  line.send('{"id":"a"}');
  await new Promise(requestAnimationFrame);
  return bodies;
}"""


def test_what_an_opening_carried_is_left_out_once_only(page: Page, scripted: Server) -> None:
    page.goto(f"{scripted.url}/host?mode=inline")

    assert page.evaluate(LINE) == ['start\n{"id":"a"}', '{"id":"a"}']


def test_what_is_asked_before_the_yes_is_asked_after_it(page: Page, scripted: Server) -> None:
    follow_events(page)
    page.goto(f"{scripted.url}/host?{urlencode({'consent': 'We keep what you ask.', 'mode': 'inline'})}")
    page.evaluate(f"customElements.whenDefined('greenroom-chat').then(() => {CHAT}.ask('hours'))")
    yes = page.get_by_role("button", name="I agree")
    yes.wait_for()
    assert scripted.hand.starts == []

    yes.click()

    wait_heard(page, "e.name === 'done'")
    assert [one["text"] for one in scripted.hand.seen if one["type"] == "input.text"] == ["hours"]


def test_a_person_is_called_with_the_transcript_only_after_a_yes(page: Page, scripted: Server) -> None:
    open_widget(page, f"{scripted.url}/host?mode=inline&handover")
    for number in (1, 2):
        ask(page, "person")
        wait_heard(page, f"e.name === 'done' && e.turn === 't{number}'")
        box = page.get_by_role("group", name="How can we reach you?")
        box.get_by_role("textbox").fill("555 0199")
        if number == 2:
            box.get_by_label("Send along what we said here").check()
        box.get_by_role("button", name="Ask for a person").click()
        expect(box).to_contain_text("Passed on. Somebody will get in touch.")

    without, with_it = _seen(scripted, "handover.request")
    assert without == {"turn": "t1", "reach": "555 0199", "transcript": []}
    assert [line["who"] for line in with_it["transcript"]] == ["avatar", "visitor", "avatar", "visitor", "avatar"]  # type: ignore[index, attr-defined]


def test_the_teaser_shows_her_face_and_is_unread_until_it_is_opened(page: Page, scripted: Server) -> None:
    words = {"teaser": "Can I help you?", "teaser-after": "0", "poster": "/clips/idle.jpg"}
    follow_events(page)
    page.goto(f"{scripted.url}/host?{urlencode(words)}")
    launcher = page.locator("greenroom-chat .launcher")
    expect(launcher.locator("img.face")).to_have_attribute("src", f"{scripted.url}/clips/idle.jpg")
    expect(launcher.get_by_role("img", name="1 unread")).to_be_visible()
    assert scripted.hand.starts == []

    page.get_by_role("button", name="Can I help you?").click()

    wait_heard(page, "e.name === 'ready'")
    expect(page.locator("greenroom-chat .badge")).to_have_count(0)
    expect(page.locator("greenroom-chat .teaser")).to_have_count(0)


def test_the_talk_can_be_taken_along(page: Page, scripted: Server, tmp_path: Path) -> None:
    open_widget(page, f"{scripted.url}/host?mode=inline&take-along")
    ask(page, "quick")
    wait_heard(page, "e.name === 'done'")

    with page.expect_download() as download:
        page.get_by_role("button", name="Take the conversation along").click()

    download.value.save_as(tmp_path / "talk.txt")
    text = (tmp_path / "talk.txt").read_text()
    assert download.value.suggested_filename == "Mira.txt"
    assert text.startswith("Mira: Hello, I am Mira.")
    assert "You: quick\n" in text


def test_a_rating_can_be_explained(page: Page, scripted: Server) -> None:
    open_widget(page, f"{scripted.url}/host?mode=inline")
    ask(page, "quick")
    wait_heard(page, "e.name === 'done'")
    page.get_by_role("button", name="Not helpful").click()
    box = page.get_by_role("group", name="What could be better?")
    box.get_by_role("textbox").fill("Too fast")
    box.get_by_role("textbox").press("Enter")

    expect(box.get_by_role("status")).to_have_text("Thank you.")
    turn = heard(page, "done")[0]["turn"]
    assert _seen(scripted, "feedback") == [
        {"turn": turn, "score": "down"},
        {"turn": turn, "score": "down", "comment": "Too fast"},
    ]


def test_the_greeting_follows_the_language_that_is_chosen_before_the_first_question(
    page: Page, scripted: Server
) -> None:
    scripted.hand.locales = ("en", "de")
    open_widget(page, f"{scripted.url}/host?mode=inline")
    expect_state(page, "listening")
    said = page.locator("greenroom-chat .turn.avatar .said")
    expect(said).to_have_text("Hello, I am Mira. Ask me anything about the museum.")

    page.get_by_label("Language").select_option("de")

    expect(said).to_have_text("Greeting (de)")


def test_a_page_that_asks_for_nothing_loads_nothing_of_this(page: Page, scripted: Server) -> None:
    requests: list[str] = []
    page.on("request", lambda one: requests.append(one.url))
    open_widget(page, f"{scripted.url}/host?mode=inline&data-testid=chat")
    ask(page, "hours")
    wait_heard(page, "e.name === 'done'")

    assert not [one for one in requests if "/widget/page/" in one]

"""The widget page has every attribute, method, event, part and property of the sources, and no others."""

import re

from tests.docs.pages import ROOT, first_cells, page, section, table

PAGE = page("widget.md")
SOURCES = ROOT / "app" / "web" / "static" / "widget"
ELEMENT = (SOURCES / "element.js").read_text()
CODE = "\n".join(path.read_text() for path in sorted(SOURCES.rglob("*.js")))
EMIT = r"(?:screen\.emit|#emit|page\.emit|this\.emit|act\.tell)"
LOOKED_AT_LATER = {"teaser-after", "data-context-NAME"}
"""Attributes that no browser tells the element of: the page module reads them."""
STYLES = (SOURCES / "styles.js").read_text()


def test_attributes_are_those_that_the_element_reads() -> None:
    [table_] = re.findall(r"ATTRIBUTES = \{(.*?)\};", (SOURCES / "props.js").read_text(), re.DOTALL)
    bound = set(re.findall(r"'?([\w-]+)'?: '\w+'", table_))
    [more] = re.findall(r"observedAttributes = \[...Object.keys\(ATTRIBUTES\), (.*?)\]", ELEMENT)
    read = set(re.findall(r"(?:get|has)Attribute\('([\w-]+)'\)", CODE))
    styled = set(re.findall(r":host\((?::not\()?\[(\w+)[$^]?=", STYLES)) - {"state"}
    expected = bound | set(re.findall(r"'([\w-]+)'", more)) | LOOKED_AT_LATER

    assert (read | styled) - {"lang", "src", "popover"} - expected == set()
    assert first_cells(section(PAGE, "Attributes and properties")) == expected


def test_methods_and_properties_are_those_of_the_element() -> None:
    [public] = re.findall(r"// ---- for the page[^\n]*\n(.*?)// ----", ELEMENT, re.DOTALL)
    methods = set(re.findall(r"^  (\w+)\(.*\) \{$", public, re.MULTILINE))
    properties = set(re.findall(r"^  (?:get|set) (\w+)\(", public, re.MULTILINE))
    [shared] = re.findall(r"for \(const name of \[(.*?)\]\)", (SOURCES / "page" / "partner.js").read_text())
    properties |= set(re.findall(r"'(\w+)'", shared))
    described = {name.split("(")[0] for name in first_cells(section(PAGE, "Methods and properties"))}

    assert described == methods | properties


def test_events_are_those_that_are_sent() -> None:
    sent = set(re.findall(rf"{EMIT}\('([\w-]+)'", CODE)) | set(re.findall(r"isOpen \? '(\w+)' : '(\w+)'", CODE)[0])

    assert first_cells(section(PAGE, "Events")) == sent


def test_details_of_events_are_those_that_are_sent() -> None:
    told = {row[0].strip("`"): set(re.findall(r"`(\w+)\??`", row[1])) for row in table(section(PAGE, "Events"))}
    sent: dict[str, set[str]] = {}
    for name, body in re.findall(rf"{EMIT}\('([\w-]+)', \{{ (.*?) \}}\)", CODE):
        names = (part.split(":")[0].strip() for part in re.split(r", (?![^(]*\))", body))
        sent.setdefault(name, set()).update(names)

    assert len(sent) > 8
    assert {name: told[name] for name in sent} == sent


def test_parts_are_those_that_are_set() -> None:
    buttons = re.findall(r"button\(\{ part: ['`]([^'`]+)['`]", CODE)
    plain = re.findall(r"(?<!\{ )part: ['`]([^'`]+)['`]", CODE)
    words = {word for parts in (*buttons, *plain) for word in parts.split()} | {"button"}
    scores = {"up", "down"} if "${score}" in words else set()
    who = {"visitor", "avatar"} if "${entry.who}" in words else set()

    assert (
        first_cells(section(PAGE, "Looks")) - _properties()
        == {word for word in words if not word.startswith("${")} | scores | who
    )


def test_properties_are_those_that_are_read() -> None:
    described = {name for name in first_cells(section(PAGE, "Looks")) if name.startswith("--")}

    assert described == _properties()


def test_states_and_own_languages_are_told() -> None:
    [states] = re.findall(r"@typedef \{('connecting'.*?)\} State", CODE)
    languages = {path.stem for path in (SOURCES / "strings").glob("*.js")} | {"en"}
    told = section(PAGE, "Attributes and properties")

    assert all(f"`{state}`" in told for state in re.findall(r"'(\w+)'", states))
    assert all(f"`{language}`" in told for language in languages)


def _properties() -> set[str]:
    return set(re.findall(r"--greenroom-[\w-]+", STYLES))

"""Mistakes of authors: the 53 rows of a trial, each as small catalogs with what `check` must say of them.

The rows keep the trial's numbers. A row with several faults has several catalogs, and all must be told.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO

from PIL import Image

from tests.support.catalogs import Content

BOAT = "visiting/boat.yaml"

PHRASES = """\
title: Boats
phrases:
  en:
    - May I come by boat?
    - Where can I moor?
    - landing stage for visitors
    - Is there a berth for us?
    - arriving by water
"""
"""The first eight lines of an intent; what follows begins in line 9."""

GOOD = PHRASES + "answer:\n  en: Tie up at the stone steps below the yellow house.\n"


@dataclass(frozen=True)
class Mistake:
    """Catalog with one mistake. `rule`, `file`, `line`: what must be found; `says`: words that it must use.

    Without a rule nothing may be found: what looks like a mistake is none.
    """

    row: str
    files: Mapping[str, Content]
    rule: str = ""
    line: int = 0
    says: tuple[str, ...] = ()
    file: str = BOAT
    quick: bool = True
    catalog: bool = True
    locales: tuple[str, ...] = ("en",)


def answered(text: str) -> dict[str, Content]:
    """The intent with this text after `answer:`, which stands in line 9."""
    return {BOAT: f"{PHRASES}answer:{text}\n"}


def asked(phrase: str) -> dict[str, Content]:
    """The intent with one more phrase, in line 9, as it is written after the dash."""
    return {BOAT: f"{PHRASES}    -{phrase}\nanswer:\n  en: Tie up at the stone steps below the yellow house.\n"}


def titled(title: str) -> dict[str, Content]:
    return {BOAT: GOOD.replace("title: Boats", f"title: {title}")}


def also(name: str, content: Content = GOOD) -> dict[str, Content]:
    """A good intent, and one more file."""
    return {BOAT: GOOD, name: content}


_WALL = BytesIO()
Image.new("RGB", (600, 600), (90, 120, 200)).save(_WALL, "PNG")

_GERMAN = "Machen Sie Ihr Boot an der steinernen Treppe fest, und kommen Sie dann durch das gelbe Haus zu uns."

MISTAKES = (
    Mistake("1", answered("\n\ten: Tie up."), "yaml-tab", 10, ("tab", "two spaces")),
    Mistake("2", answered("")[BOAT] and {BOAT: PHRASES + "answer\n  en: Tie up.\n"}, "yaml-colon", 9, ("`answer:`",)),
    Mistake("2", {BOAT: "title Boats\n" + GOOD.partition("\n")[2]}, "yaml-colon", 1, ("`title:`",)),
    Mistake("3", titled("“Boats”"), "text-quotes", 1, ("straight quotes",)),
    Mistake("3", answered("\n  en: “Tie up at the steps.”"), "text-quotes", 10, ("straight quotes",)),
    Mistake("4", asked(" yes")),
    Mistake("4", {BOAT: GOOD.replace("arriving by water", "no\n    - On")}),
    Mistake("4", asked(" yes\n    - Yes"), "phrase-twice", 10, ("`Yes`",)),
    Mistake(
        "5",
        {
            "facts.yaml": "opening_hours: from ten to six\nprices:\n  adult: twelve euros\n"
            "first: 10:30\nfee: 12.50\nday: 2026-12-24\n",
            BOAT: PHRASES + "answer:\n  en: Tie up at the steps.\n"
            "card: {title: Boats, body: '{{ facts.first }}, {{ facts.fee }}, {{ facts.day }}'}\n",
        },
    ),
    Mistake("6", also("about/boat.yaml"), "intent-twice", 0, ("about/boat.yaml", "Rename")),
    Mistake("7", also("boats.yaml"), "unknown-file", 0, ("not read", "topic's folder"), file="boats.yaml"),
    Mistake("8", also("visiting/water/quay.yaml"), "unknown-file", 0, ("Move its files up",), file="visiting/water"),
    Mistake("9", answered('\n  en: "{{ facts.opening_hour }}"'), "fact-missing", 10, ("`opening_hours`",)),
    Mistake("10", answered("\n  en: Tie up at the steps 🚤."), "answer-symbol", 10, ("🚤", "captions")),
    Mistake("11", {BOAT: GOOD.replace("\n", "\r\n").encode()}),
    Mistake("11", {BOAT: b"\xef\xbb\xbf" + GOOD.encode()}),
    Mistake("13", {BOAT: GOOD.encode("utf-16")}, "not-utf8", 1, ("UTF-16", "Notepad")),
    Mistake("13", {BOAT: GOOD.replace("steps", "Stüfen").encode("cp1252")}, "not-utf8", 10, ("`ü`", "Notepad")),
    Mistake("15", answered("\n  en: " + "Tie up at the stone steps below. " * 35), "answer-long", 10, ("Shorten",)),
    Mistake("16", answered("\n  en: Book a berth at https://harbour.example/b?x=1 now."), "answer-link", 10, ("card",)),
    Mistake("16", answered("\n  en: Write to quay@harbour.example for a berth."), "answer-link", 10, ("card",)),
    Mistake("16", answered("\n  en: See www.harbour.example for berths."), "answer-link", 10, ("card",)),
    Mistake("17", also("visiting/quay.yml"), "unknown-file", 0, ("`visiting/quay.yaml`",), file="visiting/quay.yml"),
    Mistake(
        "18",
        also("visiting/quay.yaml.txt"),
        "unknown-file",
        0,
        ("`visiting/quay.yaml`", "hides"),
        file="visiting/quay.yaml.txt",
    ),
    Mistake("19", {BOAT: GOOD + "next: [ticket]\n"}, "reference", 11, ("`tickets`",)),
    Mistake(
        "20", asked(" When are you open?"), "phrase-shared", 4, ("boat", "line 9"), file="visiting/opening-hours.yaml"
    ),
    Mistake("21", answered("\n  en: You come in two ways: by boat or on foot."), "yaml-colon", 10, ("quotes",)),
    Mistake("22", asked(" Question: may I moor?"), "wrong-value", 9, ("quotes", "`: `")),
    Mistake("22", asked(" Question： may I moor?")),
    Mistake(
        "23",
        answered("\n  en: [Tie up at the steps, or call us, whatever you like.]"),
        "yaml-comma",
        10,
        ("comma", "quotes"),
    ),
    Mistake(
        "23",
        {
            BOAT: "title: Boats\nphrases:\n"
            "  en: [May I come by boat?, Hello, where can I moor, please, a berth, by water]\n"
            "answer:\n  en: Tie up at the steps.\n"
        },
        "yaml-comma",
        3,
        ("`Hello`", "quotes"),
    ),
    Mistake("24", answered("\n  en: We are quay #1 in town. Tie up there."), "yaml-comment", 10, ("` #`", "quotes")),
    Mistake(
        "24", answered("\n  en:\n    - Ask at desk # 5 beside the door."), "yaml-comment", 11, ("Ask at desk", "quotes")
    ),
    Mistake("24", asked(" Who sits at desk # 5?"), "yaml-comment", 9, ("` #`", "quotes")),
    Mistake("24", titled("#1 in town"), "yaml-comment", 1, ("` #`", "quotes")),
    Mistake(
        "24",
        {BOAT: GOOD, "facts.yaml": "opening_hours: gate #2, ten to six\nprices: {adult: twelve}\n"},
        "yaml-comment",
        1,
        ("` #`", "quotes"),
        file="facts.yaml",
    ),
    Mistake(
        "25",
        also("visiting/Quay Side.yaml"),
        "file-name",
        0,
        ("`visiting/quay-side.yaml`",),
        file="visiting/Quay Side.yaml",
    ),
    Mistake(
        "26", also("visiting/führung.yaml"), "file-name", 0, ("`visiting/fuehrung.yaml`",), file="visiting/führung.yaml"
    ),
    Mistake(
        "27",
        {BOAT: PHRASES.replace("  en:\n", "").replace("    -", "  -") + "answer:\n  en: Tie up.\n"},
        "wrong-value",
        2,
        ("`en:`",),
    ),
    Mistake("27", answered(" Tie up at the steps."), "wrong-value", 9, ("`en:`",)),
    Mistake("28", {BOAT: GOOD.replace("phrases:", "phrase:")}, "unknown-key", 2, ("`phrases`",)),
    Mistake("29", answered("\n\u00a0\u00a0en: Tie up at the steps."), "yaml-blank", 10, ("no-break", "Delete")),
    Mistake(
        "29", {BOAT: GOOD.replace("    - Where", "\u00a0\u00a0\u00a0\u00a0- Where")}, "yaml-blank", 5, ("no-break",)
    ),
    Mistake("30", answered("\n  en: 'Stella' takes you across."), "yaml-quote", 10, ("quote", "whole text")),
    Mistake("30", answered('\n  en: "Ask for the "Stella" at the quay."'), "yaml-quote", 10, ("quote",)),
    Mistake("30", answered('\n  en: "Ask for the Stella at the quay.'), "yaml-quote", 10, ("Close the quote",)),
    Mistake("31", answered("\n  en: {{ facts.opening_hours }} we are here."), "yaml-key", 10, ("`{`", "quotes")),
    Mistake("32", asked(" @home, may I moor?"), "yaml-mark", 9, ("`@`", "quotes")),
    Mistake("34", also("visiting/quay.docx", b"PK"), "unknown-file", 0, ("not read",), file="visiting/quay.docx"),
    Mistake(
        "34",
        also("visiting/~$boat.yaml", b"\x05me"),
        "unknown-file",
        0,
        ("lock file", "Close"),
        file="visiting/~$boat.yaml",
    ),
    Mistake(
        "34",
        also("visiting/boat copy.yaml"),
        "file-name",
        0,
        ("`visiting/boat-copy.yaml`",),
        file="visiting/boat copy.yaml",
    ),
    Mistake(
        "34", also("knowledge/faq.txt", "Boats."), "unknown-file", 0, ("`knowledge/faq.md`",), file="knowledge/faq.txt"
    ),
    Mistake("34", also("visiting/boat.yaml.bak"), "unknown-file", 0, ("backup",), file="visiting/boat.yaml.bak"),
    Mistake("35", {BOAT: GOOD.replace("- Where can I moor?", "-")}, "wrong-value", 5, ("Write a value",)),
    Mistake("35", answered("\n  en:"), "wrong-value", 10, ("Write a value",)),
    Mistake(
        "36", answered("\n  en: Tie up at the steps\n  below the yellow house."), "yaml-indent", 11, ("indented", "en:")
    ),
    Mistake(
        "36",
        answered("\n  en:\n    - Tie up at the steps\n    below the yellow house."),
        "yaml-indent",
        12,
        ("indented",),
    ),
    Mistake("37", answered("\n  en: **Tie up** at the steps."), "yaml-mark", 10, ("`*`", "Markdown")),
    Mistake("37", answered("\n  en: Tie up **at the steps**."), "answer-markup", 10, ("`**at the steps**`",)),
    Mistake("38", answered(f"\n  en: {_GERMAN}"), "text-language", 10, ("German", "`en`")),
    Mistake(
        "38",
        {
            BOAT: GOOD.replace("- May I come by boat?", "- Kann ich mit dem Boot kommen?"),
        },
        "text-language",
        4,
        ("German", "`en`"),
    ),
    Mistake("39", {BOAT: GOOD + "valid:\n  from: 01.12.2026\n"}, "wrong-value", 12, ("`2026-12-31`",)),
    Mistake("40", answered('\n  en: "Tie up {{ where }}."'), "fact-syntax", 10, ("Only facts",)),
    Mistake(
        "41",
        answered("\n  en: Come {facts.opening_hours} to the quay."),
        "text-placeholder",
        10,
        ("`{facts.opening_hours}`", "`{{"),
    ),
    Mistake("41", answered("\n  en: Ask for [name] at the quay."), "text-placeholder", 10, ("`[name]`",)),
    Mistake("41", answered("\n  en: Tie up at the steps. <b>TODO</b>"), "text-placeholder", 10, ("`TODO`",)),
    Mistake("41", answered("\n  en: Tie up at the <b>stone</b> steps."), "answer-markup", 10, ("`<b>`",)),
    Mistake("42", answered("\n  en: Ask for Mr M\ufffdller at the quay."), "text-broken", 10, ("M\ufffdller", "again")),
    Mistake("42", answered("\n  en: Ask for Mr MÃ¼ller at the quay."), "text-broken", 10, ("`Müller`",)),
    Mistake("42", asked(" Whereâ€™s the quay?"), "text-broken", 9, ("`Where’s`",)),
    Mistake(
        "43",
        {
            "facts.yaml": "opening_hours: ten to six\nprices: {adult: twelve}\n"
            "phone: {en: zero three, five five five, de: null drei}\n"
        },
        "yaml-comma",
        3,
        ("`five five five`", "quotes"),
        file="facts.yaml",
    ),
    Mistake("44", also("visiting/quay.YAML"), "unknown-file", 0, ("`visiting/quay.yaml`",), file="visiting/quay.YAML"),
    Mistake("44", also("visiting/faq.csv", "a;b"), "unknown-file", 0, ("not read", "import"), file="visiting/faq.csv"),
    Mistake("44", also("visiting/notes.txt", "x"), "unknown-file", 0, ("not read",), file="visiting/notes.txt"),
    Mistake("44", also("faq.xlsx", b"PK"), "unknown-file", 0, ("not read", "import"), file="faq.xlsx"),
    Mistake("44", also("knowledge.md", "# K\n\nText."), "unknown-file", 0, ("`knowledge/`",), file="knowledge.md"),
    Mistake(
        "44", also("Knowledge/k.md", "# K\n\nText."), "unknown-file", 0, ("`knowledge/k.md`",), file="Knowledge/k.md"
    ),
    Mistake("44", also("fact.yaml", "a: b\n"), "unknown-file", 0, ("`facts.yaml`",), file="fact.yaml"),
    Mistake(
        "45", also("knowledge/quay.md", "The quay is old.\n"), "document-title", 1, ("`# `",), file="knowledge/quay.md"
    ),
    Mistake(
        "45",
        also("knowledge/price list.md", "# Prices\n\nThe quay is old.\n"),
        "document-name",
        0,
        ("`price-list.md`",),
        file="knowledge/price list.md",
    ),
    Mistake("46", {BOAT: GOOD + "title: Ships\n"}, "yaml-duplicate-key", 11, ("line 1",)),
    Mistake("47", {BOAT: GOOD.replace("    - Where", "    -Where")}, "yaml-dash", 5, ("blank",)),
    Mistake("47", {BOAT: GOOD.replace("    - May", "    -May")}, "yaml-dash", 4, ("blank",)),
    Mistake("47", {BOAT: GOOD.replace("    - Where", "      - Where")}, "yaml-dash", 5, ("indent",)),
    Mistake("47", {BOAT: GOOD.replace("    - Where", "   - Where")}, "yaml-indent", 5, ("3", "4")),
    Mistake("47", {BOAT: GOOD.replace("phrases:", " phrases:")}, "yaml-indent", 2, ("1",)),
    Mistake("47", {BOAT: PHRASES + "  answer:\n    en: Tie up.\n"}, "wrong-value", 9, ("indented too far",)),
    Mistake("48", {BOAT: GOOD + "card:\n  title: B\n  url: www.harbour.example\n"}, "wrong-value", 13, ("https://",)),
    Mistake("49", answered("\n  en: |\n    You need:\n    - a rope\n    - a flag"), "answer-markup", 10, ("list",)),
    Mistake(
        "49", {BOAT: PHRASES.replace("    - ", "    – ") + "answer:\n  en: Tie up.\n"}, "yaml-dash", 4, ("`–`", "`- `")
    ),
    Mistake(
        "49", answered("\n  en:\n    • Tie up at the steps.\n    • Moor at the quay."), "yaml-dash", 11, ("`•`", "`- `")
    ),
    Mistake(
        "50",
        titled("How to arrive here by boat, where you may tie up, and what a berth costs for a night or a week"),
        "title-long",
        1,
        ("chip",),
    ),
    Mistake("51", titled("2026"), "wrong-value", 1, ("quotes",)),
    Mistake("51", asked(" 42"), "wrong-value", 9, ("quotes",)),
    Mistake("51", asked(" true"), "wrong-value", 9, ("quotes",)),
    Mistake("51", asked(" null"), "wrong-value", 9, ("`null`", "quotes")),
    Mistake("51", asked(" ~"), "wrong-value", 9, ("`~`", "quotes")),
    Mistake(
        "52",
        {
            "avatars/mira.yaml": "name: Mira\nportrait: mira.png\ndisclosure: {en: Made.}\n"
            "consent:\n  subject: Ada\n  kind: person\n"
        },
        "consent-evidence",
        4,
        ("paper",),
        file="avatars/mira.yaml",
    ),
    Mistake(
        "53",
        {"tests.yaml": "- {ask: may i come by boat, expect: none}\n", BOAT: GOOD},
        "question-contradicts",
        1,
        ("phrase of `boat`",),
        file="tests.yaml",
    ),
    Mistake(
        "54", {"avatars/mira.png": b"no picture"}, "portrait-unreadable", 2, ("picture",), file="avatars/mira.yaml"
    ),
    Mistake(
        "54",
        {"avatars/mira.png": _WALL.getvalue()},
        "portrait-faces",
        2,
        ("one face",),
        file="avatars/mira.yaml",
        quick=False,
    ),
    Mistake("55", {"catalog.yaml": None}, "catalog-missing", 0, ("`name:`",), file="catalog.yaml"),
)
"""Rows 12 and 14 share the row before them; row 33, figures, is judged in `tests/catalog`. So these are 52 of 53."""

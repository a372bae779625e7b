import io
import os
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from app.adapters.catalog_files.loader import load_catalog, load_or_raise
from app.catalog.findings import Level
from app.catalog.model import Role
from app.digest import digest_bytes
from app.errors import CatalogError
from tests.support.catalogs import FILES, Content, write_catalog, write_file

HOURS = "visiting/opening-hours.yaml"
INTENT = "title: Dogs\nphrases:\n  en: [Can I bring my dog?]\nanswer:\n  en: No.\n"


def test_loads_a_small_catalog(tmp_path: Path):
    root = write_catalog(tmp_path)

    result = load_catalog(root)

    assert result.findings == ()
    assert result.catalog is not None
    assert result.catalog.locales == ("en",)
    assert result.catalog.intent("opening-hours").answers("en", "en")[0] == "We are open from ten to six."
    assert result.catalog.intent("opening-hours").card.body == "Open from ten to six"
    assert result.catalog.intent("tickets").answer == {"en": ("A ticket is twelve euros.",)}
    assert result.catalog.intent("tickets").next == ("opening-hours",)
    assert [intent.id for intent in result.catalog.in_role(Role.HOLDING)] == ["holding"]
    assert [question.expect for question in result.catalog.questions] == ["opening-hours", "tickets", "none"]
    assert result.catalog.documents[0].title == "How it began"
    assert result.catalog.avatar.portrait_digest == digest_bytes((root / "avatars/mira.png").read_bytes())


BAD: dict[str, tuple[dict[str, Content], str, int, str]] = {
    "duplicate keys": ({"a/x.yaml": INTENT + "title: Again\n"}, "a/x.yaml", 6, "yaml-duplicate-key"),
    "alias bomb": ({"a/x.yaml": "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"}, "a/x.yaml", 1, "yaml-alias"),
    "unknown field": ({"a/x.yaml": INTENT + "phrase: x\n"}, "a/x.yaml", 6, "unknown-key"),
    "misspelt required field": ({"a/x.yaml": INTENT.replace("title", "titel")}, "a/x.yaml", 1, "unknown-key"),
    "unknown nested field": ({"a/x.yaml": INTENT + "card:\n  title: x\n  text: y\n"}, "a/x.yaml", 8, "unknown-key"),
    "missing field": ({"a/x.yaml": INTENT.removeprefix("title: Dogs\n")}, "a/x.yaml", 0, "missing-key"),
    "wrong type": ({"a/x.yaml": INTENT + "next:\n  - 12\n"}, "a/x.yaml", 7, "wrong-value"),
    "list for a mapping": ({"a/x.yaml": "title: x\nphrases: [a, b]\n"}, "a/x.yaml", 2, "wrong-value"),
    "unquoted colon": ({"a/x.yaml": "title: x\nanswer:\n  en:\n    - Yes: we are\n"}, "a/x.yaml", 4, "wrong-value"),
    "list at the top": ({"a/x.yaml": "- a\n- b\n"}, "a/x.yaml", 0, "wrong-value"),
    "yaml 1.1 boolean": ({"a/x.yaml": INTENT + "interruptible: no\n"}, "a/x.yaml", 6, "wrong-value"),
    "bad day": ({"a/x.yaml": INTENT + "valid: {until: 2026-02-30}\n"}, "a/x.yaml", 6, "wrong-value"),
    "bad locale": ({"a/x.yaml": "title: x\nanswer:\n  English: y\n"}, "a/x.yaml", 3, "wrong-value"),
    "nesting of 5 MB": ({"a/x.yaml": "[" * 5_000_000}, "a/x.yaml", 0, "file-too-large"),
    "deep nesting": ({"a/x.yaml": "[" * 100_000}, "a/x.yaml", 1, "yaml-depth"),
    "tab": ({"a/x.yaml": "title: x\nanswer:\n\ten: y\n"}, "a/x.yaml", 3, "yaml-tab"),
    "not utf-8": ({"a/x.yaml": b"title: caf\xe9\n"}, "a/x.yaml", 1, "not-utf8"),
    "empty file": ({"a/x.yaml": ""}, "a/x.yaml", 0, "empty-file"),
    "two documents": ({"a/x.yaml": INTENT + "---\n" + INTENT}, "a/x.yaml", 6, "yaml-documents"),
    "bad file name": ({"a/Dogs Allowed.yaml": INTENT}, "a/Dogs Allowed.yaml", 0, "file-name"),
    "unknown fact": (
        {"a/x.yaml": "title: x\nanswer:\n  en: '{{facts.opening_hour}}'\n"},
        "a/x.yaml",
        3,
        "fact-missing",
    ),
    "other template": ({"a/x.yaml": "title: x\nanswer:\n  en: '{{ name }}'\n"}, "a/x.yaml", 3, "fact-syntax"),
    "open template": ({"a/x.yaml": "title: x\nanswer:\n  en: 'Hi {{ facts.x'\n"}, "a/x.yaml", 3, "fact-syntax"),
    "fact in a phrase": ({"a/x.yaml": "title: x\nphrases:\n  en: '{{ facts.x }}'\n"}, "a/x.yaml", 3, "fact-syntax"),
    "empty facts": ({"facts.yaml": "# none\n"}, "facts.yaml", 0, "empty-file"),
    "fact that is a list": ({"facts.yaml": FILES["facts.yaml"] | {"x": [1]}}, "facts.yaml", 4, "fact-value"),
    "avatar not there": ({"catalog.yaml": "name: x\navatar: mara\n"}, "catalog.yaml", 2, "avatar-missing"),
    "avatar broken": ({"avatars/mira.yaml": "name: Mira\n"}, "avatars/mira.yaml", 0, "missing-key"),
    "unknown test key": ({"tests.yaml": "- ask: x\n  expct: none\n"}, "tests.yaml", 2, "unknown-key"),
    "default locale not listed": (
        {"catalog.yaml": "name: x\navatar: mira\nlocales: [de]\n"},
        "catalog.yaml",
        3,
        "locale-unknown",
    ),
    "knowledge not utf-8": ({"knowledge/x.md": b"# x\n\ncaf\xe9\n"}, "knowledge/x.md", 3, "not-utf8"),
}


@pytest.mark.parametrize(("files", "file", "line", "rule"), BAD.values(), ids=BAD.keys())
def test_a_bad_file_is_one_finding(tmp_path: Path, files: Mapping[str, Content], file: str, line: int, rule: str):
    root = write_catalog(tmp_path, files=files)

    started = time.perf_counter()
    result = load_catalog(root)
    elapsed_s = time.perf_counter() - started

    assert [(one.file, one.line, one.rule, one.level) for one in result.findings] == [(file, line, rule, Level.ERROR)]
    assert result.catalog is None
    assert elapsed_s < 1.5


def a_picture(mode: str, kind: str) -> bytes:
    out = io.BytesIO()
    Image.new(mode, (8, 8)).save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize(
    ("mode", "kind", "kept", "rules"),
    [
        ("RGBA", "PNG", "#102030", []),
        ("RGB", "PNG", None, ["background-unseen"]),
        ("RGBA", "TIFF", None, ["background-unseen"]),  # a format that no portrait has is not opened
    ],
)
def test_a_background_counts_where_the_portrait_is_transparent(tmp_path: Path, mode, kind, kept, rules):
    avatar = {
        "name": "M",
        "portrait": "m.png",
        "background": "#102030",
        "consent": {"subject": "M", "kind": "synthetic"},
    }
    root = write_catalog(tmp_path, files={"avatars/mira.yaml": avatar, "avatars/m.png": a_picture(mode, kind)})

    result = load_catalog(root)

    assert result.catalog is not None
    assert result.catalog.avatar.background == kept
    assert [(one.rule, one.level) for one in result.findings if one.rule == "background-unseen"] == [
        (rule, Level.WARNING) for rule in rules
    ]


@pytest.mark.parametrize("key", ["portrait", "evidence"])
@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("../../outside.png", "path-outside"),
        ("/etc/hostname", "path-outside"),
        ("link.png", "path-outside"),
        ("absent.png", "file-missing"),
        ("", "file-missing"),
        ("x" * 5000, "file-unreadable"),
        ("empty.png", "file-too-large"),
    ],
)
def test_named_files_stay_inside_and_exist(tmp_path: Path, key: str, name: str, rule: str):
    avatar = {"name": "M", "portrait": "mira.png", "consent": {"subject": "M", "kind": "person"}}
    (avatar if key == "portrait" else avatar["consent"])[key] = name
    root = write_catalog(tmp_path, files={"avatars/mira.yaml": avatar, "avatars/empty.png": b""})
    write_file(tmp_path / "outside.png", b"secret")
    (root / "avatars" / "link.png").symlink_to(tmp_path / "outside.png")
    expected_line = 2 if key == "portrait" else 6

    findings = [one for one in load_catalog(root).findings if one.file == "avatars/mira.yaml"]

    assert [(one.rule, one.line) for one in findings] == [(rule, expected_line)]


@pytest.mark.parametrize("name", ["visiting/leak.yaml", "topic", "facts.yaml", "visiting/loop.yaml"])
def test_links_that_leave_the_root_are_one_finding(tmp_path: Path, name: str):
    root = write_catalog(tmp_path, files={"facts.yaml": None} if name == "facts.yaml" else {})
    write_file(tmp_path / "outside" / "x.yaml", INTENT)
    target = {"topic": tmp_path / "outside", "visiting/loop.yaml": root / name}.get(name, tmp_path / "outside/x.yaml")
    (root / name).symlink_to(target)

    findings = [one for one in load_catalog(root).findings if one.rule != "fact-missing"]

    assert [(one.file, one.rule) for one in findings] == [(name, "path-outside")]


def test_a_link_inside_the_root_is_followed(tmp_path: Path):
    root = write_catalog(tmp_path)
    (root / "visiting" / "pets.yaml").symlink_to(root / "visiting" / "dogs.yaml")

    assert load_or_raise(root).intent("pets").title == "Dogs"


def test_a_pipe_is_never_opened(tmp_path: Path):
    root = write_catalog(tmp_path)
    os.mkfifo(root / "visiting" / "pipe.yaml")

    assert load_catalog(root).findings == ()


def test_stray_yaml_is_a_warning_and_the_rest_is_passed_over(tmp_path: Path):
    stray = {"extra.yaml": "a: b", "visiting/new.yml": INTENT, "visiting/deep/x.yaml": INTENT, "knowledge/x.yaml": "a"}
    quiet = {"README.md": "# Guide", "visiting/LICENSE.txt": "x", ".hidden.yaml": "[", "visiting/.swp.yaml": "["}
    root = write_catalog(tmp_path, files=stray | quiet)

    result = load_catalog(root)

    assert {one.file for one in result.findings} == {
        "extra.yaml",
        "visiting/new.yml",
        "visiting/deep",
        "knowledge/x.yaml",
    }
    assert {one.level for one in result.findings} == {Level.WARNING}
    assert result.catalog is not None


def test_all_findings_come_at_once_by_file_and_line(tmp_path: Path):
    root = write_catalog(
        tmp_path, files={"b/x.yaml": INTENT + "b: 1\na: 1\n", "a/y.yaml": "", "facts.yaml": "x: [1]\n"}
    )

    findings = load_catalog(root).findings

    places = [(one.file, one.line) for one in findings]
    assert places == sorted(places)
    assert {("a/y.yaml", 0), ("b/x.yaml", 6), ("b/x.yaml", 7), ("facts.yaml", 1)} <= set(places)


def test_an_unknown_key_offers_the_nearest(tmp_path: Path):
    root = write_catalog(tmp_path, files={"a/x.yaml": INTENT + "not_phrase: {}\n"})

    assert load_catalog(root).findings[0].hint == "Did you mean `not_phrases`?"


def test_text_with_a_colon_is_told_to_be_quoted(tmp_path: Path):
    root = write_catalog(tmp_path, files={"a/x.yaml": "title: x\nanswer:\n  en:\n    - Yes: we are\n"})

    assert "quotes" in load_catalog(root).findings[0].hint


@pytest.mark.parametrize("make", [False, True], ids=["no folder", "empty folder"])
def test_a_missing_catalog_is_one_finding_that_says_what_to_do(tmp_path: Path, make: bool):  # noqa: FBT001
    root = tmp_path / "nowhere"
    if make:
        root.mkdir()

    result = load_catalog(root)

    assert [one.rule for one in result.findings] == ["catalog-missing"]
    assert "--catalog DIR" in result.findings[0].hint


def test_an_unused_fact_is_a_warning(tmp_path: Path):
    facts = FILES["facts.yaml"] | {"cat": "Ratchet"}
    root = write_catalog(tmp_path, files={"facts.yaml": facts})

    result = load_catalog(root)

    assert [(one.rule, one.line, one.level) for one in result.findings] == [("fact-unused", 4, Level.WARNING)]
    assert result.catalog is not None


def test_facts_reach_cards_disclosures_and_documents(tmp_path: Path):
    card = {"title": "{{facts.a}}", "url": "{{ facts.site }}/x"}
    files = {
        "facts.yaml": "a: 12.50\nsite: https://example.org\n",
        "visiting/opening-hours.yaml": {"title": "x", "answer": {"en": "Now {{   facts.a   }}."}, "card": card},
        "visiting/tickets.yaml": None,
        "knowledge/history.md": "It costs {{ facts.a }}.",
    }
    root = write_catalog(tmp_path, files=files)

    catalog = load_or_raise(root)

    assert catalog.intent("opening-hours").answer["en"] == ("Now 12.50.",)
    assert catalog.intent("opening-hours").card.url == "https://example.org/x"
    assert catalog.documents[0].passages == ("It costs 12.50.",)


def test_a_fact_cannot_make_a_script_link(tmp_path: Path):
    intent = {"title": "x", "answer": {"en": "x"}, "card": {"title": "x", "url": "{{ facts.opening_hours }}"}}
    root = write_catalog(tmp_path, files={"facts.yaml": "opening_hours: 'javascript:x'\n", HOURS: intent})

    assert "fact-url" in {one.rule for one in load_catalog(root).findings}


def test_roles_come_from_the_catalog_or_the_intents(tmp_path: Path):
    root = write_catalog(tmp_path, roles={"holding": ["holding", "dogs"], "greeting": "greeting"})

    catalog = load_or_raise(root)

    assert catalog.roles[Role.HOLDING] == ("holding", "dogs")
    assert catalog.roles[Role.IDLE] == ("idle",)
    assert catalog.intent("dogs").role is Role.HOLDING


@pytest.mark.parametrize("roles", [{"idle": ["holding"]}, {"idle": ["idle", "greeting"]}, {"greeting": "dogs"}])
def test_roles_that_disagree_are_a_finding(tmp_path: Path, roles: Mapping[str, object]):
    root = write_catalog(tmp_path, roles=roles)

    result = load_catalog(root)

    assert {one.rule for one in result.findings} == {"role-conflict"}
    assert result.catalog is None


def test_tests_may_be_a_bare_list(tmp_path: Path):
    root = write_catalog(tmp_path, files={"tests.yaml": "- ask: hello\n  not: [dogs]\n- ask: x\n  expect: none\n"})

    result = load_catalog(root)

    assert [question.ask for question in result.catalog.questions] == ["hello", "x"]
    assert result.places.find("tests.yaml", "tests", 1, "expect").line == 4


def test_the_digest_names_the_content_not_the_place(tmp_path: Path):
    here, there = write_catalog(tmp_path / "a"), write_catalog(tmp_path / "b")
    changed = write_catalog(tmp_path / "c", files={"facts.yaml": FILES["facts.yaml"] | {"opening_hours": "never"}})
    face = write_catalog(tmp_path / "d", portrait_px=520)

    digests = [load_or_raise(root).digest for root in (here, there, changed, face)]

    assert digests[0] == digests[1]
    assert len(set(digests)) == 3


def test_evidence_is_named_by_digest(tmp_path: Path):
    consent = {"subject": "Ada", "kind": "person", "evidence": "ada.pdf", "scope": "this desk"}
    avatar = FILES["avatars/mira.yaml"] | {"consent": consent}
    root = write_catalog(tmp_path, files={"avatars/mira.yaml": avatar, "avatars/ada.pdf": b"signed"})

    assert load_or_raise(root).avatar.evidence_digest == digest_bytes(b"signed")


def test_load_or_raise_counts_and_quotes(tmp_path: Path):
    root = write_catalog(tmp_path, files={f"a/x{at}.yaml": "" for at in range(12)})

    with pytest.raises(CatalogError) as caught:
        load_or_raise(root)

    assert "12 errors" in str(caught.value)
    assert "a/x0.yaml: error: Expected content" in str(caught.value)
    assert "and 2 more" in str(caught.value)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(
        ["catalog.yaml", "facts.yaml", "tests.yaml", HOURS, "avatars/mira.yaml", "knowledge/history.md"]
    ),
    content=st.one_of(
        st.binary(max_size=200),
        st.text("abt:e -[]{},\n\t&*!'\"#|>0", max_size=80).map(str.encode),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(
                        ["title", "phrases", "answer", "en", "card", "name", "portrait", "roles", "idle", "voice"]
                    ),
                    inner,
                    max_size=4,
                )
            ),
            max_leaves=8,
        ).filter(lambda value: isinstance(value, dict | list)),
    ),
)
def test_any_content_gives_a_catalog_or_errors(tmp_path: Path, name: str, content: Content):
    root = write_catalog(tmp_path)
    write_file(root / name, content)

    result = load_catalog(root)

    errors = [one for one in result.findings if one.level is Level.ERROR]
    assert (result.catalog is None) == bool(errors)

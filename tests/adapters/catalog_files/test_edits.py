"""Edits of a catalog's folder: the author's own characters stay, and nothing is half written."""

import pytest

from app.adapters.catalog_files.edits import CatalogFolder
from app.adapters.catalog_files.strict_yaml import parse
from app.author_errors import EditConflictError, EditRefusedError
from app.authoring.edits import AddTexts, Edit, NewIntent, SetDraft, SetFact, SetNext, SetTexts, SetTitle
from app.errors import CatalogError

CATALOG = "name: Quay\navatar: ada\nlocales: [en, de]\n"
AVATAR = "name: Ada\nportrait: ada.png\nconsent: {subject: Ada, kind: synthetic}\n"
LIFT = """# the lift
title: 'Lift'   # on the chip
phrases:
  en:
    # asked at the desk
    - Is there a lift?
    - "do you have: an elevator"   # both words

    - lift to the second floor
answer:
  en: Yes, behind {{ facts.desk }}.   # spoken
  # no German yet
next: [hours]
"""
HOURS = """title: Hours
phrases: {en: [When are you open?, opening hours], de: Wann ist offen?}
answer: {en: From nine to five.}
"""
FACTS = "# said once\ndesk: the desk  # front\nprice:\n  adult: '12.50'\nclosed: {en: Monday, de: Montag}\n"


@pytest.fixture
def root(tmp_path):
    files = {
        "catalog.yaml": CATALOG,
        "facts.yaml": FACTS,
        "avatars/ada.yaml": AVATAR,
        "house/lift.yaml": LIFT,
        "house/hours.yaml": HOURS,
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "avatars/ada.png").write_bytes(b"not looked at")
    return tmp_path


def written(root, *edits: Edit):
    folder = CatalogFolder(root)
    folder.write(folder.edited(edits))


def test_phrases_are_added_below_the_last_one_and_nothing_else_moves(root):
    written(root, AddTexts("lift", "phrases", "en", ("where is the lift", "Is there a lift?", "lift: now", "no")))

    added = '    - where is the lift\n    - "lift: now"\n    - "no"\n'
    assert (root / "house/lift.yaml").read_text() == LIFT.replace("second floor\n", "second floor\n" + added)


def test_a_phrase_between_brackets_keeps_its_comma(root):
    written(
        root, AddTexts("hours", "phrases", "en", ("open, or shut?",)), AddTexts("hours", "phrases", "de", ("Zeiten",))
    )

    new = HOURS.replace("opening hours]", 'opening hours, "open, or shut?"]')
    assert (root / "house/hours.yaml").read_text() == new.replace("Wann ist offen?", "[Wann ist offen?, Zeiten]")


def test_near_misses_get_a_key_of_their_own_behind_the_phrases(root):
    written(root, AddTexts("lift", "not_phrases", "en", ("who invented the lift",)))

    new = LIFT.replace("answer:\n", "not_phrases:\n  en:\n    - who invented the lift\nanswer:\n")
    assert (root / "house/lift.yaml").read_text() == new


def test_a_list_is_set_line_by_line(root):
    wished = ("Is there a lift?", 'an "elevator"', "stairs")

    written(root, SetTexts("lift", "phrases", "en", wished))

    text = (root / "house/lift.yaml").read_text()
    assert '    # asked at the desk\n    - Is there a lift?\n    - "an \\"elevator\\""   # both words\n' in text
    assert parse(text.encode()).data["phrases"]["en"] == list(wished)


def test_an_answer_changes_in_place_and_gets_variants(root):
    written(root, SetTexts("lift", "answer", "en", ("Yes: over there.",)))
    first = (root / "house/lift.yaml").read_text()
    written(root, SetTexts("lift", "answer", "en", ("Yes: over there.", "It is.")))

    assert '  en: "Yes: over there."   # spoken\n  # no German yet\n' in first
    assert '  en: ["Yes: over there.", It is.]   # spoken\n' in (root / "house/lift.yaml").read_text()


def test_a_part_that_gets_no_texts_goes_with_its_key(root):
    written(root, AddTexts("lift", "not_phrases", "en", ("a",)))
    written(root, SetTexts("lift", "not_phrases", "en", ()), SetTexts("hours", "phrases", "de", ()))

    assert (root / "house/lift.yaml").read_text() == LIFT
    assert (root / "house/hours.yaml").read_text() == HOURS.replace(", de: Wann ist offen?", "")


def test_title_chips_and_draft(root):
    edits = (SetTitle("lift", "Lift's"), SetNext("lift", ("hours", "lift")), SetDraft("lift", "proposed"))

    written(root, *edits)
    text = (root / "house/lift.yaml").read_text()
    written(root, SetDraft("lift", None), SetTitle("lift", "Lift"), SetNext("lift", ("hours",)))

    assert text.startswith("# the lift\ntitle: 'Lift''s'   # on the chip\ndraft: true  # proposed\nphrases:")
    assert text.endswith("next: [hours, lift]\n")
    assert (root / "house/lift.yaml").read_text() == LIFT


def test_facts_keep_their_quotes_and_notes(root):
    edits = (SetFact("desk", "the till"), SetFact("price.adult", "13.00"), SetFact("closed", "Dienstag", "de"))

    written(root, *edits, SetFact("price.child", "six"))

    new = FACTS.replace("the desk", "the till").replace("12.50", "13.00").replace("Montag", "Dienstag")
    assert (root / "facts.yaml").read_text() == new.replace("'13.00'\n", "'13.00'\n  child: six\n")


def test_a_new_intent_is_a_file_that_reads_back(root):
    edit = NewIntent(
        id="parking",
        topic="outside",
        title="Parking: where",
        phrases={"en": ("Where can I park?", "- car", "car park #2")},
        answer={"en": ("Behind the house.",)},
        next=("hours",),
        draft="proposed from the documents",
    )

    written(root, edit)

    data = parse((root / "outside/parking.yaml").read_bytes()).data
    assert data["title"] == "Parking: where"
    assert data["phrases"] == {"en": ["Where can I park?", "- car", "car park #2"]}
    assert data["draft"] is True
    assert "draft: true  # proposed from the documents\n" in (root / "outside/parking.yaml").read_text()


def test_windows_line_ends_and_byte_order_marks_stay(root):
    path = root / "house/lift.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + LIFT.replace("\n", "\r\n").encode())

    written(root, AddTexts("lift", "phrases", "en", ("up",)))

    new = LIFT.replace("second floor\n", "second floor\n    - up\n")
    assert path.read_bytes() == b"\xef\xbb\xbf" + new.replace("\n", "\r\n").encode()


def test_a_file_that_changed_meanwhile_is_not_written_over(root):
    folder = CatalogFolder(root)
    seen = folder.seen("house/lift.yaml")
    edited = folder.edited([SetTitle("lift", "Up"), SetTitle("hours", "Open")], seen={seen.file: seen.digest})
    (root / "house/lift.yaml").write_text(LIFT + "# hello\n")

    with pytest.raises(EditConflictError, match="changed meanwhile"):
        folder.write(edited)
    with pytest.raises(EditConflictError):
        folder.edited([SetTitle("lift", "Up")], seen={seen.file: seen.digest})

    assert (root / "house/lift.yaml").read_text() == LIFT + "# hello\n"
    assert (root / "house/hours.yaml").read_text() == HOURS


def test_an_edit_that_breaks_the_catalog_writes_nothing(root):
    folder = CatalogFolder(root)

    with pytest.raises(CatalogError, match="fact"):
        folder.edited([SetTexts("lift", "answer", "en", ("At {{ facts.moon }}.",))])

    assert sorted(path.name for path in (root / "house").iterdir()) == ["hours.yaml", "lift.yaml"]
    assert (root / "house/lift.yaml").read_text() == LIFT


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (SetTitle("lifts", "x"), "Did you mean `lift`"),
        (NewIntent("lift", "house", "x", {}, {}), "free"),
        (NewIntent("x", "../house", "x", {}, {}), "lower-case words"),
        (NewIntent("x", "avatars", "x", {}, {}), "no topics"),
        (SetFact("closed", "Sunday"), "Name the locale"),
        (SetFact("desk", "x", "de"), "Leave the locale out"),
    ],
)
def test_what_cannot_be_edited_is_refused(root, edit, says):
    with pytest.raises(EditRefusedError, match=says):
        CatalogFolder(root).edited([edit])


def test_only_files_of_the_catalog_are_shown(root):
    with pytest.raises(EditRefusedError):
        CatalogFolder(root).seen("../secret.yaml")

from pathlib import Path

import pytest

from app.adapters.catalog_files.documents import MAX_PASSAGE_CHARACTERS, to_document
from app.adapters.catalog_files.documents import read_document as read_with_findings
from app.adapters.catalog_files.markdown import read_page
from app.adapters.catalog_files.reader import Reader


def read_document(stem: str, text: str):
    return to_document(stem, read_page(text))


def test_the_first_heading_is_the_title_else_the_stem():
    assert read_document("x", "## Small\n\ntext\n\n# Big\n").title == "Big"
    assert read_document("x", "text").title == "x"


def test_paragraphs_are_joined_lines_without_marks():
    text = "# T\n\nOne **bold**\nline with a [link](http://x).\n\n- First.\n- Second `code`.\n\n---\n\n> Quoted.\n"

    passages = read_document("x", text).passages

    assert passages == ("One bold line with a link.", "First.", "Second code.", "Quoted.")


def test_long_paragraphs_are_cut_between_sentences():
    sentence = "This sentence has some fifty characters in all, yes."

    passages = read_document("x", " ".join([sentence] * 20)).passages

    assert [passage.count("yes.") for passage in passages] == [3, 3, 3, 3, 3, 3, 2]
    assert all(len(passage) <= MAX_PASSAGE_CHARACTERS for passage in passages)


def test_a_number_or_an_initial_does_not_end_a_sentence():
    passages = read_document(
        "x", "It cost 3.50 marks. The lid of no. 7 is lost. It was found by e.g. children."
    ).passages

    assert len(passages) == 1


def test_front_matter_is_left_out():
    assert read_document("x", "---\na: b\n---\n# T\n\nText.").passages == ("Text.",)


def test_each_passage_knows_its_section():
    document = read_document("x", "# T\n\nFirst.\n\n## One\n\nA.\n\nB.\n\nTwo\n---\n\nC.\n")

    assert document.passages == ("First.", "A.", "B.", "C.")
    assert document.sections == ("", "One", "One", "Two")
    assert read_document("x", "# T\n\nFirst.").sections == ()


UNSEEN = {
    "comment": "One. <!-- not\nthis -->Two.\n\n<!-- nor this -->\n\n<!--\n\nnor this\n\n-->",
    "comment without an end": "One. Two. <!-- nobody closed this",
    "html": "One. <b>Two</b>.\n\n<div>\nnot this\n</div>",
    "table": "One. Two.\n\n| a | b |\n|---|---|\n| not | this |\n",
    "code": "One. Two.\n\n```sh\nnot this\n```\n\n    nor this\n",
    "footnote": "One.[^1] Two.\n\n[^1]: Not this,\n    nor this.\n\n    Nor this.\n",
    "picture": "One. ![not this](x.png)Two.",
    "link": "[One](https://a.example/x). [Two][r].\n\n[r]: https://a.example 'Not this'\n",
    "bare address": "One. See <https://a.example>. Two. Or www.b.example/x, if you must.",
    "struck": "One. ~~Not this.~~ Two.",
    "front matter": "---\na: b\n---\nOne. Two.",
    "task box": "- [ ] One.\n- [x] Two.",
}


@pytest.mark.parametrize("text", UNSEEN.values(), ids=UNSEEN.keys())
def test_what_a_reader_of_the_page_does_not_see_is_left_out(text: str):
    assert " ".join(read_document("x", text).passages) == "One. Two."


def test_check_names_once_a_kind_what_is_left_out_and_where():
    reader = Reader(Path())
    text = "# T\n\nOne [link](http://x).\n\n<!-- a --> Words\n\n| a |\n|---|\n| b |\n\nTwo\nlines<!-- b -->.\n"

    read_with_findings(reader, "knowledge/x.md", text)

    assert [(one.line, one.rule) for one in reader.findings] == [(line, "document-unsaid") for line in (3, 5, 5, 7)]
    assert str(reader.findings[1]) == (
        "knowledge/x.md:5: warning: Expected words that can be said, got a comment, also in line 12; it is neither "
        "said nor shown. Nothing to do, unless visitors should hear it. [document-unsaid]"
    )
    assert "HTML" in reader.findings[2].message


def test_plain_documents_have_no_findings():
    reader = Reader(Path())

    read_with_findings(reader, "x.md", "# T\n\n## S\n\nA *b* `c` &amp; 1\\. d.\n\n- e\n\n> f\n\n***\n")

    assert reader.findings == []

from app.adapters.catalog_files.parts import MAX_PASSAGE_CHARACTERS, read_document


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

from app.catalog.findings import Complaint, Finding, Level, SourceLines, ordered

PLACES = SourceLines({"a.yaml": {("x",): 3, ("x", "y"): 4, ("x", "y", 0): 5}})


def test_a_place_is_the_value_or_the_nearest_around_it():
    assert PLACES.find("a.yaml", "x", "y", 0).line == 5
    assert PLACES.find("a.yaml", "x", "y", 7).line == 4
    assert PLACES.find("a.yaml", "x", "z").line == 3
    assert PLACES.find("a.yaml", "q").line == 0
    assert PLACES.find("b.yaml", "x").line == 0


def test_a_complaint_becomes_a_finding_with_its_line():
    finding = Complaint("rule", ("x", "y"), "Wrong.", "Right it.").at("a.yaml", PLACES)

    assert str(finding) == "a.yaml:4: error: Wrong. Right it. [rule]"


def test_findings_are_ordered_by_file_and_line_and_told_once():
    one, two, three = (Finding(Level.ERROR, "r", file, line, "m") for file, line in [("a", 2), ("a", 10), ("b", 1)])

    assert ordered([three, two, one, two]) == (one, two, three)

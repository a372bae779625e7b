"""The benchmark of the Studio on a small site: that each page is opened and measured, not how fast it is."""

from tests.benchmarks import studio


def test_each_page_is_measured(tmp_path, monkeypatch):
    monkeypatch.setattr(studio, "RUNS", 2)
    page = tmp_path / "studio.md"

    studio.main([str(page), "--intents", "12", "--turns", "400", "--questions", "60"])

    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in page.read_text().splitlines()]
    rows = {row[0].strip("`"): row for row in rows if len(row) == 4}
    for place in studio.PAGES:
        _, middle, high, size = rows[f"/studio/{place}"]
        assert float(high) >= float(middle) >= 0
        assert float(size) > 0


def test_pages_that_take_too_long_are_counted():
    said = studio.table({"": (10.0, 20.0, 5000), "plan": (90.0, 301.0, 9000)})

    assert "| `/studio/plan` | 90 | 301 | 9 |" in said
    assert "1 of 2 pages" in said

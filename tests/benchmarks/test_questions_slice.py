"""The benchmark of questions on a few turns: that each page is measured on both engines, not how fast it is."""

import asyncio

from tests.benchmarks import questions


def test_pages_of_both_engines_are_measured(tmp_path, monkeypatch):
    monkeypatch.setattr(questions, "RUNS", 2)
    page = tmp_path / "questions.md"

    questions.main([str(page), "--turns", "1500", "--questions", "200"])

    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in page.read_text().splitlines()]
    rows = {row[0]: row for row in rows if len(row) == 6}
    once = {"making the columns, once", "counting all questions", "grouping them", "storing the groups"}
    for name, *_ in (*questions.PAGES, *questions.GROUPS):
        assert rows[name][3] != "once"
        assert float(rows[name][3]) >= float(rows[name][2]) >= 0
    for name in once:
        assert (rows[name][3], rows[name][5]) == ("once", "once")
    assert int(rows["counting all questions"][1].split()[0]) == distinct(1500, 200)


def distinct(turns, most):
    """Questions among the made turns."""
    return len({row[14] for row in questions.rows(turns, most)})


def test_a_page_s_quantiles_are_of_its_runs(monkeypatch):
    monkeypatch.setattr(questions, "RUNS", 3)
    calls = []

    async def job():
        calls.append(1)

    middle, high = asyncio.run(questions.p95(job))

    assert len(calls) == 4
    assert high >= middle > 0

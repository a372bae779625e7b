"""How soon does the widget notice that somebody speaks, and that they have finished? In the sound's own time.

`python -m tests.benchmarks.spoken_questions.onset docs/benchmarks/spoken-questions.md`: the English questions
of `data/` go through the widget's detector in Chromium, in white noise of three levels.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.benchmarks.page import put, quantile, taken
from tests.browser.clips import write_clips
from tests.browser.conftest import ARGS
from tests.browser.scripted_server import Script
from tests.browser.servers import Server
from tests.browser.speech.sounds import LATENCY, RATE, noise, spoken, write

COMMAND, TITLE = "make bench-spoken-questions", "Spoken questions"
DATA = Path(__file__).parent / "data" / "en.txt"
LEAD_S, TAIL_S = 1.0, 1.5


def measured(page: Page, folder: Path, *, level: float) -> str:
    """Return the table row of one loudness of noise."""
    began, ended, missed, early = [], [], 0, 0
    for text in DATA.read_text().splitlines():
        sound = spoken(text)
        length = len(sound) / RATE
        body = sound + noise(length, level)
        write(folder / "onset.wav", noise(LEAD_S, level, 1), body, noise(TAIL_S, level, 2))
        news = page.evaluate(LATENCY, ["/clips/onset.wav", LEAD_S])
        began += [at for name, at in news if name == "began"][:1]
        ended += [at - length for name, at in news if name == "ended"][-1:]
        missed += not any(name == "spoke" for name, _ in news)
        early += sum(name == "ended" for name, _ in news) > 1
    first = f"{quantile(began, 0.5):.2f} | {quantile(began, 0.95):.2f} | {max(began):.2f}"
    last = f"{quantile(ended, 0.5):.2f} | {quantile(ended, 0.95):.2f}"
    return f"| {level:g} | {len(began)} | {first} | {last} | {missed} | {early} |"


def main(target: Path) -> None:
    """Measure and write the section."""
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_clips(folder)
        path = shutil.which("chromium") or shutil.which("google-chrome")
        with Server(lambda: Script(folder)) as server, sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=path, args=ARGS)
            page = chromium.new_page()
            page.goto(f"{server.url}/host")
            rows = [measured(page, folder, level=level) for level in (0.001, 0.01, 0.03)]
            chromium.close()
    head = "| noise (rms) | questions | voice after s | 95 % | most | end after s | 95 % | missed | early |"
    text = "\n".join([taken(COMMAND, load=load), "", head, "|" + "---|" * 9, *rows])
    put(target, "spoken-questions-onset", text, command=COMMAND, title=TITLE)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

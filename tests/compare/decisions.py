"""What a checkout decides on the sample catalog: asked over HTTP, one question after the other, to the last digit.

python -m tests.compare.decisions CHECKOUT [FILE]    # writes tests/data/decisions-285606a.jsonl.gz anew
"""

import gzip
import http.client
import json
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.compare.checkout import HERE, CheckoutSite
from tests.compare.questions import Question, questions

RECORDED = HERE / "tests" / "data" / "decisions-285606a.jsonl.gz"

READY_WITHIN_S = 300

_NEWER = ("valid:", "role: urgent")
_NEWER_ROLES = ("clarify", "handover")

Decision = dict[str, Any]


def main() -> None:
    """Record a checkout's decisions."""
    checkout = Path(sys.argv[1]).resolve()
    asked = questions(HERE)
    with tempfile.TemporaryDirectory(prefix="decisions-") as made:
        decisions = decide(checkout, Path(made), [one.text for one in asked])
    write(Path(sys.argv[2]) if len(sys.argv) > 2 else RECORDED, asked, decisions)


def write_catalog_of_any_day(root: Path) -> None:
    """The sample catalog, without the days on which an exhibition opens and ends: today shall not count.

    Without its starter packs and newer roles, too: what was recorded does not know them.
    """
    shutil.copytree(HERE / "intents", root / "intents")
    for path in (root / "intents").glob("*/*.yaml"):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text("".join(line for line in lines if not line.startswith(_NEWER)), encoding="utf-8")
    for role in _NEWER_ROLES:
        (root / "intents" / "roles" / f"{role}.yaml").unlink()
    settings = root / "intents" / "catalog.yaml"
    newer = rf"(?m)^starter:.*\n(?:  - .*\n)*|^  (?:{'|'.join(_NEWER_ROLES)}): .*\n"
    settings.write_text(re.sub(newer, "", settings.read_text("utf-8")), encoding="utf-8")


def decide(checkout: Path, root: Path, texts: Iterable[str]) -> list[Decision]:
    """Serve the sample catalog with the checkout, fit it anew, ask; decisions without the time they took."""
    write_catalog_of_any_day(root)
    site = CheckoutSite(root, checkout, more=(("GREENROOM_MODELS_DIR", str(root / "models")),))
    with site.served() as address:
        line = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
        _until_ready(line)
        return [_asked(line, text) for text in texts]


def _asked(line: http.client.HTTPConnection, text: str) -> Decision:
    status, decision = _post(line, text)
    if status != http.HTTPStatus.OK:
        raise RuntimeError(f"Expected a decision on {text!r}, got {status}: {decision}")
    del decision["receipt"]["latency_ms"]
    return decision


def _until_ready(line: http.client.HTTPConnection) -> None:
    """Until the encoder is loaded and the policy fitted."""
    end = time.monotonic() + READY_WITHIN_S
    while _post(line, "ready?")[0] != http.HTTPStatus.OK:
        if time.monotonic() > end:
            raise RuntimeError(f"Expected a decision within {READY_WITHIN_S} s, got none.")
        time.sleep(0.5)


def _post(line: http.client.HTTPConnection, text: str) -> tuple[int, Decision]:
    line.request("POST", "/v1/match", json.dumps({"text": text}), {"content-type": "application/json"})
    answer = line.getresponse()
    return answer.status, json.loads(answer.read())


def write(path: Path, asked: Iterable[Question], decisions: Iterable[Decision]) -> None:
    """A JSON list a line: text, source, outcome, intent, stage, score, probability."""
    rows = [
        [
            *question,
            one["outcome"],
            one["intent"],
            *(one["receipt"][name] for name in ("stage", "score", "probability")),
        ]
        for question, one in zip(asked, decisions, strict=True)
    ]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_bytes(gzip.compress(text.encode(), mtime=0))


def read(path: Path = RECORDED) -> list[list[Any]]:
    """The rows that were written."""
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).decode().splitlines()]


if __name__ == "__main__":
    main()

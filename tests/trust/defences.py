"""Defences switched off, one at a time, in a copy of the tree: the test that docs/security.md names must fail.

`python -m tests.trust.defences [WORD ...]` tries those whose test has one of the words in its name, else all.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_COPIED = ("app", "tests", "intents", "docs")
_TIMEOUT_S = 600


@dataclass(frozen=True)
class Defence:
    """Line of the code that defends, what stands there without it, and the test that must notice."""

    file: str
    line: str
    without: str
    test: str


_WEB, _SQL, _CONTRACTS = "app/web", "app/adapters/sql", "tests/contracts"
_TOKENS, _SOCKET = f"{_WEB}/tokens.py", "tests/web/test_socket.py"
_CHILD, _GUARD = "app/adapters/media_guard/child.py", "tests/adapters/media_guard/test_guard.py"
_HTTP_GUARD, _RAW = f"{_WEB}/middleware/http_guard.py", "tests/web/test_http_guard.py"
_FILMS, _FILM_TESTS = "app/rendering/work/film_erasing.py", "tests/rendering/work/test_film_erasing.py"

DEFENCES = (
    Defence(
        f"{_WEB}/auth.py",
        "if not caller.role.may(needed):",
        "if False:",
        "tests/web/test_roles.py::test_a_route_lets_in_its_role_and_those_above",
    ),
    Defence(
        f"{_WEB}/middleware/allowed_hosts.py",
        'self._open = settings.environment != "development"',
        "self._open = True",
        "tests/web/test_client_address.py::test_a_foreign_name_reads_nothing_in_development",
    ),
    Defence(
        f"{_WEB}/visitors.py",
        'if settings.public_url and settings.environment == "production":',
        "if False:",
        "tests/web/test_client_address.py::test_in_production_the_public_address_is_the_sites_own_page",
    ),
    Defence(
        f"{_WEB}/visitors.py",
        'VisitorAddress(self._hashed("unknown"))',
        "VisitorAddress()",
        "tests/web/test_client_address.py::test_visitors_that_cannot_be_told_apart_share_one_limit_in_production",
    ),
    Defence(
        _TOKENS,
        "self._used[claims.jti] = claims.exp",
        "pass",
        f"{_SOCKET}::test_a_token_opens_one_session",
    ),
    Defence(
        _TOKENS,
        "if claims.origin is not None and claims.origin != origin:",
        "if False:",
        f"{_SOCKET}::test_a_token_is_bound_to_its_page",
    ),
    Defence(
        _HTTP_GUARD,
        "if self._in_head and self._head_bytes > MOST_HEAD_BYTES:",
        "if False:",
        f"{_RAW}::test_a_head_has_a_size_and_a_time",
    ),
    Defence(
        _HTTP_GUARD,
        "if len(self.pipeline) >= MOST_WAITING:",
        "if False:",
        f"{_RAW}::test_requests_in_a_row_are_answered_and_a_queue_of_them_is_refused",
    ),
    Defence(
        _HTTP_GUARD,
        'self._unread = self.loop.call_later(self.unread_s, self._end, "an answer that nobody reads")',
        "pass",
        f"{_RAW}::test_an_answer_that_nobody_reads_is_cut_off",
    ),
    Defence(_CHILD, "if not file.is_file():", "if False:", f"{_GUARD}::test_a_pipe_is_refused_and_nobody_waits"),
    Defence(
        _CHILD,
        "if image.width * image.height > MOST_PIXELS:",
        "if False:",
        f"{_GUARD}::test_a_picture_that_claims_too_many_pixels_is_refused",
    ),
    Defence(
        _CHILD,
        "if not 0 < max(picture.width, picture.height) <= MOST_SIDE:",
        "if False:",
        f"{_GUARD}::test_a_film_over_a_limit_is_refused",
    ),
    Defence(
        _FILMS,
        "        await self.sweep_scratch()\n\n",
        "\n",
        f"{_FILM_TESTS}::test_what_another_node_kept_aside_goes_with_its_own_upkeep",
    ),
    Defence(
        "app/store/erasing.py",
        " or not await _all_gone(users[digest], still_gone)",
        "",
        "tests/store/test_shared_blobs.py::test_a_shared_blob_stays_for_the_film_that_is_wanted_again_in_between",
    ),
    Defence(
        f"{_SQL}/erasing/words.py",
        "if begins and render.labels.generated and await _is_gone(connection, render.recipe_key):",
        "if False:",
        f"{_CONTRACTS}/test_traces.py::test_a_film_of_an_erased_session_is_neither_begun_nor_paid",
    ),
    Defence(
        f"{_SQL}/erasing/words.py",
        "render = wordless(render)\n    await",
        "pass\n    await",
        f"{_CONTRACTS}/test_traces.py::test_a_render_that_is_wanted_late_has_no_words",
    ),
    Defence(
        "app/adapters/vendors/webhook_signatures.py",
        "if not is_number or abs(now.timestamp() - int(stamp)) > WINDOW_S:",
        "if False:",
        "tests/adapters/vendors/test_webhook_signatures.py::test_a_time_outside_the_window_is_refused",
    ),
    Defence(
        "app/runtime/commands/say_paid.py",
        "if wanted.speech is not None:  # else",
        "if False:  # else",
        "tests/cli/test_voices_per_locale.py::"
        "test_words_that_a_visitor_has_erased_are_paid_once_and_kept_when_an_author_says_them",
    ),
)


def tried(defence: Defence) -> str:
    """Switch it off and run its test: `fails` as it must, `passes`, or what else came of it."""
    with tempfile.TemporaryDirectory(prefix="greenroom-without-") as folder:
        copy = Path(folder)
        for name in _COPIED:
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
        for name in ("pyproject.toml", "README.md"):
            shutil.copy(ROOT / name, copy / name)
        switch_off(defence, copy)
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", defence.test]
        environment = {**os.environ, "PYTHONPATH": str(copy)}
        try:
            done = subprocess.run(
                command, cwd=copy, env=environment, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False
            )
        except subprocess.TimeoutExpired:
            return "does not end"
    counted = done.stdout.rsplit("\n", 2)[-2] if done.stdout.count("\n") > 1 else done.stderr[-200:]
    return {0: "passes", 1: "fails"}.get(done.returncode, f"cannot be tried: {counted}")


def switch_off(defence: Defence, root: Path) -> None:
    """Replace the line, which must be there once.

    Raises:
        ValueError: it is not.
    """
    file = root / defence.file
    code = file.read_text()
    if code.count(defence.line) != 1:
        raise ValueError(f"{defence.file} has {code.count(defence.line)} times: {defence.line}")
    file.write_text(code.replace(defence.line, defence.without))


def main(words: Sequence[str]) -> None:
    """Try them, and end with an error if one test does not notice."""
    chosen = [one for one in DEFENCES if not words or any(word in one.test for word in words)]
    unnoticed = 0
    for defence in chosen:
        result = tried(defence)
        unnoticed += result != "fails"
        print(
            f"{result}: {defence.test} without `{defence.line.strip().splitlines()[0]}` of {defence.file}", flush=True
        )
    print(f"{len(chosen) - unnoticed} of {len(chosen)} tests fail without their defence")
    if unnoticed:
        sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])

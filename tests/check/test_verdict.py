"""One verdict: what `check` calls an error, every command that would make something of it refuses.

Commands that serve go on where only filming is in question.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from PIL import Image

from app.cli.main import main
from app.errors import CatalogError
from app.runtime.commands.agreed_warm import plan_folder
from app.runtime.settings.site import Settings
from app.runtime.wiring.site import open_site
from tests.support.catalogs import FILES, Content, write_catalog
from tests.support.in_process import logging_kept
from tests.support.sites import SAMPLE_PORTRAIT, SMALL

DOGS = FILES["visiting/dogs.yaml"]
LONG = "Dogs are welcome on every deck of the ship. " * 90
LATE = {**SMALL, "consent": {"subject": "Mira", "kind": "synthetic", "until": "2020-01-01"}}

ERRORS: dict[str, tuple[str, Mapping[str, Content]]] = {
    "a file that cannot be read": ("yaml-alias", {"visiting/dogs.yaml": "title: *dogs\n"}),
    "a voice that speaks no such language": (
        "speech-locale",
        {"catalog.yaml": {"name": "Desk", "default_locale": "en", "locales": ["en", "de"], "avatar": "mira"}},
    ),
    "an unknown voice": ("speech-unknown", {"avatars/mira.yaml": {**SMALL, "voice": {"speech": "nobody"}}}),
    "an unknown renderer": ("renderer-unknown", {"avatars/mira.yaml": {**SMALL, "renderers": "nobody"}}),
    "a consent that has ended": ("consent-expired", {"avatars/mira.yaml": LATE}),
    "no consent": ("consent-missing", {"avatars/mira.yaml": {**SMALL, "consent": None}}),
    "a shared phrase": ("phrase-shared", {"visiting/quay.yaml": {**DOGS, "title": "Quay"}}),
    "a chip that leads nowhere": ("reference", {"visiting/dogs.yaml": {**DOGS, "next": "dog"}}),
    "an answer too long": ("answer-long", {"visiting/dogs.yaml": {**DOGS, "answer": {"en": LONG}}}),
    "no face in the portrait": ("portrait-faces", {"avatars/mira.yaml": {**SMALL, "portrait": "blank.png"}}),
}

FILMING = {"speech-locale", "consent-expired", "consent-missing", "portrait-faces", "answer-long"}

NOWHERE = ("--host", "192.0.2.1", "--port", "8080")
"""Address of nobody (RFC 5737): a server that its folder lets start ends there."""

COMMANDS = {
    "check": ("check", "--quick"),
    "plan": ("plan",),
    "warm": ("warm", "--yes"),
    "serve": ("serve", *NOWHERE),
    "serve --warm": ("serve", "--warm", "--yes", *NOWHERE),
    "demo": ("demo", *NOWHERE),
    "release publish": ("release", "publish", "--allow-missing"),
}


End = Callable[[tuple[str, ...], Mapping[str, Content]], tuple[int, str]]


@pytest.fixture
def ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> End:
    """How a command ends on a catalog with these files, and all that it prints."""
    monkeypatch.setenv("GREENROOM_DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path / 'state' / 'greenroom.db'}")
    monkeypatch.setenv("NO_COLOR", "1")

    def end(command: tuple[str, ...], files: Mapping[str, Content]) -> tuple[int, str]:
        catalog = a_catalog(tmp_path, files)
        with logging_kept(), pytest.raises(SystemExit) as ending:
            main([*command, "--catalog", str(catalog), "--cache", str(tmp_path / "cache")])
        printed = capsys.readouterr()
        assert isinstance(ending.value.code, int | None)
        return ending.value.code or 0, printed.out + printed.err

    return end


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS.keys())
@pytest.mark.parametrize(("rule", "files"), ERRORS.values(), ids=ERRORS.keys())
def test_each_command_refuses_what_check_calls_an_error(
    ended: End, rule: str, files: Mapping[str, Content], command: tuple[str, ...]
):
    if rule == "portrait-faces":  # needs more than a quick look
        command = tuple(word for word in command if word != "--quick")

    code, said = ended(command, files)

    assert code == 1
    assert rule in said
    goes_on = rule in FILMING and command[0] in {"serve", "demo"}
    assert ("Cannot listen at 192.0.2.1" in said) is goes_on
    assert ("Nothing is rendered" in said) is goes_on


def test_a_file_that_cannot_be_read_stops_a_server_whatever_else_is_wrong(ended: End):
    code, said = ended(COMMANDS["serve"], {"avatars/mira.yaml": LATE, "visiting/dogs.yaml": "title: *dogs\n"})

    assert code == 1
    assert "Cannot listen" not in said


async def test_the_studios_plan_refuses_what_warm_refuses(tmp_path: Path):
    root = a_catalog(tmp_path, {"avatars/mira.yaml": LATE})

    database = f"sqlite+aiosqlite:///{tmp_path / 'greenroom.db'}"
    async with open_site(Settings(catalog=root, cache=tmp_path / "cache", database_url=database)) as site:
        with pytest.raises(CatalogError, match="consent-expired"):
            await plan_folder(site)


@pytest.mark.parametrize("command", [COMMANDS["check"], COMMANDS["plan"], COMMANDS["release publish"]])
def test_no_command_refuses_a_warning(ended: End, command: tuple[str, ...]):
    doubtful = {**DOGS, "answer": {"en": "Ask for [name] at www.harbour.example."}}

    code, said = ended(command, {"visiting/dogs.yaml": doubtful})

    assert code in {0, 3}, said


def a_catalog(folder: Path, files: Mapping[str, Content]) -> Path:
    picture = Path(SAMPLE_PORTRAIT).read_bytes()
    drawn: dict[str, Content] = {"avatars/mira.yaml": SMALL, "avatars/mira.png": picture}
    root = write_catalog(folder, files={**drawn, **files})
    Image.new("RGB", (600, 600), (90, 120, 200)).save(root / "avatars" / "blank.png")
    return root

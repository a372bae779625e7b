"""Store, catalog and encoder of a site, which open quickly.

Each function makes one of them from the settings.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.adapters.catalog_files.loader import load_or_raise
from app.adapters.disk.blobs import DiskBlobStore
from app.adapters.disk.recipes import DiskRecipeIndex
from app.adapters.encoders.concatenated import ConcatenatedEncoder
from app.adapters.encoders.int8 import Int8Encoder
from app.adapters.encoders.remembering import RememberingEncoder
from app.adapters.encoders.sentence_transformer import SentenceEncoder
from app.adapters.encoders.side_by_side import SideBySideEncoder
from app.adapters.encoders.universal_sentence import DIMENSIONS, UniversalSentenceEncoder
from app.adapters.s3.blobs import ObjectBlobStore
from app.adapters.s3.bucket import open_bucket
from app.adapters.s3.recipes import ObjectRecipeIndex
from app.catalog.model import Catalog
from app.errors import SettingsError
from app.matching.ports import Encoder
from app.runtime.settings.site import PRESIGNED, Settings
from app.runtime.settings.vendors import StorageSettings
from app.runtime.wiring.locale_encoders import chosen, open_encoder
from app.store.ports import BlobStore, RecipeIndex

if TYPE_CHECKING:
    from app.runtime.wiring.tuned_encoders import TunedEncoderFolder

_SIGNED_FOR_S = 3600.0
"""Life of a signed address: longer than a visitor watches one clip; a stolen address is soon useless."""


@dataclass(frozen=True, slots=True)
class OpenStore:
    """Clip store: blobs and recipes."""

    blobs: BlobStore
    recipes: RecipeIndex


def open_store(settings: Settings) -> OpenStore:
    """Open the clip store.

    Raises:
        SettingsError: nothing opens such an address, or it is malformed.
        StoreError: the folder cannot be used.
    """
    return open_store_at(settings.cache, presigned=settings.clips_url == PRESIGNED)


def open_store_at(place: str, *, presigned: bool = False) -> OpenStore:
    """Open the store at an address or in a folder; no request goes to a bucket yet.

    Raises:
        SettingsError: nothing opens such an address, or it is malformed.
        StoreError: the folder cannot be used.
    """
    scheme = _scheme(place)
    if scheme not in STORES:
        known = ", ".join(f"{name}://" for name in STORES)
        raise SettingsError(f"Expected a folder or an address with {known}, got {place!r}; mend GREENROOM_CACHE.")
    return STORES[scheme](place, presigned)


def folder_at(place: str) -> Path | None:
    """The folder that a store's address names; None for what is no folder."""
    return Path(place.removeprefix("file://")) if _scheme(place) == "file" else None


def _scheme(place: str) -> str:
    scheme, found, _ = place.partition("://")
    return scheme.lower() if found else "file"


def _open_folder(place: str, presigned: bool) -> OpenStore:  # noqa: FBT001 - one shape for all openers
    del presigned
    folder = Path(place.removeprefix("file://"))
    blobs = DiskBlobStore(folder)
    return OpenStore(blobs, DiskRecipeIndex(folder, blobs))


def _open_objects(place: str, presigned: bool) -> OpenStore:  # noqa: FBT001
    bucket = open_bucket(place, StorageSettings().access())
    objects = ObjectBlobStore(bucket, signed_for_s=_SIGNED_FOR_S if presigned else None)
    return OpenStore(objects, ObjectRecipeIndex(bucket, objects))


STORES: Mapping[str, Callable[[str, bool], OpenStore]] = {"file": _open_folder, "s3": _open_objects}
"""From URL scheme to what opens it: the address, and whether browsers are to fetch from it with signed addresses."""


def open_catalog(settings: Settings) -> Catalog:
    """Read the catalog's folder.

    Raises:
        CatalogError: it has errors.
    """
    return load_or_raise(settings.catalog)


def encoder_for(settings: Settings, catalog: Catalog) -> Encoder:
    """Return the encoder of questions: the one tuned on the catalog together with its base, if there is one.

    It loads when first used. It runs in 8 bits if the catalog's own phrases show that it decides as the
    original.
    """
    return encoders_for(settings, catalog).matching


@dataclass(frozen=True, slots=True)
class Encoders:
    """Encoders of a catalog, which share their base; one and the same if nothing is tuned and none is second."""

    matching: Encoder
    """The one for questions in the default locale."""
    phrases: Encoder
    """The one that compares phrases: the same, without a second one."""
    plain: RememberingEncoder
    """The one for other texts; it remembers questions for the documents."""


def encoders_for(settings: Settings, catalog: Catalog) -> Encoders:
    """Return all encoders; they load when first used."""
    plain = RememberingEncoder(plain_encoder_for(settings, catalog))
    tuned = _tuned(settings, catalog)
    phrases: Encoder = plain
    if tuned:
        phrases = ConcatenatedEncoder(_quick(settings, catalog, SentenceEncoder(str(tuned.model))), plain)
    own = open_encoder(chosen(settings, catalog)[0].kind or "named")
    if own and not tuned:
        return Encoders(own, own, plain)
    return Encoders(with_second(phrases) if catalog.matching.second_encoder else phrases, phrases, plain)


def _tuned(settings: Settings, catalog: Catalog) -> "TunedEncoderFolder | None":
    """Find the encoder that was tuned on the catalog; where nothing is tuned, no weights are read for their digest."""
    if not any((settings.models_dir.expanduser() / "tuned").glob("*")):
        return None
    from app.runtime.wiring.tuned_encoders import find_tuned  # noqa: PLC0415 - all of matching, for tunings alone

    return find_tuned(settings, catalog, original_for(settings, catalog).name)


def with_second(first: Encoder) -> SideBySideEncoder:
    """Return the encoder with the second one at its side."""
    return SideBySideEncoder(first, UniversalSentenceEncoder(), columns=DIMENSIONS)


def plain_encoder_for(settings: Settings, catalog: Catalog) -> Encoder:
    """Return the encoder without tuning: the setting's, else the catalog's, else the shipped one."""
    return _quick(settings, catalog, original_for(settings, catalog))


def original_for(settings: Settings, catalog: Catalog) -> SentenceEncoder:
    """Return the model that all others are made from."""
    return SentenceEncoder(settings.encoder or catalog.matching.encoder)


def _quick(settings: Settings, catalog: Catalog, original: SentenceEncoder) -> Int8Encoder:
    probes = [text for intent in catalog.intents for texts in intent.phrases.values() for text in texts]
    return Int8Encoder(original, folder=settings.models_dir.expanduser() / "encoders", probes=probes)


def release_name(catalog: Catalog) -> str:
    """Return the name of an unpublished catalog in receipts, made from its content."""
    return f"working-{catalog.digest[:12]}"

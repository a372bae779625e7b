"""What a site knows better about its providers than the facts that are shipped: its own prices, limits, endpoints."""

import tomllib
from pathlib import Path

from app.adapters.vendors.facts import Overrides, load_facts
from app.errors import SettingsError
from app.runtime.settings import Settings


def provider_overrides(settings: Settings) -> Overrides:
    """The site's own facts, by provider; none where no file is named and none lies at the usual place.

    Raises:
        SettingsError: the file is not there although it was named, is no TOML, or says what cannot be.
    """
    path = settings.providers_file
    if not path.exists() and "providers_file" not in settings.model_fields_set:
        return {}
    overrides = _read(path)
    try:
        load_facts(overrides)
    except SettingsError as error:
        raise SettingsError(f"{path}: {error}") from error
    return overrides


def _read(path: Path) -> Overrides:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(
            f"Expected the file that GREENROOM_PROVIDERS_FILE names, {path}: {error.strerror}."
        ) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path}: Expected TOML, got: {error}.") from error
    for name, row in document.items():
        if not isinstance(row, dict):
            raise SettingsError(f"{path}: Expected a table [{name}] of a provider, got {row!r}.")
    return document

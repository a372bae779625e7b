"""Registry of the providers' renderers, by name."""

from collections.abc import Mapping

from app.adapters.http.endpoint import Access
from app.adapters.vendors.atlascloud import AtlasCloudRenderer
from app.adapters.vendors.base import ProviderRenderer
from app.adapters.vendors.creatify import CreatifyRenderer
from app.adapters.vendors.did import DidRenderer
from app.adapters.vendors.eachlabs import EachLabsRenderer
from app.adapters.vendors.facts import Overrides, load_facts
from app.adapters.vendors.fal import FalRenderer
from app.adapters.vendors.heygen import HeyGenRenderer
from app.adapters.vendors.http_renderer import HttpRenderer
from app.adapters.vendors.kling import KlingRenderer
from app.adapters.vendors.runware import RunwareRenderer
from app.adapters.vendors.sync import SyncRenderer
from app.adapters.vendors.wavespeed import WaveSpeedRenderer

VENDORS: Mapping[str, type[ProviderRenderer]] = {
    "fal": FalRenderer,
    "wavespeed": WaveSpeedRenderer,
    "eachlabs": EachLabsRenderer,
    "atlascloud": AtlasCloudRenderer,
    "heygen": HeyGenRenderer,
    "did": DidRenderer,
    "sync": SyncRenderer,
    "http": HttpRenderer,
    "runware": RunwareRenderer,
    "kling": KlingRenderer,
    "creatify": CreatifyRenderer,
}
"""Classes by name.

A new provider is a line here, a file beside this one, a section in `facts.toml`, its key and address in
`app/runtime/settings/vendors.py`, a simulator in `app/simulators/vendors/`, its rows in the tests and a page
in the docs: `docs/contributing/README.md` names every file.
"""


def open_vendors(accesses: Mapping[str, Access], overrides: Overrides | None = None) -> dict[str, ProviderRenderer]:
    """Return a renderer for each provider with an account; no request is sent until the first job.

    Close each one after use.

    Raises:
        SettingsError: an override does not fit.
    """
    facts = load_facts(overrides)
    return {name: VENDORS[name](facts[name], access) for name, access in accesses.items()}

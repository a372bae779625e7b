"""The sample museum as 285606a has it, with every clip in the store, served by either version on the first core."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.against.checkout import Version, both
from tests.compare.checkout import CheckoutSite
from tests.support.sites import Node

STORED_CLIPS = Path(__file__).with_name("stored_clips.py")


def museum(version: Version) -> CheckoutSite:
    """The site, with clips as this day's recipes name them; both versions have the same catalog, the older one's."""
    root = version.kept / "museum"
    site = version.site(root)
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(both()[0].folder / "intents", site.catalog)
    version.ran(STORED_CLIPS, str(site.catalog), str(site.cache))
    return site


@contextmanager
def serving(site: CheckoutSite, **environment: str) -> Iterator[Node]:
    """A server of the site with a new database; it has the first core to itself, and nothing to film."""
    shutil.rmtree(site.root / "state", ignore_errors=True)
    with site.node(prefix=first_core(), **environment) as node:
        yield node


def first_core() -> tuple[str, ...]:
    """What runs a command on the first core, where there are two."""
    if (os.cpu_count() or 1) < 2 or not shutil.which("taskset"):
        return ()
    return ("taskset", "--cpu-list", str(min(os.sched_getaffinity(0) | {0})))

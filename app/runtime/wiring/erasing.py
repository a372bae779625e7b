"""Erasing of a site: traces in its database, and films with its store, ledger and vendors."""

from app.adapters.sql.deliveries.store import SqlDeliveries
from app.adapters.sql.erasing.traces import SqlTraces
from app.conversation.erasing.eraser import Eraser
from app.conversation.page.deliveries import Deliveries
from app.rendering.work.film_erasing import FilmEraser
from app.runtime.wiring.responders import open_generation_caps
from app.runtime.wiring.site import Site
from app.runtime.wiring.turn_log import open_turn_log


def open_film_eraser(site: Site) -> FilmEraser:
    """Return the eraser of generated films; what the catalog, a release or a draft says stays."""
    return FilmEraser(
        blobs=site.store.blobs,
        recipes=site.store.recipes,
        ledger=site.studio.ledger,
        renderers=site.studio.renderers,
        scratch=site.studio.scratch,
        clock=site.studio.clock,
        pinned=site.pinned_films,
        is_gone=SqlTraces(site.database).is_gone,
    )


def open_deliveries(site: Site) -> Deliveries:
    """Return the deliveries of a site; without a webhook nothing is added to those of before."""
    return SqlDeliveries(site.database, keeps=bool(site.settings.visitor_webhook.get_secret_value()))


def open_eraser(site: Site) -> Eraser:
    """Return the eraser of sessions, for commands; a server has that of its services."""
    return Eraser(
        turns=open_turn_log(site.settings, site.database),
        traces=SqlTraces(site.database),
        tally=open_generation_caps(site.settings, site.database).tally,
        erase_films=open_film_eraser(site).erase,
        deliveries=open_deliveries(site),
    )

"""Editor of a catalog's folder: previews edits, and writes them with a row in the audit log."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Self

import numpy as np

from app.adapters.catalog_files.edits import CatalogFolder
from app.adapters.catalog_files.loader import load_catalog
from app.audit import Act, AuditLog
from app.authoring.edits import CatalogFiles, Edit, EditedCatalog
from app.authoring.effect import AskedBefore, EditPreview, moved_answers, new_findings
from app.catalog.confusable import nearest_pairs
from app.catalog.findings import Finding, SourceLines
from app.catalog.lint import lint
from app.catalog.model import Catalog
from app.catalog.rules.context import Measured
from app.conversation.language_detection import foreign_language
from app.errors import CatalogError
from app.matching.matcher import Matcher
from app.matching.ports import Encoder, Vectors
from app.runtime.settings.site import Settings
from app.runtime.wiring.clock import SystemClock
from app.runtime.wiring.locale_encoders import encode_in
from app.runtime.wiring.matcher_cache import build_matcher
from app.runtime.wiring.store_and_encoder import encoder_for


class RememberingEncoder:
    """Encoder that encodes no text twice: a catalog before and after an edit has nearly the same."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._known: dict[str, Vectors] = {}

    @property
    def name(self) -> str:
        """Return the encoder's name."""
        return self._encoder.name

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one row a text.

        Raises:
            EncoderUnavailableError: the model cannot be loaded.
        """
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new or not texts:
            rows = self._encoder.encode(new)
            self._known.update(zip(new, rows, strict=True))
            if not texts:
                return rows
        return np.stack([self._known[text] for text in texts])


@dataclass(frozen=True, slots=True)
class EditTerms:
    """Terms of an edit: who makes it (None: it is only previewed), the files' digests as seen, questions to ask again.

    `quick` leaves out all that needs the encoder.
    """

    by: str | None = None
    seen: Mapping[str, str] = field(default_factory=dict)
    recorded: Sequence[AskedBefore] = ()
    quick: bool = False


PREVIEW = EditTerms()
"""Terms under which nothing is written."""


@dataclass(frozen=True)
class CatalogEditor:
    """Editor of one folder; `audit` is None where nobody keeps a log, such as in a preview."""

    settings: Settings
    files: CatalogFiles
    audit: AuditLog | None = None
    note: Callable[[str], None] = lambda _: None
    """Gets the name of each slow step."""
    loaded: Encoder | None = None
    """An encoder that is in memory already, such as a serving node's; else the catalog's is loaded."""

    @classmethod
    def of(
        cls,
        settings: Settings,
        *,
        audit: AuditLog | None = None,
        note: Callable[[str], None] | None = None,
        loaded: Encoder | None = None,
    ) -> Self:
        """Return the editor of the catalog's folder."""
        return cls(settings, CatalogFolder(settings.catalog), audit, note or (lambda _: None), loaded)

    @cached_property
    def catalog(self) -> Catalog:
        """The catalog as it is on disk.

        Raises:
            CatalogError: it has errors. An edit starts from a catalog without.
        """
        loaded = self._before.catalog
        if loaded is None:
            first = next((str(one) for one in self._before.findings), "")
            raise CatalogError(f"Expected a catalog without errors, got: {first} `greenroom check` lists them all.")
        return loaded

    async def ready(self) -> Catalog:
        """Return the catalog, read in a thread: the first look at it reads the whole folder."""
        return await asyncio.to_thread(lambda: self.catalog)

    @cached_property
    def encoder(self) -> Encoder:
        """The encoder of the catalog; it loads when first used."""
        return RememberingEncoder(self.loaded or encoder_for(self.settings, self.catalog))

    @cached_property
    def matcher(self) -> Matcher:
        """Matcher of the catalog as it is on disk. Blocking when first used.

        Raises:
            EncoderUnavailableError: the model cannot be loaded.
        """
        self.note("reading the catalog")
        return build_matcher(self.settings, self.catalog, self.encoder)

    @cached_property
    def _before(self) -> "_Loaded":
        loaded = load_catalog(self.settings.catalog)
        return _Loaded(loaded.catalog, loaded.findings, loaded.places)

    async def preview(
        self,
        edits: Sequence[Edit],
        *,
        seen: Mapping[str, str] | None = None,
        recorded: Sequence[AskedBefore] = (),
        quick: bool = False,
    ) -> EditPreview:
        """Say what the edits would do; nothing is written. `quick` leaves out all that needs the encoder.

        Raises:
            CatalogError: the catalog has errors, or would have some.
            EditConflictError: a file changed since the author saw it.
            EditRefusedError: an edit names what is not there or may not be edited.
        """
        edited = await asyncio.to_thread(self.files.edited, edits, seen=seen)
        return await asyncio.to_thread(self.effect, edited, recorded, quick=quick)

    async def apply(
        self,
        edits: Sequence[Edit],
        *,
        by: str,
        seen: Mapping[str, str] | None = None,
        recorded: Sequence[AskedBefore] = (),
        quick: bool = False,
    ) -> EditPreview:
        """Write the edits, and say what they do; `by` goes into the audit log.

        Raises:
            CatalogError: the catalog has errors, or would have some.
            EditConflictError: a file changed since the author saw it, or meanwhile.
            EditRefusedError: an edit names what is not there or may not be edited.
        """
        edited = await asyncio.to_thread(self.files.edited, edits, seen=seen)
        preview = await asyncio.to_thread(self.effect, edited, recorded, quick=quick)
        if self.audit and edited.changes:
            named = {"files": ", ".join(one.file for one in edited.changes)[:500]}
            subject = edited.changes[0].file
            await self.audit.append(Act(SystemClock().now(), by, "catalog.edited", subject, named))
        await asyncio.to_thread(self.files.write, edited)
        return replace(preview, written=True)

    async def carry_out(self, edits: Sequence[Edit], terms: EditTerms) -> EditPreview:
        """Write the edits, or only say what they would do, as the terms say; it raises what `apply` raises."""
        if terms.by is None:
            return await self.preview(edits, seen=terms.seen, recorded=terms.recorded, quick=terms.quick)
        return await self.apply(edits, by=terms.by, seen=terms.seen, recorded=terms.recorded, quick=terms.quick)

    def effect(self, edited: EditedCatalog, recorded: Sequence[AskedBefore], *, quick: bool) -> EditPreview:
        """Compare the catalog before and after an edit; blocking."""
        before, after = self._before, _Loaded(edited.catalog, edited.findings, edited.places)
        old, new = self._linted(before, quick=quick), self._linted(after, quick=quick)
        preview = EditPreview(edited.changes, new_findings(old, new), new_findings(new, old))
        if quick or before.catalog is None:
            return preview
        first, second = self.matcher, self.matcher_of(edited.catalog)
        self.note("asking every question again")
        return replace(
            preview,
            moved=moved_answers(edited.catalog.questions, recorded, before=first, after=second),
            asked=len(edited.catalog.questions) + len(recorded),
            right_before=first.fitted.hit_rate.value,
            right_after=second.fitted.hit_rate.value,
            wrong_before=first.fitted.false_hit_rate.value,
            wrong_after=second.fitted.false_hit_rate.value,
        )

    def matcher_of(self, catalog: Catalog) -> Matcher:
        """Return the matcher of an edited catalog; blocking for as long as a fit."""
        self.note("fitting the edited catalog")
        return build_matcher(self.settings, catalog, self.encoder)

    def _linted(self, loaded: "_Loaded", *, quick: bool) -> tuple[Finding, ...]:
        if loaded.catalog is None:
            return loaded.findings
        compare = encode_in(self.settings, loaded.catalog, self.encoder)
        pairs = () if quick else nearest_pairs(loaded.catalog, compare)
        today, measured = SystemClock().today(), Measured(pairs=pairs, foreign_language=foreign_language)
        return (*loaded.findings, *lint(loaded.catalog, today=today, places=loaded.places, measured=measured))


@dataclass(frozen=True, slots=True)
class _Loaded:
    catalog: Catalog | None
    findings: tuple[Finding, ...]
    places: SourceLines

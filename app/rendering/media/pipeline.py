"""Pipeline of one recipe: the steps before the renderer and those after it, each of them repeatable."""

import asyncio
import json
import shutil
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from app.catalog.model import Avatar
from app.digest import Digest, digest_bytes
from app.errors import ClipRejectedError, MediaError, PortraitError
from app.rendering.ledger.port import Cap
from app.rendering.ledger.states import Render
from app.rendering.media.captions import captions_document, make_captions, web_vtt
from app.rendering.media.consent import ConsentCheck
from app.rendering.media.credentials import (
    SOURCE_TYPE,
    CredentialsSigner,
    FileSignature,
    NoSigner,
    ai_note,
    claim_of,
    origin_document,
)
from app.rendering.media.face_box import face_facts
from app.rendering.media.faults import Fault, Reason, because
from app.rendering.media.hearing.ear import Ear, is_paid
from app.rendering.media.hearing.rules import Hearing
from app.rendering.media.hearing.speech_gate import SpeechGate
from app.rendering.media.inspection import Inspection, Inspector, Subject
from app.rendering.media.preflight import check_limits, check_portrait, picture_kind, picture_size
from app.rendering.media.quality_gate import GateTarget, judge
from app.rendering.media.rejected import Measurements, put_aside, video_path, write_verdict
from app.rendering.media.renditions import RenditionMaker
from app.rendering.media.speech_cache import SpeechCache, StoredSpeech
from app.rendering.plan.clips import WantedClip, want_clip
from app.rendering.plan.providers import AvatarProviders
from app.rendering.ports import MediaFacts, MediaTools, PortraitMaker, RenderJob, TimedSpan
from app.store.labels import Labels
from app.store.ports import BlobStore, Entry, RecipeIndex

_SURPLUS_S = 30.0


@dataclass(frozen=True, slots=True)
class ClipJob:
    """Clip, its avatar and providers, and its speech."""

    wanted: WantedClip
    avatar: Avatar
    providers: AvatarProviders
    sound: StoredSpeech | None
    duration_s: float


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Steps of a render; `scratch` is a folder for unfinished work, one folder per render.

    Without an inspector, only the facts of the media tools' probe are judged; without an ear, no words.
    """

    blobs: BlobStore
    recipes: RecipeIndex
    media_tools: MediaTools
    portrait: PortraitMaker
    speech_cache: SpeechCache
    consents: ConsentCheck
    clock: Callable[[], datetime]
    scratch: Path
    inspector: Inspector | None = None
    ear: Ear | None = None
    credentials: CredentialsSigner = field(default_factory=NoSigner)
    _passed: set[tuple[Digest, Digest]] = field(default_factory=set, init=False, repr=False)
    _unshrinkable: set[Digest] = field(default_factory=set, init=False, repr=False)

    async def prepare(
        self,
        wanted: WantedClip,
        avatar: Avatar,
        providers: AvatarProviders,
        *,
        render: Render,
        fresh: bool = True,
        caps: Collection[Cap] = (),
    ) -> ClipJob:
        """Check consent, portrait and limits, and get the speech: all that can fail before a film is paid.

        Consent comes first: no byte of a face or a voice, and no word, leaves this computer before. A job
        that is not `fresh` was submitted earlier: portrait and limits are not checked again. `caps` bound what a
        voice costs. Speech that costs money, or whose film does, is heard before, unless a person has accepted it.

        Raises:
            ClipRejectedError: the voice says something else.
            BudgetExceededError: there is no money for the voice.
            ConsentMissingError, PortraitError, LimitExceededError: it must not, or cannot, be rendered.
            CredentialsError: clips cannot be signed.
        """
        capabilities = providers.limits
        await self.consents.check(avatar, locale=wanted.locale or "", renderer=capabilities.name)
        await self.credentials.check()
        if fresh:
            await asyncio.to_thread(check_portrait, avatar, capabilities, self.portrait)
        if fresh and wanted.speech:
            await self.speech_cache.forget_refused(wanted.speech, render)
        sound = await self._sound(wanted, providers, caps)
        duration_s = sound.duration_s if sound else (wanted.recipe.idle_s or 0.0)
        if fresh:
            check_limits(duration_s, capabilities, silent=sound is None)
        job = ClipJob(wanted=wanted, avatar=avatar, providers=providers, sound=sound, duration_s=duration_s)
        if fresh and sound and wanted.speech and self.ear and is_paid(wanted.speech, providers):
            await self._speech_gate(self.ear).check(sound, wanted, providers, avatar, render=render)
        return job

    @property
    def renditions(self) -> RenditionMaker:
        """Return the maker of small renditions."""
        return RenditionMaker(
            self.blobs, self.recipes, self.media_tools, self.credentials, self.clock, self.scratch, self._unshrinkable
        )

    def _speech_gate(self, ear: Ear) -> SpeechGate:
        return SpeechGate(ear, self.speech_cache, self.scratch, self._passed)

    async def _sound(
        self, wanted: WantedClip, providers: AvatarProviders, caps: Collection[Cap]
    ) -> StoredSpeech | None:
        recipe = wanted.speech
        if recipe is None:
            return None
        voice = providers.voice(recipe.provider)
        return await self.speech_cache.sound(recipe, voice, caps=caps, intent=wanted.labels.intent or "")

    async def job(self, prepared: ClipJob, *, token: str, render_id: str, idles: Sequence[Digest] = ()) -> RenderJob:
        """Build the renderer's job; write speech and the first stored idle loop to the render's folder."""
        recipe, sound, folder = prepared.wanted.recipe, prepared.sound, self.folder(render_id)
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        wav = folder / "speech.wav" if sound else None
        if sound and wav:
            await self.speech_cache.write(sound, wav)
        return RenderJob(
            token=token,
            recipe_key=prepared.wanted.key,
            model=recipe.model,
            portrait=await asyncio.to_thread(self._portrait, prepared.avatar),
            speech_wav=wav,
            words=sound.words if sound else (),
            phones=sound.phones if sound else (),
            idle_s=recipe.idle_s,
            width=recipe.width,
            height=recipe.height,
            fps=recipe.fps,
            parameters=recipe.parameters,
            video=await self._idle(idles, folder)
            if "video" in prepared.providers.renderer.capabilities.visuals
            else None,
        )

    def _portrait(self, avatar: Avatar) -> Path:
        """Return the file of the portrait as it leaves: the author's own, or one that all renders share."""
        path = Path(avatar.portrait_path)
        try:
            given = path.read_bytes()
            content = self.portrait(given, avatar.background)
        except (OSError, PortraitError):  # what was ordered earlier goes on; `prepare` refuses a new order
            return path
        if content == given:
            return path
        digest = digest_bytes(content)
        file = self.scratch / "portraits" / f"{digest}{'.jpg' if picture_kind(content) == 'jpeg' else '.png'}"
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            part = file.with_name(f"{uuid4().hex}.part")  # another node may write the same
            part.write_bytes(content)
            part.replace(file)
        return file

    async def _idle(self, idles: Sequence[Digest], folder: Path) -> Path | None:
        for key in idles:
            entry = await self.recipes.get(key)
            if entry is not None:
                video = folder / "idle.mp4"
                await asyncio.to_thread(video.write_bytes, await self.blobs.read(entry.blobs["video"]))
                return video
        return None

    async def finish(
        self,
        prepared: ClipJob,
        *,
        render: Render,
        checkpoint: Callable[[str], None] = lambda _: None,
    ) -> Entry:
        """Check the delivered video, mark and sign it, add poster, captions and provenance, and store all of them.

        The words of a video or speech that a person has accepted are not heard again.

        Raises:
            ClipRejectedError: it does not play, or does not match the recipe.
            CredentialsError: it cannot be signed; a later run does it, without a new order.
        """
        video = video_path(self.folder(render.id))
        facts, face, heard = await self._judged(prepared, video, accepted=render.labels.accepted)
        marked = video.with_name("marked.mp4")
        await asyncio.to_thread(shutil.copyfile, video, marked)  # a repeat starts from the delivered file
        await self.media_tools.mark(marked, source_type=SOURCE_TYPE, note=ai_note(prepared.avatar))
        signature = await self.credentials.sign(marked, claim_of(prepared.wanted, prepared.avatar), parent=video)
        checkpoint("marked")
        blobs, captions = await self._store_blobs(prepared, marked, facts, (signature, heard))
        checkpoint("blobs_stored")
        entry = Entry(
            key=prepared.wanted.key,
            kind="clip",
            recipe=prepared.wanted.recipe.document(),
            labels=prepared.wanted.labels.without_trace(),
            blobs=blobs,
            media={**asdict(facts), "size_bytes": marked.stat().st_size, "captions": captions, **face},
            created_at=self.clock(),
        )
        await self.recipes.put(entry)
        if prepared.sound:
            self._passed.discard((prepared.sound.key, prepared.sound.audio))
        return await self.recipes.get(entry.key) or entry

    async def _judged(
        self, prepared: ClipJob, video: Path, *, accepted: str
    ) -> tuple[MediaFacts, dict[str, Any], Hearing | None]:
        """Return the facts of a video that passes the quality gate, its face box, and what was heard.

        Raises:
            ClipRejectedError: it does not; the reasons are in a file beside it.
        """
        facts, seen, heard = None, None, None
        try:
            facts = await self.media_tools.probe(video)
            if facts.duration_s <= 2 * prepared.duration_s + _SURPLUS_S:  # what is much longer is not decoded at all
                seen = await self._inspected(prepared, video)
            reasons = judge(await asyncio.to_thread(self._expected, prepared), facts, seen)
            if not reasons and not await self._is_accepted(prepared, video, accepted):
                heard = await self._heard(prepared, video)
                reasons = heard.reasons if heard else ()
        except MediaError as error:
            reasons = (Reason(Fault.NOT_PLAYABLE, str(error)),)
        if facts is None or reasons:
            measured = Measurements(facts, seen, heard)
            await asyncio.to_thread(write_verdict, video.parent, prepared.wanted, reasons, measured)
            raise ClipRejectedError(f"The delivered clip was refused and is kept aside. {because(reasons)}")
        return facts, face_facts(seen.face if seen else None), heard

    async def _is_accepted(self, prepared: ClipJob, video: Path, accepted: str) -> bool:
        """Return whether a person has heard this video, or the speech that it has by the other rules."""
        if not accepted or (prepared.sound and accepted == prepared.sound.audio):
            return bool(accepted)
        return accepted == digest_bytes(await asyncio.to_thread(video.read_bytes))

    async def _heard(self, prepared: ClipJob, sound: Path) -> Hearing | None:
        recipe = prepared.wanted.speech
        if self.ear is None or recipe is None or not self.ear.hears(recipe, prepared.providers):
            return None
        return await self.ear.listen(sound, recipe, prepared.avatar)

    def _expected(self, prepared: ClipJob) -> GateTarget:
        size = picture_size(self._portrait(prepared.avatar).read_bytes())
        facts = prepared.providers.limits
        return GateTarget(prepared.wanted.recipe, facts, prepared.duration_s, size[0] / size[1] if size else None)

    async def _inspected(self, prepared: ClipJob, video: Path) -> Inspection | None:
        if self.inspector is None:
            return None
        wav = video.with_name("speech.wav") if prepared.sound else None
        if prepared.sound and wav and not wav.exists():  # it was submitted by another process, or long ago
            await self.speech_cache.write(prepared.sound, wav)
        resting = want_clip(prepared.avatar, prepared.providers, text=None, locale="", labels=Labels()).key
        return await self.inspector.inspect(
            Subject(
                video=video,
                portrait=await asyncio.to_thread(self._portrait, prepared.avatar),
                speech=wav,
                phones=prepared.sound.phones if prepared.sound else (),
                idle=await self._idle((resting,), video.parent),
            )
        )

    async def _store_blobs(
        self, prepared: ClipJob, video: Path, facts: MediaFacts, proofs: tuple[FileSignature, Hearing | None]
    ) -> tuple[dict[str, Digest], list[dict[str, float | str]]]:
        (signature, heard), poster = proofs, video.with_name("poster.jpg")
        await self.media_tools.poster(video, poster, at_s=0.0)
        await self.credentials.sign(poster, claim_of(prepared.wanted, prepared.avatar))
        stored = await self.blobs.put_file(video)
        picture = await self.blobs.put_file(poster)
        blobs = {"video": stored.digest, "poster": picture.digest}
        if signature.sidecar is not None:
            blobs["credentials"] = (await self.blobs.put_bytes(signature.sidecar)).digest
        captions = make_captions(_timed(prepared), duration_s=facts.duration_s)
        if captions:
            blobs["captions"] = (await self.blobs.put_bytes(web_vtt(captions).encode())).digest
        told = {"heard": {"by": self.ear.recogniser.name, **heard.document()}} if self.ear and heard else {}
        origin = origin_document(prepared.wanted, prepared.avatar, stored.digest, signature)
        document = json.dumps(origin | {"made_at": self.clock().isoformat()} | told, indent=1, ensure_ascii=False)
        blobs["provenance"] = (await self.blobs.put_bytes(document.encode())).digest
        return blobs, captions_document(captions)

    def has_video(self, render_id: str) -> bool:
        """Return whether a complete delivered video is in the render's folder."""
        return video_path(self.folder(render_id)).exists()

    async def bring(self, render_id: str, fetch: Callable[[Path], Awaitable[None]]) -> None:
        """Fetch a delivered video; it gets its name when it is complete."""
        video = video_path(self.folder(render_id))
        await asyncio.to_thread(video.parent.mkdir, parents=True, exist_ok=True)
        part = video.with_suffix(".part.mp4")
        await fetch(part)
        await asyncio.to_thread(part.replace, video)

    def folder(self, render_id: str) -> Path:
        """Return the folder of a render's unfinished work."""
        return self.scratch / render_id

    async def put_aside(self, render_id: str, reason: str) -> None:
        """Move a refused video and the reason to `rejected`, and delete the rest."""
        await asyncio.to_thread(put_aside, self.folder(render_id), self.scratch, reason)

    async def clear(self, render_id: str) -> None:
        """Delete a render's unfinished work."""
        await asyncio.to_thread(shutil.rmtree, self.folder(render_id), ignore_errors=True)


def _timed(prepared: ClipJob) -> tuple[TimedSpan, ...]:
    """Return the words at their times in the video, whose speech may begin after a pause."""
    late_s = prepared.providers.renderer.capabilities.lead_in_s
    words = prepared.sound.words if prepared.sound else ()
    return tuple(TimedSpan(word.text, max(0.0, word.start_s + late_s), word.end_s + late_s) for word in words)

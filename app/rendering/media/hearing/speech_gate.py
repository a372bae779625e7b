"""Gate of the speech: it is heard before its film is ordered; a voice that says something else costs no film."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from app.catalog.model import Avatar
from app.digest import Digest
from app.errors import ClipRejectedError
from app.rendering.ledger.rejections import SPEECH_REFUSED
from app.rendering.ledger.states import Render
from app.rendering.media.faults import because
from app.rendering.media.hearing.ear import Ear
from app.rendering.media.hearing.rules import Hearing
from app.rendering.media.rejected import Measurements, put_speech_aside, write_verdict
from app.rendering.media.speech_cache import SpeechCache, StoredSpeech
from app.rendering.plan.clips import WantedClip
from app.rendering.plan.providers import AvatarProviders


@dataclass(frozen=True, slots=True)
class SpeechGate:
    """Hears the speech of a film before it is ordered; `scratch` is the folder for unfinished work.

    `passed` are recipe and sound of speeches that were found right and whose films are on their way: a busy provider is
    tried often, and the same sound is heard once.
    """

    ear: Ear
    speech_cache: SpeechCache
    scratch: Path
    passed: set[tuple[Digest, Digest]]

    async def check(
        self, sound: StoredSpeech, wanted: WantedClip, providers: AvatarProviders, avatar: Avatar, *, render: Render
    ) -> None:
        """Hear a speech, unless a person has accepted just this one; a refused one is kept aside for a person to hear.

        It stays stored, too: whoever accepts it has its film made of what was heard.

        Raises:
            ClipRejectedError: its words are not the answer's.
        """
        recipe = wanted.speech
        if recipe is None or render.labels.accepted == sound.audio or not self.ear.hears(recipe, providers):
            return
        if (sound.key, sound.audio) in self.passed:
            return
        wav = self.scratch / f"speech-{uuid4().hex}.wav"
        await asyncio.to_thread(self.scratch.mkdir, parents=True, exist_ok=True)
        try:
            await self.speech_cache.write(sound, wav)
            heard = await self.ear.listen(wav, recipe, avatar)
            if heard.reasons:
                await asyncio.to_thread(self._put_aside, wav, wanted, heard, render.id)
        finally:
            await asyncio.to_thread(wav.unlink, missing_ok=True)
        if heard.reasons:
            raise ClipRejectedError(_told(heard))
        self.passed.add((sound.key, sound.audio))

    def _put_aside(self, wav: Path, wanted: WantedClip, heard: Hearing, render_id: str) -> None:
        folder = self.scratch / render_id
        write_verdict(folder, wanted, heard.reasons, Measurements(None, None, heard))
        put_speech_aside(wav, folder, self.scratch, _told(heard))


def _told(heard: Hearing) -> str:
    return f"{SPEECH_REFUSED} and is kept aside; no film was ordered. {because(heard.reasons)}"

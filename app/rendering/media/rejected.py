"""Refused clips: the video as delivered is kept aside, with the reasons and every figure beside it."""

import json
import re
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from app.rendering.media.faults import Reason
from app.rendering.media.hearing.rules import Hearing
from app.rendering.media.inspection import Inspection
from app.rendering.plan.clips import WantedClip
from app.rendering.ports import MediaFacts

_RENDER_ID = re.compile(r"[0-9a-f]{32}")


def video_path(folder: Path) -> Path:
    """Return the path of the complete delivered video."""
    return folder / "video.mp4"


def kept_path(scratch: Path, render_id: str) -> Path:
    """Return the path of a refused video."""
    return scratch / "rejected" / f"{render_id}.mp4"


def kept_speech_path(scratch: Path, render_id: str) -> Path:
    """Return the path of a refused speech, of which there is no film."""
    return scratch / "rejected" / f"{render_id}.wav"


@dataclass(frozen=True, slots=True)
class Measurements:
    """All that is known of a refused clip: its file, its picture and sound, its words."""

    facts: MediaFacts | None
    seen: Inspection | None
    heard: Hearing | None


def write_verdict(folder: Path, wanted: WantedClip, reasons: Sequence[Reason], measured: Measurements) -> None:
    """Write the reasons of a refusal and all measurements into a render's folder, as JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    document = {
        "recipe_key": wanted.key,
        "renderer": wanted.recipe.renderer,
        "model": wanted.recipe.model,
        "labels": wanted.labels.without_trace().to_json(),
        "reasons": [
            {"fault": reason.fault.value, "message": reason.message, "remedy": reason.remedy} for reason in reasons
        ],
        "facts": asdict(measured.facts) if measured.facts else None,
        "inspection": asdict(measured.seen) if measured.seen else None,
        "heard": measured.heard.document() if measured.heard else None,
    }
    text = json.dumps(document, indent=1, ensure_ascii=False, default=str)
    _reasons_path(folder).write_text(text, encoding="utf-8")


def put_aside(folder: Path, scratch: Path, reason: str) -> None:
    """Move a render's refused video and the reasons to `rejected`, and delete the rest."""
    rejected = scratch / "rejected"
    rejected.mkdir(parents=True, exist_ok=True)
    if video_path(folder).exists():
        video_path(folder).replace(kept_path(scratch, folder.name))
    reasons = json.loads(_reasons_path(folder).read_text(encoding="utf-8")) if _reasons_path(folder).exists() else {}
    document = json.dumps({"render": folder.name, "reason": reason, **reasons}, indent=1, ensure_ascii=False)
    (rejected / f"{folder.name}.json").write_text(document, encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)


def kept_renders(scratch: Path) -> tuple[str, ...]:
    """Return the ids of renders of which something lies in a scratch folder, unfinished or refused. Blocking."""
    names = {path.stem for folder in (scratch, scratch / "rejected") if folder.is_dir() for path in folder.iterdir()}
    return tuple(sorted(name for name in names if _RENDER_ID.fullmatch(name)))


def delete_kept(scratch: Path, render_id: str) -> None:
    """Delete a render's unfinished work, and what was kept aside of it."""
    shutil.rmtree(scratch / render_id, ignore_errors=True)
    for path in (kept_path(scratch, render_id), kept_speech_path(scratch, render_id)):
        path.unlink(missing_ok=True)
    (scratch / "rejected" / f"{render_id}.json").unlink(missing_ok=True)


def put_speech_aside(wav: Path, folder: Path, scratch: Path, reason: str) -> None:
    """Move a refused speech and the reasons in the render's folder to `rejected`."""
    put_aside(folder, scratch, reason)
    wav.replace(kept_speech_path(scratch, folder.name))


def _reasons_path(folder: Path) -> Path:
    return folder / "reasons.json"

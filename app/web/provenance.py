"""Route for the provenance of a stored clip: its credentials, verified when asked for."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from app.digest import Digest
from app.errors import DigestError, RenderNotFoundError
from app.runtime.commands.provenance import stored_provenance
from app.runtime.wiring.credentials import open_reader
from app.web.deps import State, Viewer

router = APIRouter(tags=["authors"])


class CredentialsView(BaseModel):
    """Content Credentials of a file. `intact`: neither the file nor its manifest has changed since it was signed."""

    found: bool
    intact: bool
    trusted: bool
    development: bool
    sidecar: bool
    signer: str
    tool: str
    source_type: str
    render: dict[str, str] | None
    ingredients: tuple[str, ...]
    problems: tuple[str, ...]


class ProvenanceView(BaseModel):
    """Provenance of a stored clip. `document` is what the store wrote down when the clip was made."""

    name: str
    recipe_key: str
    intent: str
    locale: str
    credentials: CredentialsView
    document: dict[str, Any] | None


@router.get("/v1/clips/{recipe_key}/provenance", dependencies=[Viewer])
async def provenance(recipe_key: str, state: State) -> ProvenanceView:
    """Verify the stored clip of a recipe, byte for byte, and return its origin."""
    try:
        entry = await state.container.recipes.get(Digest(recipe_key))
    except DigestError:
        entry = None
    if entry is None or entry.kind != "clip":
        raise RenderNotFoundError(
            f"No clip is stored under the recipe {recipe_key[:64]!r}; `GET /v1/plan` has the keys."
        )
    found = await stored_provenance(entry, state.container.blobs, open_reader())
    return ProvenanceView.model_validate(found, from_attributes=True)

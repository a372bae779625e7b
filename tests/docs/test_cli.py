"""The commands page has every command, its help as the command gives it, and the fields of its JSON."""

import dataclasses
import json
from pathlib import Path
from typing import Any, get_args

import pytest
from typer.testing import CliRunner

from app import audit
from app.authoring.edits import FileChange
from app.authoring.effect import EditPreview, MovedAnswer
from app.catalog.findings import Finding
from app.catalog.imports.gathered import Left
from app.cli.main import app
from app.cli.output import WORK, Status
from app.matching import policy
from app.matching.fit import catalog_tests
from app.rendering.ledger import records, states
from app.rendering.ledger.operator import RenderStory
from app.rendering.media.credentials import CredentialsReport
from app.rendering.plan.agreement import AgreedClip, Agreement
from app.rendering.work import warm_events as warm
from app.rendering.work.ending import Cause
from app.rendering.work.reconciler import Swept
from app.runtime.commands.advice import Advice
from app.runtime.commands.answers.clips import UsedClip
from app.runtime.commands.answers.never import NeverReceipt
from app.runtime.commands.answers.new_intent import NewIntentResult
from app.runtime.commands.answers.proposals import Proposals, ProposedPhrase
from app.runtime.commands.doctor import Symptom
from app.runtime.commands.imports import ImportedIntent, ImportReport
from app.runtime.commands.new_catalog import CreatedCatalog, CreatedIntent
from app.runtime.commands.provenance import Provenance
from app.store import maintenance
from app.store.copy import CopyReport
from tests.docs.generated import commands, filled, generated_blocks
from tests.docs.pages import first_cells, page, section
from tests.support.sites import Site

PAGE = page("cli.md")

STORY = (RenderStory, records.Record, records.Hook)


def _names(*kinds: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for kind in kinds for field in dataclasses.fields(kind))


FIELDS: dict[str, tuple[str, ...]] = {
    "`greenroom audit list`": tuple(
        field.name for kind in (audit.AuditRow, audit.Act) for field in dataclasses.fields(kind)
    ),
    "`greenroom audit verify`": tuple(field.name for field in dataclasses.fields(audit.ChainCheck)),
    "`greenroom renders`": tuple(field.name for field in dataclasses.fields(states.Render)),
    "`greenroom renders show`": tuple(field.name for kind in STORY for field in dataclasses.fields(kind)),
    "`greenroom renders reconcile`": tuple(field.name for field in dataclasses.fields(Swept)),
    "`greenroom renders spend`": ("lines", *(field.name for field in dataclasses.fields(records.SpendLine))),
    "`greenroom store stats`": tuple(field.name for field in dataclasses.fields(maintenance.StoreStats)),
    "`greenroom store verify`": ("ok", *(field.name for field in dataclasses.fields(maintenance.VerifyReport))),
    "`greenroom store gc`": tuple(field.name for field in dataclasses.fields(maintenance.GcReport)),
    "`greenroom store copy`": ("ok", *(field.name for field in dataclasses.fields(CopyReport))),
    "`greenroom provenance`": (
        "files",
        "states",
        *(field.name for kind in (Provenance, CredentialsReport) for field in dataclasses.fields(kind)),
    ),
    "`greenroom init`": tuple(field.name for field in dataclasses.fields(CreatedCatalog)),
    "`greenroom new intent`": tuple(field.name for field in dataclasses.fields(CreatedIntent)),
    "`greenroom import`": tuple(
        field.name for kind in (ImportReport, ImportedIntent, Left) for field in dataclasses.fields(kind)
    ),
    "`greenroom answer phrases`": _names(EditPreview, FileChange, Finding, MovedAnswer),
    "`greenroom answer intent`": _names(NewIntentResult),
    "`greenroom answer never`": _names(NeverReceipt),
    "`greenroom answer clip`": _names(UsedClip),
    "`greenroom answer propose`": ("proposals", "written", *_names(Proposals, ProposedPhrase)),
    "`greenroom doctor`": tuple(field.name for kind in (Symptom, Advice) for field in dataclasses.fields(kind)),
    "`greenroom eval`": (
        *catalog_tests.Evaluation.model_fields,
        *catalog_tests.Result.model_fields,
        *policy.Fitted.model_fields,
    ),
    "`greenroom warm`": (
        *warm.WarmProgress.model_fields,
        *warm.Failure.model_fields,
        *warm.ClipStarted.model_fields,
        *warm.ClipMoved.model_fields,
        *warm.ClipFinished.model_fields,
        *warm.ProviderPaused.model_fields,
        *warm.ProviderResumed.model_fields,
        *warm.TryingAgain.model_fields,
        *warm.Summary.model_fields,
        *(cause.value for cause in Cause),
    ),
}


def test_every_command_shows_its_help() -> None:
    assert {block.removesuffix(" --help") for block in generated_blocks(PAGE)} == set(commands())


def test_the_help_is_what_the_commands_say() -> None:
    assert filled(PAGE) == PAGE, "run `python -m tests.docs.generated`"


def test_exit_statuses_are_those_of_the_code() -> None:
    assert first_cells(section(PAGE, "Exit status")) == {str(code.value) for code in Status}


@pytest.mark.parametrize(("heading", "fields"), FIELDS.items(), ids=FIELDS)
def test_json_has_the_fields_that_are_told(heading: str, fields: tuple[str, ...]) -> None:
    told = section(PAGE, heading)

    assert [name for name in fields if f"`{name}`" not in told] == []


def test_events_of_a_warm_up_are_all_told() -> None:
    kinds = (*get_args(warm.WarmEvent), warm.TryingAgain)

    assert first_cells(section(PAGE, "`greenroom warm`")) == {kind.model_fields["type"].default for kind in kinds}


def test_the_fields_of_a_plan_are_told(warmed_site: Site, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["plan", "--json", "--catalog", str(warmed_site.catalog), "--cache", str(tmp_path)])

    document = json.loads(done.stdout)

    told = section(PAGE, "`greenroom plan`")
    assert [name for name in (*Agreement.model_fields, *AgreedClip.model_fields) if f"`{name}`" not in told] == []
    names = {
        *document,
        *document["counts"],
        *document["renderers"][0],
        *document["new"][0],
        *document["new"][0]["lines"][0],
    }
    assert done.exit_code == WORK
    assert [name for name in sorted(names) if f"`{name}`" not in told] == []

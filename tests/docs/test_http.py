"""The HTTP page has every route, every field, every metric of the running app, and no others."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import BaseModel
from starlette.routing import Mount, WebSocketRoute

from app.matching import decision
from app.web import audit, author_api, authoring_views, headers, health, problems, provenance, renders, sessions
from app.web.app import create_app
from app.web.learning import forecast, questions
from app.web.releases import drafts, folder, published, views
from app.web.speech_input import listen
from app.web.tokens import TOKEN_S
from tests.docs.pages import Row, first_cells, given_rows, page, section, sent_rows, table, written_rows
from tests.support.fake_web import FakeContainer
from tests.support.metrics import register_figures

PAGE = page("http.md")

AUTHORING_GIVEN = ("EditsBody", "EditBody", "PhrasesBody", "IntentBody", "NeverBody", "ClipBody")
AUTHORING_SENT = (
    *("CatalogFileView", "PreviewView", "ChangeView", "FindingView", "MovedView", "AnsweredView"),
    *("WrittenIntentView", "NeverView", "UsedClipView", "ProposalsView", "ProposalView"),
)
SHAPES: dict[str, tuple[type[BaseModel], Callable[[type[BaseModel]], list[Row]]]] = {
    "SessionRequest": (sessions.SessionRequest, given_rows),
    "SessionToken": (sessions.SessionToken, sent_rows),
    "ErasureReceiptView": (sessions.ErasureReceiptView, sent_rows),
    "VendorCopies": (sessions.VendorCopies, sent_rows),
    "HeardView": (listen.HeardView, sent_rows),
    "Question": (author_api.Question, given_rows),
    "Decision": (decision.Decision, sent_rows),
    "Receipt": (decision.Receipt, sent_rows),
    "Thresholds": (decision.Thresholds, sent_rows),
    "LookNote": (decision.LookNote, sent_rows),
    "Verdict": (decision.Verdict, sent_rows),
    "Candidate": (decision.Candidate, sent_rows),
    "CatalogView": (author_api.CatalogView, sent_rows),
    "IntentView": (author_api.IntentView, sent_rows),
    "ReleasePage": (published.ReleasePage, sent_rows),
    "ReleaseView": (views.ReleaseView, sent_rows),
    "StandingView": (views.StandingView, sent_rows),
    "Change": (published.Change, given_rows),
    "PublishRequest": (published.PublishRequest, given_rows),
    "PublicationView": (views.PublicationView, sent_rows),
    "FolderView": (views.FolderView, sent_rows),
    "FileView": (views.FileView, sent_rows),
    "ConflictView": (views.ConflictView, sent_rows),
    "MergeRequest": (folder.MergeRequest, given_rows),
    "DiffView": (views.DiffView, sent_rows),
    "IntentChangeView": (views.IntentChangeView, sent_rows),
    "WordView": (views.WordView, sent_rows),
    "FactChangeView": (views.FactChangeView, sent_rows),
    "ClipBillView": (views.ClipBillView, sent_rows),
    "ClipChangeView": (views.ClipChangeView, sent_rows),
    "ReplayView": (views.ReplayView, sent_rows),
    "ReplayedQuestionView": (views.ReplayedQuestionView, sent_rows),
    "ReplayedAnswerView": (views.ReplayedAnswerView, sent_rows),
    "DraftPage": (drafts.DraftPage, sent_rows),
    "DraftView": (views.DraftView, sent_rows),
    "SaveRequest": (drafts.SaveRequest, given_rows),
    "SeenDraft": (drafts.SeenDraft, given_rows),
    "ScheduleRequest": (drafts.ScheduleRequest, given_rows),
    "ForecastView": (forecast.ForecastView, sent_rows),
    "ReachView": (forecast.ReachView, sent_rows),
    "CoveredShareView": (forecast.CoveredShareView, sent_rows),
    "FrontierStepView": (forecast.FrontierStepView, sent_rows),
    "AskedGroupView": (forecast.AskedGroupView, sent_rows),
    "SitePayBackView": (forecast.SitePayBackView, sent_rows),
    "PayBackView": (forecast.PayBackView, sent_rows),
    "VariantRatingView": (forecast.VariantRatingView, sent_rows),
    "StaleIntentView": (forecast.StaleIntentView, sent_rows),
    "CallerView": (author_api.CallerView, sent_rows),
    "ProvenanceView": (provenance.ProvenanceView, sent_rows),
    "CredentialsView": (provenance.CredentialsView, sent_rows),
    "AuditPage": (audit.AuditPage, sent_rows),
    "AuditView": (audit.AuditView, sent_rows),
    "AnswersView": (audit.AnswersView, sent_rows),
    "SwitchRequest": (audit.SwitchRequest, given_rows),
    "RenderPage": (renders.RenderPage, sent_rows),
    "RenderView": (renders.RenderView, sent_rows),
    "RenderStoryView": (renders.RenderStoryView, sent_rows),
    "StepView": (renders.StepView, sent_rows),
    "Adoption": (renders.Adoption, given_rows),
    "Resolution": (renders.Resolution, given_rows),
    "Correction": (renders.Correction, given_rows),
    "SweepView": (renders.SweepView, sent_rows),
    "OrphanPage": (renders.OrphanPage, sent_rows),
    "OrphanView": (renders.OrphanView, sent_rows),
    "Acknowledgement": (renders.Acknowledgement, given_rows),
    "MissPage": (author_api.MissPage, sent_rows),
    "MissView": (author_api.MissView, sent_rows),
    "TurnView": (author_api.TurnView, sent_rows),
    **{name: (getattr(authoring_views, name), given_rows) for name in AUTHORING_GIVEN},
    **{name: (getattr(authoring_views, name), sent_rows) for name in AUTHORING_SENT},
    "TurnList": (questions.TurnList, sent_rows),
    "Transcript": (questions.Transcript, sent_rows),
    "GroupList": (questions.GroupList, sent_rows),
    "GroupView": (questions.GroupView, sent_rows),
    "GroupStory": (questions.GroupStory, sent_rows),
    "MemberView": (questions.MemberView, sent_rows),
    "StateChange": (questions.StateChange, given_rows),
    "Regrouped": (questions.Regrouped, sent_rows),
    "Readiness": (health.Readiness, sent_rows),
}


@pytest.fixture
def container() -> FakeContainer:
    return FakeContainer()


@pytest.fixture
def app(container: FakeContainer) -> FastAPI:
    return create_app(container)


def test_every_route_has_its_line(app: FastAPI) -> None:
    described = {(row[0].strip("`"), row[1].strip("`")) for row in table(section(PAGE, "Routes"))}

    assert described == _routes(app)


def test_every_operation_of_openapi_has_its_line(app: FastAPI) -> None:
    described = {(row[0].strip("`"), row[1].strip("`")) for row in table(section(PAGE, "Routes"))}
    operations_ = {(method.upper(), path) for path, methods in app.openapi()["paths"].items() for method in methods}

    assert operations_ <= described


@pytest.mark.parametrize(("heading", "shape"), SHAPES.items(), ids=SHAPES)
def test_a_body_has_its_fields(
    heading: str, shape: tuple[type[BaseModel], Callable[[type[BaseModel]], list[Row]]]
) -> None:
    model, rows = shape

    assert written_rows(PAGE, heading) == rows(model)


def test_every_shape_of_openapi_is_on_the_page(app: FastAPI) -> None:
    known = set(app.openapi()["components"]["schemas"])

    assert known <= {*SHAPES, "Role", "RenderState", "Life", "Problem"}


def test_a_problem_has_its_fields() -> None:
    assert first_cells(section(PAGE, "Problem")) >= set(problems.Problem.model_fields)


def test_codes_of_http_alone_are_those_of_the_code() -> None:
    alone = {*problems._HTTP_CODES.values(), "request_invalid"}

    assert first_cells(section(PAGE, "Problem")) - set(problems.Problem.model_fields) == alone


def test_every_metric_has_its_line(app: FastAPI, container: FakeContainer) -> None:
    assert app
    register_figures(container.metrics)
    families = {
        (f"{family.name}_total" if family.type == "counter" else family.name, family.type)
        for family in container.metrics.collect()
    }

    assert {(row[0].strip("`"), row[1]) for row in table(section(PAGE, "Metrics"))} == families


def test_limits_are_those_of_the_code() -> None:
    assert f"may have {headers.MAX_BODY_BYTES >> 10} KiB" in " ".join(PAGE.split())
    assert f"{renders.MAX_VIDEO_BYTES >> 30} GiB" in " ".join(PAGE.split())
    assert ["`expires_s`", "integer", "always", str(TOKEN_S)] in table(section(PAGE, "SessionToken"))


def _routes(app: FastAPI) -> set[tuple[str, str]]:
    """Method and path of everything that the app answers; `HEAD` goes without saying where there is `GET`.

    The Studio's pages are for people, and `docs/authoring/studio.md` is about them.
    """
    found: set[tuple[str, str]] = {("GET", "/studio/")}
    for route in _flat(app.routes):
        if route.path.startswith("/studio"):
            continue
        if isinstance(route, Mount):
            found.add(("GET", f"{route.path}/{{file}}"))
        elif isinstance(route, WebSocketRoute):
            found.add(("WS", route.path))
        else:
            found |= {(method, route.path) for method in route.methods - {"HEAD"}}
    return found


def _flat(routes: Iterable[Any]) -> Iterator[Any]:
    """Included routers are kept whole by FastAPI; their routes stand in the router they were."""
    for route in routes:
        inner = getattr(route, "original_router", None)
        yield from _flat(inner.routes) if inner else (route,)

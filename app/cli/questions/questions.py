"""Command `greenroom questions`: what visitors asked, grouped by meaning; transcripts; states of groups."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar

import typer

from app.cli.options import CacheOption, CatalogOption, JsonOption, run, settings_for
from app.cli.output import plain, print_json
from app.cli.questions.options import (
    CursorOption,
    IntentOption,
    LimitOption,
    LocaleOption,
    OrderOption,
    OutcomeOption,
    RatingOption,
    ReleaseOption,
    SinceOption,
    StateOption,
    TextOption,
    TopicOption,
    UntilOption,
    VisitorsOption,
    results,
)
from app.cli.questions.progress import tell_encoding
from app.cli.questions.showing import show_group, show_groups, show_transcript, show_turns
from app.learning.questions.query import GroupState, QuestionQuery
from app.learning.questions.questions import Questions
from app.learning.turn_log import TurnRecord
from app.runtime.commands.questions import open_questions
from app.runtime.serving.config_audit import who
from app.runtime.settings.site import Settings

T = TypeVar("T")

app = typer.Typer(add_completion=False, rich_markup_mode=None)

GroupId = Annotated[str, typer.Argument(metavar="ID", help="The group's id, or that of any of its questions.")]


@app.callback(invoke_without_command=True)
def questions(
    context: typer.Context,
    *,
    session: Annotated[
        str | None, typer.Option(metavar="SESSION", help="Show one visit instead: its questions and answers.")
    ] = None,
    since: SinceOption = None,
    outcome: OutcomeOption = None,
    limit: LimitOption = 30,
    visitors: VisitorsOption = None,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what visitors asked, grouped by meaning; transcripts of visits; what becomes of each group.

    Without a command it lists the groups, most asked first. What this machine failed at is no author's miss: ask for
    it with --outcome failed.

    \b
    Examples:
      greenroom questions --since 7d
      greenroom questions --outcome missed --outcome chips
      greenroom questions --session s_dgGzz8uYc0
      greenroom questions list --rating down
      greenroom questions state 1f0c9a2b7d3e4455 done --note "new intent: crowns"
    """
    if context.invoked_subcommand is not None:
        return
    if session is not None:
        transcript(session, catalog=catalog, cache=cache, as_json=as_json)
        return
    query = QuestionQuery(since=since, outcomes=results(outcome), order="most", limit=limit)
    _groups(settings_for(catalog, cache), query, visitors, as_json=as_json)


@app.command("group")
def group_(
    *,
    since: SinceOption = None,
    until: UntilOption = None,
    topic: TopicOption = None,
    intent: IntentOption = None,
    outcome: OutcomeOption = None,
    rating: RatingOption = None,
    locale: LocaleOption = None,
    release: ReleaseOption = None,
    state: StateOption = None,
    text: TextOption = None,
    order: OrderOption = "most",
    visitors: VisitorsOption = None,
    limit: LimitOption = 30,
    cursor: CursorOption = None,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """List groups of questions with one meaning.

    Without --outcome it leaves out what failed, was cancelled, or is no question.

    \b
    Examples:
      greenroom questions group --state open --outcome missed --since 7d
      greenroom questions group --order newest --locale de --json
    """
    query = QuestionQuery(
        since, until, topic, intent, results(outcome), rating, locale, release, state, text, order, limit, cursor
    )
    _groups(settings_for(catalog, cache), query, visitors, as_json=as_json)


@app.command("list")
def list_(
    *,
    since: SinceOption = None,
    until: UntilOption = None,
    topic: TopicOption = None,
    intent: IntentOption = None,
    outcome: OutcomeOption = None,
    rating: RatingOption = None,
    locale: LocaleOption = None,
    release: ReleaseOption = None,
    text: TextOption = None,
    limit: LimitOption = 50,
    cursor: CursorOption = None,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """List single questions, newest first.

    \b
    Examples:
      greenroom questions list --rating down
      greenroom questions list --outcome document --since 2026-11-01 --json
    """
    query = QuestionQuery(
        since,
        until,
        topic,
        intent,
        results(outcome),
        rating,
        locale,
        release,
        text=text,
        limit=limit,
        cursor=cursor,
    )
    page = _with(settings_for(catalog, cache), lambda asked: asked.asked(query))
    if as_json:
        print_json({"questions": [_told(turn) for turn in page.items], "cursor": page.cursor})
    else:
        show_turns(page.items, cursor=page.cursor)


@app.command()
def show(
    question: GroupId,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many wordings.")] = 50,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one group: counts, what was played, its wordings.

    \b
    Examples:
      greenroom questions show 1f0c9a2b7d3e4455
    """

    async def read(asked: Questions) -> None:
        group, members = await asked.group(question), await asked.members(question, limit=limit)
        if as_json:
            print_json({"group": group, "members": members})
        else:
            show_group(group, members)

    _with(settings_for(catalog, cache), read)


@app.command()
def transcript(
    session: Annotated[str, typer.Argument(help="The session's id.")],
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one visit: what was asked, what was said, chips, ratings.

    \b
    Examples:
      greenroom questions transcript s_dgGzz8uYc0
    """
    turns = _with(settings_for(catalog, cache), lambda asked: asked.transcript(session))
    if as_json:
        print_json({"session": session, "turns": [_told(turn) for turn in turns]})
    else:
        show_transcript(turns)


@app.command()
def state(
    question: GroupId,
    state: Annotated[GroupState, typer.Argument(help="What becomes of it.")],
    note: Annotated[str, typer.Option(help="Why, or what was done.")] = "",
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what becomes of a group: open, in_work, done, will_not.

    The state belongs to its questions, whatever the next grouping does. New wordings that make up more than half of
    what is asked open the group again.

    \b
    Examples:
      greenroom questions state 1f0c9a2b7d3e4455 in_work
      greenroom questions state 1f0c9a2b7d3e4455 will_not --note "not our subject"
    """
    marked = _with(
        settings_for(catalog, cache), lambda asked: asked.mark(question, state, by=who(), note=note.strip()[:500])
    )
    if as_json:
        print_json(marked)
    else:
        show_group(marked, ())


def _groups(settings: Settings, query: QuestionQuery, visitors: int | None, *, as_json: bool) -> None:
    least = settings.question_visitors if visitors is None else visitors
    page = _with(settings, lambda asked: asked.groups(query, visitors=least))
    if as_json:
        print_json(
            {
                "groups": page.items,
                "cursor": page.cursor,
                "hidden": page.hidden,
                "visitors": least,
                "grouped_at": page.grouped_at,
            }
        )
    else:
        show_groups(page, visitors=least)


def _with(settings: Settings, job: Callable[[Questions], Awaitable[T]]) -> T:
    async def work() -> T:
        async with open_questions(settings, progress=tell_encoding) as asked:
            return await job(asked)

    return run(work())


def _told(turn: TurnRecord) -> dict[str, Any]:
    return {**plain(turn), "result": turn.result}

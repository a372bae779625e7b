"""Letter of a period: collected from the site's questions, its plan and its ledger; sent where somebody wants it."""

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit
from uuid import uuid4

from app.adapters.http.client import ProviderHttp
from app.adapters.http.endpoint import Endpoint
from app.adapters.http.webhook_signature import delivery_headers
from app.adapters.sql.calls import SqlPaidCalls
from app.adapters.sql.engine import Database
from app.adapters.sql.ledger import SqlLedger
from app.adapters.sql.questions.book import SqlQuestionBook
from app.adapters.sql.statement import SqlStatement
from app.errors import SettingsError
from app.learning.letter.letter import Letter, LetterMoney, StaleClip, write_letter
from app.learning.questions.questions import Progress, Questions
from app.rendering.ledger.operator import RenderAdmin
from app.rendering.plan.break_even import cache_savings
from app.rendering.plan.planner import Plan, PlanAction
from app.runtime.commands.plan import plan_catalog
from app.runtime.settings.site import Settings
from app.runtime.wiring.clock import SystemClock
from app.runtime.wiring.site import Site, open_site
from app.runtime.wiring.store_and_encoder import encoders_for
from app.runtime.wiring.turn_log import open_turn_log


async def site_letter(
    settings: Settings, *, since: datetime, until: datetime, progress: Progress | None = None
) -> Letter:
    """Write the letter of a site from its database and its store.

    Raises:
        CatalogError, SettingsError, StateUnavailableError: the site cannot be opened.
    """
    async with open_site(settings) as site:
        questions = Questions(
            book=SqlQuestionBook(site.database),
            turns=open_turn_log(settings, site.database),
            encoder=lambda: encoders_for(settings, site.catalog).plain,
            now=SystemClock().now,
            visitors=settings.question_visitors,
            progress=progress,
        )
        return await letter_of(site, questions, since=since, until=until)


async def letter_of(site: Site, questions: Questions, *, since: datetime, until: datetime) -> Letter:
    """Write the letter of an open site."""
    stale = stale_clips(await plan_catalog(site))
    money = await _money(site.database, since, until)
    return await write_letter(questions, since=since, until=until, stale=stale, money=money)


def stale_clips(plan: Plan) -> tuple[StaleClip, ...]:
    """Return the stale clips of a plan, a line each."""
    return tuple(
        StaleClip(line.intent, line.locale, ", ".join(change.field for change in item.changes) or "changed")
        for item in plan.items
        if item.action is PlanAction.STALE
        for line in item.wanted.lines
    )


@dataclass(frozen=True, slots=True)
class Webhook:
    """Address that letters are posted to, and the secret that signs them; `own` ones may lie in the own network."""

    url: str
    secret: str = field(default="", repr=False)
    own: bool = False


def own_webhook(settings: Settings) -> Webhook:
    """Return the webhook that the site's settings name.

    Raises:
        SettingsError: they name none.
    """
    url = settings.report_webhook.get_secret_value()
    if not url:
        raise SettingsError("Expected an address in GREENROOM_REPORT_WEBHOOK, got none; set it, or use --webhook.")
    return Webhook(url, settings.report_secret.get_secret_value(), own=True)


async def send_letter(letter: Letter, text: str, *, webhook: Webhook, at: datetime) -> None:
    """Post a letter as JSON: `text` is the letter in Markdown, as chat services take it, `letter` its content.

    It is tried up to four times, each time with the same `webhook-id`.

    Raises:
        SettingsError: the address is none of http or https.
        MediaError: it leads into the own network.
        ProviderUnavailableError: it was not accepted.
    """
    address = urlsplit(webhook.url)
    if address.scheme not in {"http", "https"} or not address.hostname:
        raise SettingsError("Expected a webhook such as https://example.org/hook, got something else; correct it.")
    content = json.dumps({"text": text, "letter": asdict(letter)}, default=_plain, ensure_ascii=False).encode()
    signed = delivery_headers(content, delivery=f"letter_{uuid4().hex}", at=at, secret=webhook.secret)
    home = f"{address.scheme}://{address.netloc}"
    client = ProviderHttp(Endpoint(home, domains=(), base_url=home if webhook.own else None), {})
    try:
        headers = {"Content-Type": "application/json", **signed}
        await client.hand_over(webhook.url, content, headers=headers, method="POST")
    finally:
        await client.aclose()


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


async def _money(database: Database, since: datetime, until: datetime) -> LetterMoney:
    first, last = since.astimezone(UTC).date(), until.astimezone(UTC).date()
    admin = RenderAdmin(SqlLedger(database), SystemClock().now, SqlPaidCalls(database))
    report = await admin.spend(since=first, until=last)
    saved = cache_savings(await SqlStatement(database).plays(since=first, until=last), report.clip_price)
    return LetterMoney(report.spent, saved.plays, saved.live_low, saved.live_high)

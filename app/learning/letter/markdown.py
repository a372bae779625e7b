"""Letter as Markdown, and the sections that every form of it has."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.learning.letter.letter import SHOWN, Letter
from app.learning.questions.groups import QuestionGroup, Totals


@dataclass(frozen=True, slots=True)
class LetterSection:
    """Section: a heading, and a line for each item; `empty` says so where there is none."""

    heading: str
    lines: tuple[str, ...]
    empty: str


def title_of(letter: Letter) -> str:
    """Return the letter's heading."""
    return f"What visitors asked, {letter.since:%Y-%m-%d} to {letter.until:%Y-%m-%d}"


def sections(letter: Letter) -> tuple[LetterSection, ...]:
    """Return the letter in words, section by section."""
    return (
        LetterSection("Asked and helped", tuple(_figures(letter)), "Nothing was asked."),
        LetterSection("New", tuple(_asked(one) for one in letter.new), "Nobody asked anything new."),
        LetterSection(
            "Without an answer", tuple(_asked(one) for one in letter.unanswered), "Every open question got an answer."
        ),
        LetterSection("Disliked", tuple(_disliked(letter)), "Nobody disliked an answer."),
        LetterSection("Stale", tuple(_stale(letter)), "No clip is stale."),
        LetterSection("Spent and avoided", tuple(_money(letter)), "Nothing."),
    )


def as_markdown(letter: Letter) -> str:
    """Return the letter as Markdown; what visitors wrote is escaped."""
    parts = [f"# {title_of(letter)}"]
    for section in sections(letter):
        parts.append(f"## {section.heading}")
        parts.append("\n".join(f"- {_escaped(line)}" for line in section.lines) or section.empty)
    return "\n\n".join(parts) + "\n"


def _escaped(text: str) -> str:
    return "".join(f"\\{letter}" if letter in "\\`*_[]<>#|" else letter for letter in " ".join(text.split()))


def _figures(letter: Letter) -> Iterator[str]:
    now, before = letter.totals, letter.before
    if not now.asked:
        return
    yield f"{now.asked} questions of {now.visitors} visitors; {before.asked} of {before.visitors} the period before"
    yield f"{_share(now.helped, now)} helped by an answer of yours ({_share(before.helped, before)} before)"
    yield f"{_share(now.made, now)} answered from documents or by a model"
    yield f"{_share(now.unhelped, now)} without an answer ({_share(before.unhelped, before)} before)"
    if now.failed:
        yield f"{now.failed} questions failed on this machine; they are not counted above"


def _share(part: int, totals: Totals) -> str:
    return f"{part / totals.asked:.0%}" if totals.asked else "none"


def _asked(group: QuestionGroup) -> str:
    return f"{group.question} ({group.locale}): {group.asked} times by {group.visitors} visitors, group {group.id}"


def _disliked(letter: Letter) -> Iterator[str]:
    for one in letter.disliked:
        comment = f"; “{one.comment}”" if one.comment else ""
        yield f"{one.question}: {one.intent or one.said[:80] or 'no answer'}{comment}, turn {one.turn}"


def _stale(letter: Letter) -> Iterator[str]:
    for one in letter.stale[:SHOWN]:
        yield f"{one.intent} ({one.locale}): {one.why}"
    if len(letter.stale) > SHOWN:
        yield f"{len(letter.stale) - SHOWN} more; greenroom plan lists them"


def _money(letter: Letter) -> Iterator[str]:
    money = letter.money
    yield f"{money.spent:.2f} {money.currency} spent"
    if money.plays:
        yield (
            f"{money.plays} plays from the store; a live avatar would have cost {money.avoided_low:.2f} to "
            f"{money.avoided_high:.2f} {money.currency}"
        )

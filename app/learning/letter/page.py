"""Letter as one HTML page, for a mail or a browser: no script, nothing from elsewhere."""

from html import escape

from app.learning.letter.letter import Letter
from app.learning.letter.markdown import LetterSection, sections, title_of

_STYLE = (
    ":root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:2rem auto;"
    "padding:0 1rem}h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}li{overflow-wrap:anywhere}"
)


def as_html(letter: Letter) -> str:
    """Return the letter as a page; what visitors wrote is escaped."""
    title = escape(title_of(letter))
    body = "".join(_section(one) for one in sections(letter))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body><h1>{title}</h1>{body}</body></html>\n"
    )


def _section(section: LetterSection) -> str:
    lines = "".join(f"<li>{escape(line)}</li>" for line in section.lines)
    return f"<h2>{escape(section.heading)}</h2>" + (f"<ul>{lines}</ul>" if lines else f"<p>{escape(section.empty)}</p>")

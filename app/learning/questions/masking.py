"""Masking of personal data: mail addresses, telephone and card numbers, and the name after "my name is".

Lists and groups show the masked words, and what identifies a question is made from them. The transcript of a visit
keeps the words as they were typed.
"""

import re

MASKS = ("[mail]", "[phone]", "[card]", "[name]")
"""What stands in a masked text for what is personal."""

_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_DIGITS = re.compile(r"(?<![\w.])\+?\(?\d(?:[ \u00a0./()-]{0,2}\d){5,24}\)?(?![\w])")
_CARD_DIGITS = range(13, 20)
_PHONE_DIGITS = range(7, 16)
_DATE = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}-\d{2}-\d{2}|(?:1[0-9]|20)\d{2}\s?[-/]\s?(?:1[0-9]|20)\d{2}")

_WORD = r"[^\W\d_][\w'’-]*"
_STARTS = (
    r"my (?:full |first |last |sur)?name(?:'s|’s| is)|my name be|i am called|i'm called|call me|"
    r"this is (?=[A-Z]\w+ [A-Z])|"
    r"mein (?:voller |nach|vor)?name ist|ich hei(?:ss|ß)e|man nennt mich|"
    r"me llamo|mi nombre es|je m'appelle|je m’appelle|mon nom est|mi chiamo"
)
_NAMED = re.compile(
    rf"\b({_STARTS})(\s+)((?:(?:mr|mrs|ms|dr|herr|frau|señor|señora)\.?\s+)*{_WORD})((?:\s+{_WORD})*)", re.IGNORECASE
)
_NO_NAME = re.compile(
    r"(?:on|at|back|if|later|and|i|but|so|or|who|what|when|where|how|can|could|do|does|is|are|was|will|would|please|because|then|with|from|"
    r"und|ich|aber|oder|wer|wann|wo|wie|kann|können|könnte|ist|sind|bitte|weil|dann|mit|von|"
    r"y|e|o|pero|et|ou|mais|qui|que|ma|come|quando|dove)",
    re.IGNORECASE,
)
"""Words with which the sentence goes on after a name."""

_MOST_NAMES = 3


def mask(text: str) -> str:
    """Return the text with `[mail]`, `[card]`, `[phone]` and `[name]` in place of what is personal."""
    masked = _MAIL.sub("[mail]", text)
    masked = _DIGITS.sub(_number, masked)
    return _NAMED.sub(_name, masked)


def _number(found: re.Match[str]) -> str:
    text = found.group()
    digits = [int(one) for one in text if one.isdecimal()]
    if len(digits) in _CARD_DIGITS and _is_card(digits):
        return "[card]"
    if len(digits) in _PHONE_DIGITS and not _DATE.fullmatch(text.strip("() ")):
        return "[phone]"
    return text


def _is_card(digits: list[int]) -> bool:
    """Luhn's check: the last digit of a card number is made from the others."""
    doubled = (sum(divmod(2 * digit, 10)) if place % 2 else digit for place, digit in enumerate(reversed(digits)))
    return sum(doubled) % 10 == 0


def _name(found: re.Match[str]) -> str:
    """Replace the first word, and those after it that look like names, too."""
    start, gap, first, rest = found.groups()
    if _NO_NAME.fullmatch(first):
        return found.group()
    followers = re.findall(r"\s+\S+", rest)
    taken = 0
    written = first.split()[-1][:1].isupper()
    for word in followers[: _MOST_NAMES - 1]:
        bare = word.strip()
        if _NO_NAME.fullmatch(bare) or (written and not bare[:1].isupper()):
            break
        taken += 1
        if not written:  # all in small letters: one more word at most is likely the surname
            break
    return f"{start}{gap}[name]{''.join(followers[taken:])}"

from datetime import date

import pytest

from app.catalog.model import Consent
from app.errors import ConsentMissingError
from app.rendering.consent import check_consent
from tests.support.stages import an_avatar

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    "consent",
    [
        Consent(subject="Mira", kind="synthetic"),
        Consent(subject="Ada", kind="person", evidence="ada.pdf", locales=("de", "en"), until=TODAY),
    ],
)
@pytest.mark.parametrize("locale", ["en", "de-AT"])
def test_a_covering_record_passes(tmp_path, consent, locale):
    check_consent(an_avatar(tmp_path, consent=consent), locale=locale, today=TODAY)


@pytest.mark.parametrize(
    ("consent", "told"),
    [
        (None, "has no `consent` record"),
        (Consent(subject="Ada", kind="person", evidence="a.pdf", until=date(2026, 11, 21)), "ended on 2026-11-21"),
        (Consent(subject="Ada", kind="person"), "names no evidence"),
        (
            Consent(subject="Ada", kind="person", evidence="a.pdf", locales=("de-AT", "fr")),
            "covers de-AT, fr, not 'en'",
        ),
    ],
)
def test_anything_less_is_refused(tmp_path, consent, told):
    with pytest.raises(ConsentMissingError, match=told):
        check_consent(an_avatar(tmp_path, consent=consent), locale="en", today=TODAY)


def test_consent_for_english_is_not_consent_for_enochian(tmp_path):
    consent = Consent(subject="Ada", kind="synthetic", locales=("en",))

    with pytest.raises(ConsentMissingError):
        check_consent(an_avatar(tmp_path, consent=consent), locale="eno", today=TODAY)

import pytest
from threadpoolctl import threadpool_limits

from app.matching.fit.dry_run import rehearse, weights
from app.matching.fit.thresholds import FLOOR, fit
from app.matching.policy import Fitted
from app.matching.prepared_catalog import background_questions, prepare
from tests.support.matching import PHRASES, a_catalog, fitted_catalog, real_encoder


def test_a_fit_survives_json():
    fitted = fitted_catalog(a_catalog(), real_encoder()).fitted

    assert Fitted.from_json(fitted.to_json()) == fitted


def test_the_order_of_intents_and_phrases_changes_nothing():
    turned = {name: list(reversed(texts)) for name, texts in reversed(PHRASES.items())}

    assert fit(a_catalog(turned), real_encoder()) == fitted_catalog(a_catalog(), real_encoder()).fitted


@pytest.mark.long
def test_the_number_of_cores_changes_nothing():
    fits = []
    for threads in (1, 2):
        with threadpool_limits(threads, "blas"):
            fits.append(fit(a_catalog(), real_encoder()))

    assert fits[0] == fits[1]


def test_it_keeps_the_promise_on_its_own_trials_and_says_where_numbers_come_from():
    fitted = fit(a_catalog(max_false_hit_rate=0.01), real_encoder())

    assert fitted.false_hit_rate.value <= 0.01
    assert fitted.thresholds.answer >= FLOOR
    assert "40 phrases of 5 intents" in fitted.thresholds.source


@pytest.mark.long
def test_a_stricter_promise_never_lowers_the_threshold():
    loose, strict = (fit(a_catalog(max_false_hit_rate=rate), real_encoder()) for rate in (0.2, 0.001))

    assert strict.hit_rate.value <= loose.hit_rate.value


def test_the_authors_own_thresholds_win():
    fitted = fit(a_catalog(threshold=0.9, margin=0.2), real_encoder())

    assert (fitted.thresholds.answer, fitted.thresholds.margin) == (0.9, 0.2)
    assert "catalog.yaml" in fitted.thresholds.source


@pytest.mark.parametrize("phrases", [{}, {"only": ["Just this one"]}, {"a": ["One"], "b": ["Two", "Three"]}])
def test_too_little_data_is_said(phrases):
    fitted = fit(a_catalog(phrases), real_encoder())

    assert fitted.notes


def test_the_background_is_large_and_has_no_line_twice():
    lines = background_questions()

    assert len(lines) >= 200
    assert len(set(lines)) == len(lines)


def test_the_figures_are_those_of_the_whole_way_through_the_guards():
    catalog, encoder = a_catalog(), real_encoder()
    prepared = prepare(catalog, encoder)
    fitted = fit(catalog, encoder)

    rows = rehearse(prepared, fitted)

    share = weights(rows, intents=len(prepared.index.intents))
    assert fitted.hit_rate.value == pytest.approx(
        sum(share[at] for at, row in enumerate(rows) if row.plays and row.right)
    )
    assert fitted.false_hit_rate.value == pytest.approx(sum(share[at] for at, row in enumerate(rows) if row.wrong))

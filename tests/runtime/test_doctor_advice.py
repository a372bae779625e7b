"""What `greenroom doctor` says of settings."""

import pytest

from app.runtime.commands.advice import advise
from app.runtime.settings.site import Settings


def said(**changes: object) -> dict[str, tuple[str, str]]:
    return {one.setting: (one.weight, one.says) for one in advise(Settings(**changes))}  # type: ignore[arg-type]


def test_one_computer_has_one_risk_that_nobody_else_may_reach_it():
    risks = [setting for setting, (weight, _) in said().items() if weight == "risk"]

    assert risks == ["GREENROOM_ENVIRONMENT"]


@pytest.mark.parametrize(
    ("changes", "setting", "weight"),
    [
        ({"cache": "s3://clips/museum"}, "GREENROOM_CACHE", "cost"),
        ({"clips_url": "presigned"}, "GREENROOM_CLIPS_URL", "risk"),
        ({"clips_url": "presigned", "cache": "s3://clips"}, "GREENROOM_CLIPS_URL", "cost"),
        ({"database_url": "postgresql://h/n"}, "GREENROOM_REDIS_URL", "cost"),
        ({"database_url": "postgresql://h/n", "redis_url": "redis://h"}, "GREENROOM_REDIS_URL", "fine"),
        ({"allowed_origins": "*"}, "GREENROOM_ALLOWED_ORIGINS", "risk"),
        ({"budget_day_usd": "25"}, "GREENROOM_BUDGET_DAY_USD", "cost"),
    ],
)
def test_a_choice_is_weighed(changes, setting, weight):
    assert said(**changes)[setting][0] == weight


def test_secrets_are_never_shown():
    told = advise(Settings(redis_url="redis://:hush@host", secret="hush" * 10, database_url="postgresql://me:hush@h/n"))

    assert "hush" not in repr(told)

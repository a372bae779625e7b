"""What a server refuses to start with, and how it says so."""

from pathlib import Path

import pytest

from app.errors import SettingsError
from app.runtime.settings.site import Settings, load_settings

LONG = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    """No `.env`, no variable but the test's own."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"GREENROOM_{name.upper()}", raising=False)


def test_development_needs_nothing():
    settings = load_settings()

    assert settings.environment == "development"
    assert settings.origins == ()


def test_production_refuses_the_secret_that_everybody_knows(monkeypatch):
    monkeypatch.setenv("GREENROOM_ENVIRONMENT", "production")

    with pytest.raises(SettingsError, match=r"GREENROOM_SECRET .*openssl rand -hex 32"):
        load_settings()


def test_production_refuses_any_page(monkeypatch):
    monkeypatch.setenv("GREENROOM_ENVIRONMENT", "production")
    monkeypatch.setenv("GREENROOM_SECRET", LONG)
    monkeypatch.setenv("GREENROOM_ALLOWED_ORIGINS", "https://a.example, *")

    with pytest.raises(SettingsError, match="GREENROOM_ALLOWED_ORIGINS"):
        load_settings()


def test_production_with_a_secret_and_origins_starts(monkeypatch):
    monkeypatch.setenv("GREENROOM_ENVIRONMENT", "production")
    monkeypatch.setenv("GREENROOM_SECRET", LONG)
    monkeypatch.setenv("GREENROOM_ALLOWED_ORIGINS", "https://a.example/, https://b.example")

    assert load_settings().origins == ("https://a.example", "https://b.example")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GREENROOM_LOG_LEVEL", "loud"),
        ("GREENROOM_RENDER_PROCESSES", "many"),
        ("GREENROOM_BUDGET_DAY_USD", "-1"),
        ("GREENROOM_FILM_DEADLINE_S", "0"),
    ],
)
def test_a_malformed_value_is_named_with_what_came(monkeypatch, name, value):
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError, match=rf"{name}: .*{value}"):
        load_settings()


def test_the_command_line_wins_over_the_environment_and_that_over_the_file(monkeypatch, tmp_path):
    (tmp_path / ".env").write_text("GREENROOM_CATALOG=from-file\nGREENROOM_CACHE=from-file\nUNRELATED=1\n")
    monkeypatch.setenv("GREENROOM_CACHE", "from-environment")

    assert str(load_settings().catalog) == "from-file"
    assert str(load_settings().cache) == "from-environment"
    assert str(load_settings(cache="from-option", catalog=None).cache) == "from-option"


def test_secrets_do_not_show(monkeypatch):
    monkeypatch.setenv("GREENROOM_SECRET", LONG)

    assert LONG not in repr(load_settings())


def test_clips_come_from_somewhere_that_can_be_fetched(monkeypatch):
    monkeypatch.setenv("GREENROOM_CLIPS_URL", "cdn.example")

    with pytest.raises(SettingsError, match="GREENROOM_CLIPS_URL must be"):
        load_settings()


@pytest.mark.parametrize(
    "address", ["crm.example", "http://crm.example/x", "https://ada:pw@crm.example", "https://", "https://h:port/"]
)
def test_visitors_forms_go_to_a_safe_address(monkeypatch, address):
    monkeypatch.setenv("GREENROOM_VISITOR_WEBHOOK", address)

    with pytest.raises(SettingsError, match="GREENROOM_VISITOR_WEBHOOK must") as refused:
        load_settings()

    assert "pw" not in str(refused.value)


@pytest.mark.parametrize("secret", ["whsec_", "whsec_no base64!", "whsec_ä"])
def test_a_visitors_secret_that_cannot_sign_is_named(monkeypatch, secret):
    monkeypatch.setenv("GREENROOM_VISITOR_SECRET", secret)

    with pytest.raises(SettingsError, match="GREENROOM_VISITOR_SECRET must"):
        load_settings()


@pytest.mark.parametrize("address", ["", "https://crm.example/x?of=1", "http://127.0.0.1:8080/x", "http://[::1]:8/"])
def test_a_webhook_that_can_be_used_is_taken(monkeypatch, address):
    monkeypatch.setenv("GREENROOM_VISITOR_WEBHOOK", address)
    monkeypatch.setenv("GREENROOM_VISITOR_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")

    assert load_settings().visitor_webhook.get_secret_value() == address


def test_work_in_progress_lies_beside_the_store_or_in_a_folder_of_its_own(tmp_path):
    assert load_settings().scratch == tmp_path / "cache" / "scratch"
    assert load_settings(cache="s3://clips/main").scratch == tmp_path / "state" / "scratch"
    assert load_settings(scratch_dir="/srv/films").scratch == Path("/srv/films")


def test_secrets_may_be_files(tmp_path):
    (tmp_path / "greenroom_secret").write_text(LONG + "\n")

    read = Settings(_secrets_dir=tmp_path)  # what `secrets_dir` names in a container

    assert read.secret.get_secret_value() == LONG


@pytest.mark.parametrize("name", ["GREENROOM_SECRET", "GREENROOM_API_KEY"])
@pytest.mark.parametrize("weak", ["abc", "a" * 64, "0123456789abcdef" * 3, "ab" * 20, "x" * 31])
def test_a_key_that_can_be_guessed_is_refused_in_production(monkeypatch, name, weak):
    monkeypatch.setenv("GREENROOM_SECRET", LONG)
    monkeypatch.setenv(name, weak)

    with pytest.raises(SettingsError, match=rf"{name} must .*openssl rand -hex 32"):
        load_settings(environment="production")

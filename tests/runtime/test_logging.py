"""What a log line looks like, and what never gets into one."""

import json
import logging

import pytest
import stamina
import structlog

from app.errors import ProviderUnavailableError
from app.runtime.wiring.logging import REDACTED, redact, set_up_logging

WORDS = "my name is Ada and I am ill"


@pytest.fixture(autouse=True)
def _put_back():
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.getLogger("app").setLevel(logging.NOTSET)
    structlog.reset_defaults()


def lines(capsys) -> list[dict]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_line_of_json_has_the_event_and_its_keys(capsys):
    set_up_logging(format_="json", level="info")

    logging.getLogger("app.web.chat.socket").info("socket.refused", extra={"code": "not_authorised", "beats": 2})
    structlog.get_logger().info("encoder.loaded", seconds=1.5)

    stdlib, ours = lines(capsys)
    assert (stdlib["event"], stdlib["level"], stdlib["code"], stdlib["beats"]) == (
        "socket.refused",
        "info",
        "not_authorised",
        2,
    )
    assert (ours["event"], ours["seconds"]) == ("encoder.loaded", 1.5)
    assert stdlib["timestamp"].endswith("Z")


@pytest.mark.parametrize("key", sorted(REDACTED))
def test_secrets_and_visitors_words_are_left_out(capsys, key):
    set_up_logging(format_="json", level="info")

    logging.getLogger("app.any").warning("a.b", extra={key: WORDS, "more": {key.upper(): WORDS, "kept": 1}})
    structlog.get_logger().warning("a.b", **{key: WORDS})

    written = lines(capsys)
    assert [line[key] for line in written] == ["[redacted]", "[redacted]"]
    assert written[0]["more"] == {key.upper(): "[redacted]", "kept": 1}


@pytest.mark.parametrize("format_", ["json", "console"])
def test_a_trace_shows_places_but_no_values(capsys, format_):
    set_up_logging(format_=format_, level="info")

    _break(WORDS)

    told = capsys.readouterr().err
    assert "ZeroDivisionError" in told
    assert "test_logging.py" in told
    assert WORDS not in told


def _break(question: str) -> None:
    try:
        len(question) / 0
    except ZeroDivisionError:
        logging.getLogger("app.web.chat.socket").exception("socket.broke")
        structlog.get_logger().exception("socket.broke")


def test_a_json_trace_is_one_line(capsys):
    set_up_logging(format_="json", level="info")

    _break(WORDS)

    assert ["Traceback" in line["exception"] for line in lines(capsys)] == [True, True]


def test_libraries_speak_from_warnings_on_and_we_from_the_level_set(capsys):
    set_up_logging(format_="json", level="info")

    for name in ("app.web.chat.socket", "somebodys.library"):
        for level in (logging.DEBUG, logging.INFO, logging.WARNING):
            logging.getLogger(name).log(level, "%s.%s", name, logging.getLevelName(level).lower())

    assert [line["event"] for line in lines(capsys)] == [
        "app.web.chat.socket.info",
        "app.web.chat.socket.warning",
        "somebodys.library.warning",
    ]


def test_values_that_json_does_not_know_are_written_as_text(capsys, tmp_path):
    set_up_logging(format_="json", level="info")

    structlog.get_logger().info("store.opened", folder=tmp_path)

    assert lines(capsys)[0]["folder"] == str(tmp_path)


def test_redaction_leaves_the_callers_values_alone():
    inner = {"text": WORDS}

    redact(None, "info", {"event": "a.b", "inner": inner})

    assert inner == {"text": WORDS}


def test_passwords_in_addresses_never_reach_a_line(capsys):
    set_up_logging(format_="json", level="info")
    address = "postgresql://me:hush@host/name"

    structlog.get_logger().warning("database.gone", tried=[{"at": address}], error=f"refused by {address}")
    lost = OSError(f"no answer from {address}")
    logging.getLogger("sqlalchemy").error("cannot reach %s", address, exc_info=lost)

    told = capsys.readouterr().err
    assert "hush" not in told
    assert told.count("://[redacted]@host/name") >= 3


def test_what_is_secret_inside_a_list_is_left_out(capsys):
    set_up_logging(format_="json", level="info")

    structlog.get_logger().info("session.opened", frames=[{"token": "hush", "seq": 1}])

    assert lines(capsys)[0]["frames"] == [{"token": "[redacted]", "seq": 1}]


def test_a_repeated_request_is_told_in_words_of_ours(capsys):
    set_up_logging(format_="json", level="info")

    for attempt in stamina.retry_context(on=ProviderUnavailableError, wait_initial=0, wait_jitter=0):
        with attempt:
            if attempt.num < 3:
                raise ProviderUnavailableError("api.example answered 503 (busy); try again.")

    told = lines(capsys)
    assert [line["event"] for line in told] == ["retry", "retry"]
    assert [line["attempt"] for line in told] == [2, 3]
    assert told[0].keys() == {"event", "level", "timestamp", "what", "attempt", "wait_s"}
    assert told[0]["what"] == "api.example answered 503 (busy); try again."

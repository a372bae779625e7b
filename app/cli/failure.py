"""Failure of a command: any error becomes an error with a code, told in one sentence."""

import traceback
from typing import NoReturn

from app.cli.output import err, fail
from app.errors import GreenroomError, SettingsError
from app.runtime.settings.site import load_settings


def report(error: Exception, *, as_json: bool) -> NoReturn:
    """Report an error in one sentence, and leave with the status of its cause."""
    fail(_known(error), as_json=as_json)


def _known(error: BaseException) -> GreenroomError:
    """Turn an error into one with a code; a group of errors is reported by its first."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, GreenroomError):
        return error
    if isinstance(error, OSError) and error.strerror:
        return GreenroomError(f"Cannot {_deed(error)}: {error.strerror}. Correct that, and run the command again.")
    _trace(error)
    return GreenroomError(
        f"Cannot finish: {type(error).__name__}: {str(error)[:300]}. This is a defect of Greenroom. Run the command "
        "again with GREENROOM_LOG_LEVEL=debug for the traceback, and report it."
    )


def _deed(error: OSError) -> str:
    return f"use `{error.filename}`" if error.filename else "go on"


def _trace(error: BaseException) -> None:
    try:
        debug = load_settings().log_level == "debug"
    except SettingsError:
        debug = False
    if debug:
        err.print("".join(traceback.format_exception(error)), markup=False)

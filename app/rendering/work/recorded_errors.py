"""Recorded errors: raised again in another process, by their stable code."""

from app.errors import GreenroomError


def error_class(code: str) -> type[GreenroomError]:
    """Return the class with this code, to raise again what another process recorded.

    It is the root when there is none.
    """
    return _by_code(GreenroomError).get(code, GreenroomError)


def _by_code(cls: type[GreenroomError]) -> dict[str, type[GreenroomError]]:
    below = {code: found for sub in cls.__subclasses__() for code, found in _by_code(sub).items()}
    return below | {cls.code: cls}

"""Pseudonym of a session: the name under which its money and its films are counted."""

from app.digest import digest_bytes

SESSION_SCOPE = "session:"


def session_scope(session: str) -> str:
    """Return the scope of a session's counts: nobody gets from it to the session, whose id is random.

    Who has the id finds the scope; an erased session's id is stored nowhere.
    """
    return f"{SESSION_SCOPE}{digest_bytes(session.encode())[:32]}"

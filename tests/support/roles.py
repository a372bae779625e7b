"""Routes times roles, for `parametrize`: a route with the role that it needs and the one below stays for every day."""

from collections.abc import Mapping
from typing import Any

import pytest

from app.runtime.settings.api_keys import KeyRole


def every_route_and_role(needed: Mapping[tuple[str, str], KeyRole]) -> list[Any]:
    """Rows of method, path and role; those further from the edge are long."""
    roles = list(KeyRole)
    return [
        pytest.param(
            *(method, path, role),
            id=f"{method} {path}-{role}",
            marks=() if roles.index(role) - roles.index(least) in {-1, 0} else pytest.mark.long,
        )
        for (method, path), least in needed.items()
        for role in roles
    ]

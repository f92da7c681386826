"""What every page's frame shows beside the page itself."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from fairlead.desk.people.models import User
from fairlead.desk.people.roles import roles_of
from fairlead.desk.workplace import workspace
from fairlead.problem import Refused


def frame(request: HttpRequest) -> dict[str, Any]:
    """The user and their roles for the signed-in; nothing for the signed-out. Roles are looked up when shown."""
    user = getattr(request, "user", None)
    if not isinstance(user, User) or not user.is_authenticated:
        return {"user": None}
    return {"user": user, "roles": SimpleLazyObject(lambda: _roles(user))}


def _roles(user: User) -> tuple[str, ...]:
    """No roles where the workspace cannot be read: the page itself says what is wrong with it."""
    try:
        return roles_of(user, workspace().model)
    except Refused:
        return ()

"""Closed by default: every page is for people who are signed in and may see the workspace, unless it says otherwise.

@login_not_required     open to all (Django's own): the sign-in
@without_access         open to anybody signed in: the sign-out

Under /api/ programs ask, with tokens, and are answered in JSON; the rule is the same, and nothing there escapes it.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from fairlead.desk.api import door
from fairlead.desk.api.refusals import is_for_programs
from fairlead.desk.people.models import User

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def without_access(view: View) -> View:
    """Open a view to everybody who is signed in, also without access to the workspace."""
    view.access_required = False  # type: ignore[attr-defined]
    return view


class AccessMiddleware(LoginRequiredMiddleware):
    """First sign-in, then access; a page that forgets to ask is closed, not open."""

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase], view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        if is_for_programs(request):
            return door.refusal_of(request)
        answer = super().process_view(request, view_func, view_args, view_kwargs)
        if answer is not None or not getattr(view_func, "login_required", True):
            return answer
        if getattr(view_func, "access_required", True) and not may_see(request):
            raise PermissionDenied
        return None


def may_see(request: HttpRequest) -> bool:
    """Whether the pages of the workspace are open to whoever asks."""
    return isinstance(request.user, User) and request.user.may_see

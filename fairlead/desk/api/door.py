"""Who may come in: a program with a token, or a page with the session of whoever is signed in. Nobody else.

`AccessMiddleware` asks `refusal_of` before anything under /api/ is looked at, so an address that does not exist and
a method nobody answers tell the signed-out as little as any other. The two classes below say the same to the
OpenAPI description, and stand as a second lock before every operation.
"""

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja.security import HttpBearer
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from fairlead.desk.api.refusals import form_expired, no_access, not_signed_in
from fairlead.desk.people.models import User
from fairlead.desk.people.tokens import user_of

READING = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


def refusal_of(request: HttpRequest) -> HttpResponse | None:
    """Why whoever asks may not come in; None when they may. From here on `request.user` is who they are.

    A token that is sent counts, and only it: a wrong one is not made up for by a session.
    """
    token = bearer(request)
    if token is not None:
        request.user = user_of(token, now=timezone.now()) or AnonymousUser()
    if not isinstance(request.user, User) or not request.user.is_authenticated:
        return not_signed_in()
    if not request.user.may_see:
        return no_access()
    if token is None and request.method not in READING and check_csrf(request):
        return form_expired()
    return None


def bearer(request: HttpRequest) -> str | None:
    """The token of the request; other ways to authenticate, such as a proxy's password, are not ours to judge."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


class Token(HttpBearer):
    """A token in the header Authorization."""

    openapi_description = "A token of yours: `Authorization: Bearer fl_...`"

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        return inside(request)


class Session(AuthBase):
    """The session of a browser; whatever changes something needs the form token as well (X-CSRFToken)."""

    openapi_type = "apiKey"
    openapi_in = "cookie"
    openapi_name = "fairlead_session"
    openapi_description = "The desk's own session cookie. Requests other than GET also need the header X-CSRFToken."

    def __call__(self, request: HttpRequest) -> User | None:
        return inside(request)


def inside(request: HttpRequest) -> User | None:
    """Whoever the door has let in."""
    return request.user if isinstance(request.user, User) and request.user.may_see else None

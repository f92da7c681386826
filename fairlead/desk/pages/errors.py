"""Pages for when there is no page, each saying what to do next."""

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url

from fairlead.desk.api.refusals import is_for_programs, unreadable
from fairlead.desk.people.users import owners


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Most often: the desk was reached under a name it does not know."""
    if is_for_programs(request) and not isinstance(exception, DisallowedHost):
        return unreadable(["The request is too large or cannot be read."], 400)
    if isinstance(exception, DisallowedHost):
        return render(request, "errors/unknown_host.html", status=400)
    return render(request, "errors/bad_request.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Signed in, and not let in: says whom to ask."""
    return render(request, "errors/forbidden.html", {"owners": owners()}, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """To the signed-out every address looks the same: it asks them to sign in."""
    static = request.path.startswith(settings.STATIC_URL)
    if not static and not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path(), resolve_url(settings.LOGIN_URL))
    return render(request, "errors/not_found.html", status=404)


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token: an old page, cookies off, or another site."""
    return render(request, "errors/form_expired.html", status=403)


def broken(request: HttpRequest) -> HttpResponse:
    """A fault of ours. Touches no database and no workspace: either may be what broke."""
    return render(request, "errors/broken.html", status=500)

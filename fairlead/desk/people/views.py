"""Sign in, by password or by link, and sign out."""

from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods

from fairlead.desk.people.access import without_access
from fairlead.desk.people.links import redeem, waiting
from fairlead.desk.people.patience import PatientForm


class SignIn(LoginView):
    """Name and password; `next` is followed only within the desk."""

    template_name = "sign_in.html"
    redirect_authenticated_user = True
    authentication_form = PatientForm


@login_not_required
@require_http_methods(["GET", "POST"])
def sign_in_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows a button (which the page's script presses), POST signs in.

    So a chat or mail program that fetches the link to preview it does not use it up.
    """
    now = timezone.now()
    if request.method == "POST" and (user := redeem(token, now=now)):
        login(request, user, backend="django.contrib.auth.backends.ModelBackend")
        return redirect("scoreboard")
    user = waiting(token, now=now)
    if user is None and request.user.is_authenticated:  # the same link opened again
        return redirect("scoreboard")
    return render(request, "sign_in_link.html", {"person": user}, status=200 if user else 410)


@method_decorator(without_access, name="dispatch")
class SignOut(LogoutView):
    """By POST only: a link on another site signs nobody out."""

"""My account: who I am here, my tokens, my password, and being signed out everywhere."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from fairlead.desk.laws import WRONG_PASSWORD
from fairlead.desk.people.models import User
from fairlead.desk.people.patience import failed, must_wait
from fairlead.desk.people.tokens import GOOD_FOR, LABEL_LENGTH, LONGEST, good, make, revoke
from fairlead.desk.people.users import set_password, sign_out_everywhere
from fairlead.desk.workplace import workspace
from fairlead.picture.wording import Manner, day_words, moment_words
from fairlead.problem import Problem, Refused

DAYS = (30, 90, GOOD_FOR)


class TokenLine(NamedTuple):
    """A token as its owner sees it, in words."""

    label: str
    made: str
    expires: str
    used: str


class Outcome(NamedTuple):
    """What came of what was just done. `about` names the form the problems belong to; `token` is shown this once."""

    about: str = ""
    problems: tuple[Problem, ...] = ()
    token: str = ""
    label: str = ""
    done: str = ""


DONE = {
    "revoked": "The token is revoked: whatever uses it is refused from now on.",
    "password": "Your password is changed, and you are signed out everywhere else.",
    "signed-out": "You are signed out everywhere else.",
}


@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """Who I am and what I may; my tokens and my password."""
    return _page(request, Outcome(done=DONE.get(request.GET.get("done", ""), "")))


@require_POST
def make_token(request: HttpRequest) -> HttpResponse:
    """A new token, shown on the page that answers and never again."""
    label = request.POST.get("label", "")
    days = request.POST.get("days", "")
    try:
        token = make(_me(request), label, now=timezone.now(), days=int(days) if days.isdecimal() else 0)
    except Refused as refused:
        return _page(request, Outcome("token", refused.problems, label=label), status=400)
    return _page(request, Outcome(token=token, label=label.strip()))


@require_POST
def revoke_token(request: HttpRequest) -> HttpResponse:
    """End one of my tokens."""
    try:
        revoke(_me(request), request.POST.get("label", ""), now=timezone.now())
    except Refused as refused:
        return _page(request, Outcome("tokens", refused.problems), status=400)
    return _done("revoked")


@require_POST
def change_password(request: HttpRequest) -> HttpResponse:
    """Another password for me, or a first one; whoever has one must know it."""
    me = _me(request)
    try:
        _prove(me, request.POST.get("current", ""))
        set_password(me, request.POST.get("password", ""))
    except Refused as refused:
        return _page(request, Outcome("password", refused.problems), status=400)
    update_session_auth_hash(request, me)
    return _done("password")


@require_POST
def sign_out_elsewhere(request: HttpRequest) -> HttpResponse:
    """End every session of mine but this one. Tokens stay: they are ended one by one."""
    me = _me(request)
    sign_out_everywhere(me)
    update_session_auth_hash(request, me)
    return _done("signed-out")


def _prove(me: User, password: str) -> None:
    """Refused unless the password is mine; wrong ones count as at the sign-in."""
    if not me.has_usable_password():
        return
    now = timezone.now()
    if must_wait(me.username, now=now):
        raise Refused([WRONG_PASSWORD.broken("Too many wrong passwords.", hint="Wait a minute and try again.")])
    if not me.check_password(password):
        failed(me.username, now=now)
        raise Refused([WRONG_PASSWORD.broken("This is not your password.")])


def _page(request: HttpRequest, told: Outcome, status: int = 200) -> HttpResponse:
    me, now = _me(request), timezone.now()
    shown = {
        "told": told,
        "tokens": _lines(me, now),
        "days": DAYS,
        "longest_label": LABEL_LENGTH,
        "longest": LONGEST,
        "has_password": me.has_usable_password(),
    }
    return render(request, "account.html", shown, status=status)


def _lines(me: User, now: datetime) -> Sequence[TokenLine]:
    manner = _manner()
    return [
        TokenLine(
            token.label,
            day_words(token.made_at.astimezone(manner.zone), manner),
            day_words(token.expires_at.astimezone(manner.zone), manner),
            moment_words(token.last_used_at, manner) if token.last_used_at else "",
        )
        for token in good(now).filter(user=me)
    ]


def _manner() -> Manner:
    """The company's way of writing, or a plain one where its settings cannot be read."""
    try:
        return workspace().manner
    except Refused:
        return Manner()


def _me(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise TypeError("the account of nobody")  # the page is closed to the signed-out
    return request.user


def _done(what: str) -> HttpResponse:
    return redirect(f"{reverse('account')}?done={what}")


urls = [
    path("account/", account, name="account"),
    path("account/token/", make_token, name="make-token"),
    path("account/revoke/", revoke_token, name="revoke-token"),
    path("account/password/", change_password, name="change-password"),
    path("account/sign-out/", sign_out_elsewhere, name="sign-out-elsewhere"),
]

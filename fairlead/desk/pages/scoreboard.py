"""The first page: the few numbers everybody sees, each against its target; of today or of an earlier day."""

from collections.abc import Mapping
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_safe

from fairlead.actions.laws import BAD_QUESTION
from fairlead.actions.pasts import Past, State, day_asked, make
from fairlead.actions.pasts import past as look
from fairlead.actions.scoreboard import scoreboard as ask
from fairlead.desk.board import TIERS, tabs, worded_board
from fairlead.desk.workplace import workspace
from fairlead.picture.wording import day_words
from fairlead.problem import Refused


@require_safe
def scoreboard(request: HttpRequest) -> HttpResponse:
    """The scoreboard of the published build, or as of an earlier day when there is a build of that day."""
    asked, tier = request.GET.get("as_of", ""), _tier(request)
    shown = {"asked": asked, "tier": tier, "view": TIERS.get(tier or 0, ""), "tabs": tabs(tier, asked)}
    try:
        day = day_asked(workspace(), asked) if asked else None
        if day and (found := look(workspace(), day)).state is not State.READY:
            return _not_made(request, found, shown)
        board = ask(workspace(), tier=tier, as_of=day)
    except Refused as refused:
        return _refused(request, refused)
    labels = {metric.name: metric.title for metric in workspace().model.metrics.metrics.values()}
    return render(request, "scoreboard.html", {**shown, "board": worded_board(board, tier, labels)})


@require_http_methods(["GET", "HEAD", "POST"])
def past(request: HttpRequest) -> HttpResponse:
    """POST begins to make the build of a day; either way the scoreboard of that day says how far it is."""
    asked = request.POST.get("day", "")
    if request.method == "POST":
        try:
            make(workspace(), day_asked(workspace(), asked))
        except Refused as refused:
            return _refused(request, refused)
    return redirect(f"{reverse('scoreboard')}{'?' + urlencode({'as_of': asked}) if asked else ''}")


def _not_made(request: HttpRequest, found: Past, shown: Mapping[str, object]) -> HttpResponse:
    """There is no build of that day: the page says so, and offers to make it or tells how far it is."""
    says = day_words(found.day, workspace().manner)
    return render(request, "past.html", {**shown, "past": found, "day": says})


def _refused(request: HttpRequest, refused: Refused) -> HttpResponse:
    """What the verb said: 400 where the question is at fault, 503 where the workspace is."""
    asked_wrong = {problem.code for problem in refused.problems} == {BAD_QUESTION.code}
    title = "That day cannot be shown" if asked_wrong else "The scoreboard cannot be shown yet"
    shown = {"problems": refused.problems, "title": title, "asked_wrong": asked_wrong}
    return render(request, "refused.html", shown, status=400 if asked_wrong else 503)


def _tier(request: HttpRequest) -> int | None:
    """The tier asked for; anything else is the board itself."""
    asked = request.GET.get("tier", "")
    return int(asked) if asked in {str(tier) for tier in TIERS} else None


urls = [
    path("", scoreboard, name="scoreboard"),
    path("as-of/", past, name="past"),
]

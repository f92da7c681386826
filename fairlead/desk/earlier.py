"""Pages as of an earlier day: shown where there is a build of that day, else the offer to make it and how far it is."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from fairlead.actions.pasts import Past, State, day_asked, past
from fairlead.desk.behind import asking
from fairlead.desk.unanswered import is_known
from fairlead.desk.workplace import workspace
from fairlead.picture.wording import day_words
from fairlead.problem import Refused

View = Callable[[HttpRequest, str], HttpResponse]


def earlier(view: View) -> View:
    """The page of a number, which may be asked for as of an earlier day."""

    @wraps(view)
    def answer(request: HttpRequest, name: str) -> HttpResponse:
        found = _missing(request, name)
        return view(request, name) if found is None else not_made(request, found, {"title": _title(name)})

    return answer


def _missing(request: HttpRequest, name: str) -> Past | None:
    """The build that the page would need, where it is not there; None also for what the page itself refuses."""
    asked, place = request.GET.get("as_of", "").strip(), workspace()
    if not asked or not is_known(place, name):
        return None
    try:
        found = past(place, day_asked(place, asked))
    except Refused:
        return None
    return found if found.state is not State.READY else None


def unready(request: HttpRequest, name: str, day: date) -> HttpResponse:
    """The same for a build that only the answer knew it needed."""
    return not_made(request, past(workspace(), day), {"title": _title(name)})


def offered(request: HttpRequest, as_of: str, title: str) -> HttpResponse | None:
    """The offer to make the day a page is asked for, where it has no build; None where the page can be shown."""
    if not as_of or (found := past(workspace(), day_asked(workspace(), as_of))).state is State.READY:
        return None
    return not_made(request, found, {"title": title})


def not_made(request: HttpRequest, found: Past, shown: Mapping[str, object]) -> HttpResponse:
    """There is no build of that day: the page says so, and offers to make it or tells how far it is."""
    says = day_words(found.day, workspace().manner)
    given = {"title": "Scoreboard", **shown, "past": found, "day": says, "back": request.get_full_path()}
    return render(request, "past.html", given)


def onward(request: HttpRequest) -> HttpResponse:
    """Back to the page that offered to make a day; to the scoreboard of that day where none is named, or not ours."""
    back, day = request.POST.get("back", ""), request.POST.get("day", "")
    if back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        return redirect(back)
    return redirect(reverse("scoreboard") + asking({"as_of": day}))


def _title(name: str) -> str:
    """What a number is called."""
    metric = workspace().model.metric(name)
    return metric.title if metric else name.replace("_", " ").capitalize()

"""Renewals: what is due month by month, what is at risk, the checkpoints and the forecast; and files of it."""

from datetime import UTC, datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from fairlead.actions.renewing import Renewals, items_table, months_table, renewals
from fairlead.actions.revenue import LINES
from fairlead.desk.behind import asking
from fairlead.desk.downloads import download
from fairlead.desk.earlier import offered
from fairlead.desk.reading import Typed, moment_of, one_of, typed
from fairlead.desk.refusals import refusing
from fairlead.desk.renewing import FEW, Shown, coming, sheets
from fairlead.desk.stamp import of_build
from fairlead.desk.uncounted import apart
from fairlead.desk.workplace import workspace
from fairlead.picture.wording import worded
from fairlead.workspace import Workspace

FILES = {"renewals": "renewals", "calendar": "the calendar"}


@require_safe
@refusing("Renewals cannot be shown")
def renewals_page(request: HttpRequest) -> HttpResponse:
    """The calendar, the coming renewals with their signs and checkpoints, and the rates of the forecast."""
    place, form = workspace(), typed(request)
    risk, owner = _asked(request)
    given: dict[str, object] = {"asked": form, "risk": risk, "owner": owner}
    if place.lake.current() is None:
        return render(request, "renewals.html", given)
    if offer := offered(request, form.as_of, "Renewals"):
        return offer
    found = _found(place, form, risk, owner)
    times = {"from": form.start, "to": form.end, "as_of": form.as_of, "known_at": form.known_at}
    asked = {"risk": risk, "owner": owner, **times}
    query, count = asking(asked), len(coming(found))
    everything = "all" in request.GET or count <= FEW
    given |= {
        "uncounted": apart(place, found.build, LINES),
        "sheets": sheets(Shown(found, place.manner, None if everything else FEW)),
        "all": "" if everything else f"{asking({**asked, 'all': 'yes'})}#items",
        "few": FEW,
        "total": worded(count, "count", place.manner).full,
        "files": [
            (says, [(kind, reverse("renewals-file", args=[name, kind]) + query) for kind in ("csv", "xlsx")])
            for name, says in FILES.items()
        ],
        "stamp": of_build(place, found.build, found.as_of),
    }
    return render(request, "renewals.html", given)


@require_safe
@refusing("There is no such file", "renewals")
def renewals_file(request: HttpRequest, name: str, form: str) -> HttpResponse:
    """The renewals, as asked for, or the calendar, as CSV or Excel."""
    if name not in FILES:
        raise Http404
    found = _found(workspace(), typed(request), *_asked(request))
    return download(items_table(found.items) if name == "renewals" else months_table(found), name, form)


def _asked(request: HttpRequest) -> tuple[str, str]:
    """Whether only those at risk, and of which owner; empty for all."""
    return one_of(request, "risk", ["only"]), request.GET.get("owner", "").strip()[:200]


def _found(place: Workspace, form: Typed, risk: str, owner: str) -> Renewals:
    now = datetime.now(UTC)
    return renewals(
        place,
        start=form.start or None,
        end=form.end or None,
        at_risk=bool(risk),
        owner=owner or None,
        as_of=form.as_of or None,
        known_at=moment_of(form.known_at or None, place, now),
        now=now,
    )


urls = [
    path("renewals/", renewals_page, name="renewals"),
    path("renewals/<str:name>.<str:form>", renewals_file, name="renewals-file"),
]

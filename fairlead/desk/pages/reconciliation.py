"""CRM against billing: the bridge between the two totals, what is open and whose it is; and files of both."""

from datetime import UTC, datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from fairlead.actions.reconciling import MADE_OF, NOBODY, Reconciled, bridge_table, items_table, reconcile
from fairlead.desk.behind import asking
from fairlead.desk.downloads import download
from fairlead.desk.earlier import offered
from fairlead.desk.reading import Typed, moment_of, typed
from fairlead.desk.reconciling import FEW, Shown, sheets
from fairlead.desk.refusals import refusing
from fairlead.desk.stamp import of_build
from fairlead.desk.uncounted import apart
from fairlead.desk.workplace import workspace
from fairlead.picture.wording import worded
from fairlead.workspace import Workspace

FILES = {"open-items": "open items", "bridge": "the bridge"}


@require_safe
@refusing("Reconciliation cannot be shown")
def reconciliation_page(request: HttpRequest) -> HttpResponse:
    """The bridge, both totals in their parts, and the open items: all, of one kind, or of one owner."""
    place, form = workspace(), typed(request)
    kind, owner = _asked(request)
    given: dict[str, object] = {"asked": form, "kind": kind, "owner": owner}
    if place.lake.current() is None:
        return render(request, "reconciliation.html", given)
    if offer := offered(request, form.as_of, "Reconciliation"):
        return offer
    found = _found(place, kind, owner, form)
    asked = {"kind": kind, "owner": owner, "as_of": form.as_of, "known_at": form.known_at}
    query, everything = asking(asked), "all" in request.GET or len(found.items) <= FEW
    given |= {
        "sheets": sheets(Shown(found, place.manner, form, None if everything else FEW)),
        "uncounted": apart(place, found.build, MADE_OF),
        "all": "" if everything else f"{asking({**asked, 'all': 'yes'})}#items",
        "few": FEW,
        "total": worded(len(found.items), "count", place.manner).full,
        "kinds": [(one.kind, one.title) for one in found.kinds if one.is_open],
        "owners": [*found.owners, NOBODY],
        "files": [
            (says, [(form, reverse("reconciliation-file", args=[name, form]) + query) for form in ("csv", "xlsx")])
            for name, says in FILES.items()
        ],
        "stamp": of_build(place, found.build, found.as_of),
    }
    return render(request, "reconciliation.html", given)


@require_safe
@refusing("There is no such file", "reconciliation")
def reconciliation_file(request: HttpRequest, name: str, form: str) -> HttpResponse:
    """The open items, as asked for, or the bridge, as CSV or Excel."""
    if name not in FILES:
        raise Http404
    found = _found(workspace(), *_asked(request), typed(request))
    return download(items_table(found.items) if name == "open-items" else bridge_table(found), name, form)


def _asked(request: HttpRequest) -> tuple[str, str]:
    """The kind and the owner that the address names, empty for all."""
    return request.GET.get("kind", "").strip()[:200], request.GET.get("owner", "").strip()[:200]


def _found(place: Workspace, kind: str, owner: str, form: Typed) -> Reconciled:
    now = datetime.now(UTC)
    known = moment_of(form.known_at or None, place, now)
    return reconcile(place, kind=kind or None, owner=owner or None, as_of=form.as_of or None, known_at=known, now=now)


urls = [
    path("reconciliation/", reconciliation_page, name="reconciliation"),
    path("reconciliation/<str:name>.<str:form>", reconciliation_file, name="reconciliation-file"),
]

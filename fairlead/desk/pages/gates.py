"""Gates: how they do and who cannot go on; and one record at its gate, with what it lacks, and its waivers."""

from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_safe

from fairlead.actions.gate_report import GatesReport, gates_report, report_table
from fairlead.actions.gates import gate, gates_of, stages_ahead
from fairlead.actions.lacking import find, lacking_table, who_lacks
from fairlead.actions.waiving import NotWaived, may_waive, waive, withdraw
from fairlead.analysis.gate_columns import LIFECYCLE
from fairlead.desk.behind import asking, in_words
from fairlead.desk.downloads import download
from fairlead.desk.earlier import offered
from fairlead.desk.gating import (
    FEW_LISTED,
    Telling,
    asked_for,
    criterion_line,
    facts_of,
    gate_address,
    lacking_sheet,
    who,
)
from fairlead.desk.people.models import User
from fairlead.desk.reading import Typed, one_of, typed
from fairlead.desk.refusals import refusing
from fairlead.desk.stamp import Stamp, stamp
from fairlead.desk.workplace import workspace
from fairlead.picture.wording import Manner, moment_words, worded
from fairlead.values import Grain
from fairlead.workspace import Workspace

CUTS = ("account.segment", "owner.name", "opportunity.source", "person.source")


class Made(NamedTuple):
    """What a stamp says of the build."""

    as_of: datetime
    build: str | None
    built_at: datetime | None
    seen_at: datetime | None
    manner: Manner


class WaiverForm(NamedTuple):
    """The form of a waiver as it was filled in, of one stage, and what is wrong with each field."""

    stage: str = ""
    what: str = ""
    reason: str = ""
    until: str = ""
    faults: tuple[tuple[str, str], ...] = ()

    @property
    def wrong(self) -> dict[str, str]:
        return dict(self.faults)


@require_safe
@refusing("Gates cannot be shown")
def gates_page(request: HttpRequest) -> HttpResponse:
    """How all gates do, who cannot go on, and a way to every record's gate."""
    place, form = workspace(), typed(request)
    per, wanted = one_of(request, "per", list(Grain)), request.GET.get("q", "").strip()[:200]
    flows = _flows(place)
    flow = one_of(request, "flow", flows) or next(iter(flows), "")
    given: dict[str, object] = {"asked": form, "per": per, "q": wanted, "cuts": CUTS, "grains": list(Grain)}
    given |= {"flows": flows.items(), "flow": flow}
    if place.lake.current() is None:
        return render(request, "gates.html", given)
    if missing := offered(request, form.as_of, "Gates"):
        return missing
    found = _report(place, form, per, flow)
    lacks = who_lacks(place, flow=flow or None, as_of=form.as_of or None)
    asked, everybody = _spoken(form, per) | {"flow": flow}, "all" in request.GET
    query = asking(asked)
    given |= {
        "page": found,
        "hindsight": [one for one in found.gates if one.hindsight],
        "sheets": Telling(found, place.manner).sheets(),
        "lacking": lacking_sheet(lacks, place.manner, None if everybody else FEW_LISTED),
        "total": worded(len(lacks.records), "count", place.manner).full,
        "all": "" if everybody or len(lacks.records) <= FEW_LISTED else f"{asking({**asked, 'all': 'yes'})}#lacking",
        "few": FEW_LISTED,
        "found": [(one, *who(one)) for one in find(place, wanted)] if wanted else (),
        "files": [(kind, f"{reverse('gates-report', args=[kind])}{query}") for kind in ("csv", "xlsx")],
        "lists": [
            (kind, reverse("gates-lacking", args=[kind]) + asking({"flow": flow, "as_of": form.as_of}))
            for kind in ("csv", "xlsx")
        ],
        "stamp": _stamp(place, found.as_of, found.build, found.built_at, found.seen_at),
    }
    return render(request, "gates.html", given)


def _flows(place: Workspace) -> dict[str, str]:
    """The flows with gates and what they are called, pipelines first: there the most is asked for."""
    return dict(_titles(place, {one.flow for one in gates_of(place.model, None)}))


def _titles(place: Workspace, known: Collection[str]) -> Iterator[tuple[str, str]]:
    """The flows that are known, and what they are called."""
    yield from (
        (name, line.label or in_words(name)) for name, line in place.model.lifecycle.pipelines.items() if name in known
    )
    if LIFECYCLE in known:
        yield LIFECYCLE, "Lifecycle"


def _report(place: Workspace, form: Typed, per: str, flow: str) -> GatesReport:
    return gates_report(
        place,
        flow=flow or None,
        by=form.by[0] if form.by else None,
        per=per or None,
        start=form.start or None,
        end=form.end or None,
        as_of=form.as_of or None,
    )


def _spoken(form: Typed, per: str) -> dict[str, str]:
    by = form.by[0] if form.by else ""
    return {"start": form.start, "end": form.end, "as_of": form.as_of, "by": by, "per": per}


def _stamp(place: Workspace, day: date, build: str, built_at: datetime | None, seen_at: datetime | None) -> Stamp:
    return stamp(Made(place.end_of(day) - timedelta(seconds=1), build, built_at, seen_at, place.manner))


@require_safe
@refusing("There is no such file", "gates")
def report_file(request: HttpRequest, form: str) -> HttpResponse:
    """The report, cut as the page was, as CSV or Excel."""
    place = workspace()
    flow = one_of(request, "flow", _flows(place))
    found = _report(place, typed(request), one_of(request, "per", list(Grain)), flow)
    return download(report_table(found), "gates", form)


@require_safe
@refusing("There is no such file", "gates")
def lacking_file(request: HttpRequest, form: str) -> HttpResponse:
    """Everybody who cannot go on, as CSV or Excel."""
    place = workspace()
    flow, as_of = one_of(request, "flow", _flows(place)), request.GET.get("as_of", "").strip()
    found = who_lacks(place, flow=flow or None, as_of=as_of or None)
    return download(lacking_table(found), "lacking", form)


@require_http_methods(["GET", "HEAD", "POST"])
@refusing("There is no such record", "gates")
def gate_page(request: HttpRequest, subject: str, record: str) -> HttpResponse:
    """One record at its gate; sent to, it gives or takes back a waiver."""
    place = workspace()
    if request.method == "POST":
        return _decided(request, place, subject, record)
    return _shown(request, place, subject, record, WaiverForm())


def _shown(request: HttpRequest, place: Workspace, subject: str, record: str, form: WaiverForm) -> HttpResponse:
    to, as_of, flow = (request.GET.get(name, "").strip() for name in ("to", "as_of", "flow"))
    if place.lake.current() is None:
        return render(request, "gate.html", {"title": record})
    if missing := offered(request, as_of, "Gates"):
        return missing
    found = gate(place, subject, record, to=to or None, flow=flow or None, as_of=as_of or None)
    name, email = _person(request)
    asks = [
        (asked_for(one, found, place.manner), not as_of and may_waive(place, found.subject, one.called, name, email))
        for one in found.asks
    ]
    at_form = form.stage in {one.stage for one, _ in asks if one.missing and not one.may_pass}
    flows = [
        (flow, label, gate_address(subject, record, flow=flow, as_of=as_of))
        for flow, label in _titles(place, found.flows)
    ]
    given = {
        "title": found.name,
        "page": found,
        "faults": () if at_form else form.faults,
        "asked_day": as_of,
        "to": to,
        "flows": flows if len(flows) > 1 else (),
        "since": moment_words(found.entered_at, place.manner),
        "asks": asks,
        "entry": [criterion_line(one, place.manner) for one in found.entry],
        "entry_rows": facts_of(found),
        "ahead": stages_ahead(place.model, found),
        "form": form,
        "recorded": "recorded" in request.GET,
        "stamp": _stamp(place, found.as_of, found.build, found.built_at, found.seen_at),
    }
    status = 403 if "by" in form.wrong else 400 if form.faults else 200
    return render(request, "gate.html", given, status=status)


def _decided(request: HttpRequest, place: Workspace, subject: str, record: str) -> HttpResponse:
    """Give the waiver that was sent, or take one back, and go back to the page; or say what is wrong, and where."""

    def sent(name: str) -> str:
        return request.POST.get(name, "").replace("\x00", "").strip()

    by, email = _person(request)
    form = WaiverForm(sent("stage"), sent("what"), sent("reason"), sent("until"))
    try:
        if waiver := sent("withdraw"):
            withdraw(place, waiver, by=by, email=email, of=(subject, record))
        else:
            waive(
                place, subject, record, stage=form.stage, what=form.what or None, reason=form.reason,
                until=form.until, by=by, email=email,
            )  # fmt: skip
    except NotWaived as refused:
        told = [
            (field, f"{p.message} {p.hint or ''}".strip())
            for field, p in zip(refused.fields, refused.problems, strict=True)
        ]
        return _shown(request, place, subject, record, form._replace(faults=tuple(told)))
    asked = {name: request.GET.get(name, "") for name in ("to", "flow")}
    return redirect(gate_address(subject, record, **asked, recorded="yes"))


def _person(request: HttpRequest) -> tuple[str, str]:
    """Name and email of whoever is signed in."""
    user = request.user
    return (user.get_full_name(), user.email) if isinstance(user, User) else ("", "")


urls = [
    path("gates/", gates_page, name="gates"),
    path("gates/report.<str:form>", report_file, name="gates-report"),
    path("gates/lacking.<str:form>", lacking_file, name="gates-lacking"),
    path("gates/<str:subject>/<path:record>/", gate_page, name="gate"),
]

"""The dictionary: every word of the company, found as one types, and one page a word with all there is to know."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_safe

from fairlead.actions.dictionary import Sought, Term, TermPage, sought, tallied, term, terms
from fairlead.actions.disputing import dispute
from fairlead.desk import disputing
from fairlead.desk.disputing import DisputeForm
from fairlead.desk.people.models import User
from fairlead.desk.reading import one_of
from fairlead.desk.refusals import refusing
from fairlead.desk.stamp import published
from fairlead.desk.terming import told
from fairlead.desk.workplace import workspace
from fairlead.model.metrics import GROUPS, TIERS
from fairlead.model.whole import Model
from fairlead.problem import Refused
from fairlead.values import spoken
from fairlead.workspace import Workspace

KINDS = {
    "metric": "Metric",
    "measure": "Measure",
    "stage": "Stage",
    "deal_stage": "Deal stage",
    "definition": "Definition",
    "value": "Value of a list",
}
MANY = {
    "metric": "metrics",
    "measure": "measures",
    "stage": "stages",
    "deal_stage": "deal stages",
    "definition": "definitions",
    "value": "values of lists",
}
STATES = {"broken": "examples that fail", "none": "no examples", "waiting": "waiting for data"}
NEAREST = 6


class Choice(NamedTuple):
    """A value that a field of the form offers, and how many words have it."""

    value: str
    label: str
    words: int


class Line(NamedTuple):
    """A word in the list. `status` is of its examples."""

    term: Term
    kind: str
    unit: str
    url: str
    status: str


class Answering(NamedTuple):
    """A role, who holds it, and the words it answers for."""

    role: str
    title: str
    holders: tuple[str, ...]
    says: str
    lines: tuple[Line, ...]


@require_safe
@refusing("There are no such words", "dictionary")
def listed(request: HttpRequest) -> HttpResponse:
    """Every word, or those looked for; or who owns what."""
    place = workspace()
    every = terms(place)
    asked = _asked(request, every, place.model)
    found = sought(place, asked)
    owners = one_of(request, "view", ["owners"]) == "owners"
    counts = tallied(every)
    shown = {
        "asked": asked,
        "lines": () if owners else tuple(map(_line, found)),
        "owners": _owners(place.model, found) if owners else (),
        "view": "owners" if owners else "",
        "total": len(every),
        "found": len(found),
        "counts": [(counts["kind"][kind], kind, words) for kind, words in MANY.items() if counts["kind"][kind]],
        "choices": _choices(place.model, counts),
        "broken": [t for t in every if t.status_of_examples == "broken"],
        "waiting": sum(1 for t in every if t.kind == "metric" and t.needs),
        "narrowed": any(asked._replace(q="")),
    }
    return render(request, "dictionary.html", shown)


def _asked(request: HttpRequest, every: Sequence[Term], model: Model) -> Sought:
    """What is looked for; raises Refused for a kind, owner, group, tier or state that there is not."""
    return Sought(
        q=request.GET.get("q", "").strip()[:200],
        kind=one_of(request, "kind", ["all", *KINDS]),
        owner=one_of(request, "owner", dict.fromkeys([*model.people.roles, *(t.owner for t in every if t.owner)])),
        group=one_of(request, "group", GROUPS),
        tier=one_of(request, "tier", map(str, TIERS)),
        state=one_of(request, "state", dict.fromkeys([*STATES, *(t.status_of_examples for t in every)])),
    )


def _line(found: Term) -> Line:
    return Line(found, KINDS[found.kind], in_unit(found), address(found), found.status_of_examples)


def in_unit(found: Term) -> str:
    """The unit of a word in words."""
    return spoken(found.unit)


def address(found: Term) -> str:
    """The page of a word."""
    return reverse("term", kwargs={"name": found.ref})


def _choices(model: Model, counts: Mapping[str, Counter[str]]) -> dict[str, list[Choice]]:
    """What each field offers, with counts; values that no word has are left out."""
    labels: dict[str, Mapping[str, str]] = {
        "kind": KINDS,
        "owner": {name: role.title for name, role in model.people.roles.items()},
        "group": GROUPS,
        "tier": {str(n): f"{n}, {name.lower()}" for n, name in TIERS.items()},
        "state": STATES,
    }
    return {
        field: [Choice(value, label, counts[field][value]) for value, label in names.items() if counts[field][value]]
        for field, names in labels.items()
    }


def _owners(model: Model, found: Sequence[Term]) -> tuple[Answering, ...]:
    """Who answers for what: every role with words of its own, and at the end what nobody answers for."""
    by_owner: dict[str, list[Line]] = {}
    for one in found:
        by_owner.setdefault(one.owner, []).append(_line(one))
    known = [
        Answering(name, role.title, role.holders, role.says, tuple(by_owner[name]))
        for name, role in model.people.roles.items()
        if name in by_owner
    ]
    lost = [
        Answering(n, n, (), "No such role is agreed.", tuple(by_owner[n])) for n in by_owner if n and not model.role(n)
    ]
    nobody = by_owner.get("")
    return (*known, *lost, *([Answering("", "Nobody", (), "", tuple(nobody))] if nobody else []))


@require_http_methods(["GET", "HEAD", "POST"])
@refusing("The dictionary cannot be read", "dictionary")
def one(request: HttpRequest, name: str) -> HttpResponse:
    """One word with all there is to know; sent to, it records a dispute about it."""
    place = workspace()
    try:
        page = term(place, name)
    except Refused as refused:
        near = [_line(t) for t in terms(place, search=name.partition(".")[0])[:NEAREST]]
        shown = {"name": name, "near": near, "problems": refused.problems}
        return render(request, "no_term.html", shown, status=404)
    if request.method == "POST":
        return _disputed(request, place, page)
    if page.term.ref != name:
        return redirect(address(page.term))
    return _shown(request, place, page, disputing.blank(place.model, page.metric))


def _disputed(request: HttpRequest, place: Workspace, page: TermPage) -> HttpResponse:
    """Record the dispute that was sent, and go back to the page; or show the form with what is wrong at its place."""
    form = disputing.typed(request, disputing.blank(place.model, page.metric))
    form, meant = disputing.understood(form, place.manner)
    if meant is None:
        return _shown(request, place, page, form)
    try:
        dispute(
            place,
            term=page.term.name,
            says=meant.says,
            by=_name(request),
            given=meant.given,
            gives=meant.gives,
            raised_in=meant.raised_in,
        )
    except Refused as refused:
        said = tuple(" ".join(filter(None, (p.says, p.hint))) for p in refused.problems)
        return _shown(request, place, page, form._replace(problems=said))
    return redirect(f"{address(page.term)}?recorded#disputes")


def _name(request: HttpRequest) -> str:
    user = request.user
    return user.get_full_name() if isinstance(user, User) else ""


def _shown(request: HttpRequest, place: Workspace, page: TermPage, form: DisputeForm) -> HttpResponse:
    faulty = bool(form.faulty or form.problems)
    shown = {
        "page": page,
        "told": told(place, page),
        "kind": KINDS[page.term.kind],
        "unit": in_unit(page.term),
        "group": GROUPS.get(page.term.group, ""),
        "form": form,
        "stamp": published(place, [page.freshness]) if page.explanation else None,
        "open": faulty or "dispute" in request.GET,
        "recorded": "recorded" in request.GET,
        "has_own_model": place.model_folder.name == "model",
    }
    return render(request, "term.html", shown, status=400 if faulty else 200)


urls = [
    path("dictionary/", listed, name="dictionary"),
    path("dictionary/<path:name>/", one, name="term"),
]

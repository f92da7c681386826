"""The dictionary: every word of the company, found as one types, and one page a word with all there is to know."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_safe

from fairlead.actions.dictionary import Term, TermPage, term, terms
from fairlead.actions.disputing import dispute
from fairlead.desk import disputing
from fairlead.desk.disputing import Form
from fairlead.desk.people.models import User
from fairlead.desk.refusals import refusing
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
FINE = ("measure", "value")  # many and small: shown when asked for, or found by a search
NEAREST = 6


class Asked(NamedTuple):
    """What is looked for; empty means any."""

    q: str = ""
    kind: str = ""
    owner: str = ""
    group: str = ""
    tier: str = ""
    state: str = ""


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
@refusing("The dictionary cannot be read", "scoreboard")
def listed(request: HttpRequest) -> HttpResponse:
    """Every word, or those looked for; or who owns what."""
    place, asked = workspace(), Asked(*(request.GET.get(name, "").strip()[:200] for name in Asked._fields))
    every = terms(place)
    found = [t for t in terms(place, search=asked.q) if _fits(t, asked)]
    owners = request.GET.get("view") == "owners"
    counted = Counter(t.kind for t in every)
    shown = {
        "asked": asked,
        "lines": () if owners else tuple(map(_line, found)),
        "owners": _owners(place.model, found) if owners else (),
        "view": "owners" if owners else "",
        "total": len(every),
        "found": len(found),
        "counts": [(counted[kind], kind, words) for kind, words in MANY.items() if counted[kind]],
        "choices": _choices(place.model, every),
        "broken": [t for t in every if t.status_of_examples == "broken"],
        "waiting": sum(1 for t in every if t.kind == "metric" and t.needs),
        "narrowed": any(asked._replace(q="")),
    }
    return render(request, "dictionary.html", shown)


def _fits(found: Term, asked: Asked) -> bool:
    if not asked.kind and not asked.q and found.kind in FINE:
        return False
    return (
        asked.kind in ("", "all", found.kind)
        and asked.owner in ("", found.owner)
        and asked.group in ("", found.group)
        and asked.tier in ("", str(found.tier or ""))
        and asked.state in ("", found.status_of_examples, "waiting" if found.needs else "")
    )


def _line(found: Term) -> Line:
    return Line(found, KINDS[found.kind], in_unit(found), address(found), found.status_of_examples)


def in_unit(found: Term) -> str:
    """The unit of a word in words."""
    return spoken(found.unit)


def address(found: Term) -> str:
    """The page of a word."""
    return reverse("term", kwargs={"name": found.ref})


def _choices(model: Model, every: Sequence[Term]) -> dict[str, list[Choice]]:
    """What each field offers, with counts; values that no word has are left out."""

    def offer(names: Mapping[str, str], counted: Counter[str]) -> list[Choice]:
        return [Choice(value, label, counted[value]) for value, label in names.items() if counted[value]]

    roles = {name: role.title for name, role in model.people.roles.items()}
    states = Counter(t.status_of_examples for t in every) + Counter({"waiting": sum(1 for t in every if t.needs)})
    return {
        "kind": offer(KINDS, Counter(t.kind for t in every)),
        "owner": offer(roles, Counter(t.owner for t in every)),
        "group": offer(GROUPS, Counter(t.group for t in every)),
        "tier": offer(
            {str(n): f"{n}, {name.lower()}" for n, name in TIERS.items()}, Counter(str(t.tier or "") for t in every)
        ),
        "state": offer(STATES, states),
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
        said = tuple(" ".join(filter(None, (p.message, p.hint))) for p in refused.problems)
        return _shown(request, place, page, form._replace(problems=said))
    return redirect(f"{address(page.term)}?recorded#disputes")


def _name(request: HttpRequest) -> str:
    user = request.user
    return user.get_full_name() if isinstance(user, User) else ""


def _shown(request: HttpRequest, place: Workspace, page: TermPage, form: Form) -> HttpResponse:
    faulty = bool(form.faulty or form.problems)
    shown = {
        "page": page,
        "told": told(place, page),
        "kind": KINDS[page.term.kind],
        "unit": in_unit(page.term),
        "group": GROUPS.get(page.term.group, ""),
        "form": form,
        "open": faulty or "dispute" in request.GET,
        "recorded": "recorded" in request.GET,
        "has_own_model": place.model_folder.name == "model",
    }
    return render(request, "term.html", shown, status=400 if faulty else 200)


urls = [
    path("dictionary/", listed, name="dictionary"),
    path("dictionary/<path:name>/", one, name="term"),
]

"""One metric or measure: where it stands, how it went and why, what it means, and what it is made from."""

from collections.abc import Iterable
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from fairlead.actions.asking import Asked
from fairlead.actions.looking import Look, Neighbour, recent, series
from fairlead.actions.records import Counted, tallies
from fairlead.actions.sources import Freshness, freshness
from fairlead.actions.versions import versions
from fairlead.actions.why import why
from fairlead.desk import behind
from fairlead.desk.charting import metric_figure, versions_figure
from fairlead.desk.earlier import earlier
from fairlead.desk.linking import address
from fairlead.desk.pages.series import shown
from fairlead.desk.pages.why import shown as moved_as
from fairlead.desk.reading import Typed, by_field
from fairlead.desk.stamp import stamp
from fairlead.desk.unanswered import answering, begun
from fairlead.desk.wordings import Moved, Said, Standing, moved, said, standing
from fairlead.model.metrics import TIERS
from fairlead.picture.wording import period_words
from fairlead.problem import Refused
from fairlead.values import Grain
from fairlead.workspace import Workspace

GRAINS = {"day": "Day", "week": "Week", "month": "Month", "quarter": "Quarter", "year": "Year"}


class Switch(NamedTuple):
    """A link that changes one part of what is asked."""

    label: str
    url: str
    is_current: bool


class Choice(NamedTuple):
    """Something a select offers."""

    value: str
    label: str
    is_chosen: bool = False


class Beside(NamedTuple):
    """A neighbour in the tree, worded. `why` is empty for one whose two months are not both known."""

    name: str
    label: str
    url: str
    value: Said
    moved: Moved | None
    standing: Standing | None


class Branch(NamedTuple):
    """Neighbours of one sort."""

    title: str
    says: str
    neighbours: tuple[Beside, ...]


class Head(NamedTuple):
    """The number itself, worded."""

    value: Said
    period: str
    moved: Moved | None
    standing: Standing | None
    why: str
    over: str


class Made(NamedTuple):
    """A measure behind the number, and what it made of how many records in the last whole month."""

    counted: Counted
    url: str
    rows: Said
    value: Said


class Links(NamedTuple):
    """Pages about what the number names."""

    owner: str
    term: str
    decision: str
    tree: str


class TrendForm(NamedTuple):
    """What the trend's form offers, beside what was typed."""

    grains: tuple[Switch, ...]
    usual: tuple[Choice, ...]
    others: tuple[Choice, ...]
    lacking: tuple[str, ...]
    periods: tuple[tuple[str, str], ...]
    cleared: str


@require_safe
@answering
@earlier
def metric(request: HttpRequest, name: str) -> HttpResponse:
    """The page of a number; asked for by another of its names, on to the one it goes by."""
    if isinstance(start := begun(request, name, "metric"), HttpResponse):
        return start
    place, form, found, faults = start
    went: dict[str, object] = {}
    agreed = found.explanation.metric
    paid = agreed.pay if agreed else ()
    if found.build and not found.needs:
        try:
            went = _went(place, found, form)
        except Refused as refused:
            faults = by_field(refused.problems, form)
    given = {
        **went,
        "look": found,
        "head": head(found, form),
        "stamp": stamp(found, [found.freshness, *_fresh_beside(place, found)]),
        "branches": branches(found, form),
        "made": made(place, found, form),
        "form": form,
        "offer": offer(place, found, form),
        "links": links(found),
        "pay": [role.title for name in paid if (role := place.model.role(name))],
        "faults": faults,
    }
    return render(request, "metric.html", given, status=400 if faults else 200)


def _went(place: Workspace, found: Look, form: Typed) -> dict[str, object]:
    """How it went as asked: the series, its picture, and why the last period moved. Raises Refused."""
    asked = series(place, form.asked(found.name))
    shown_as = shown(asked, found, form, place.model)
    figure = metric_figure(
        place,
        found.name,
        per=form.per or None,
        by=form.by,
        start=form.start or None,
        end=form.end or None,
        where=form.where or None,
        as_of=form.as_of or None,
        csv_url=shown_as.csv,
    )
    periods = list(dict.fromkeys(asked.answer.table["period"].to_pylist()))[-2:]
    move = None
    if len(periods) > 1:
        before, last = periods
        told = why(place, found.name, start=before, end=last, where=form.where or None, as_of=form.as_of or None)
        move = moved_as(told, found, form, place)
    return {"series": shown_as, "figure": figure, "move": move, **_versions(place, found, form)}


def _versions(place: Workspace, found: Look, form: Typed) -> dict[str, object]:
    """What it was defined as, newest first, and the course under each where there are several."""
    if found.kind != "metric":
        return {}
    told = versions(place, found.name)[::-1]
    drawn = versions_figure(place, found.name, per=form.per or None, as_of=form.as_of or None) if told[1:] else None
    return {"versions": told, "versions_figure": drawn}


def links(found: Look) -> Links:
    """Where what it names is to be read."""
    decision = found.explanation.decision
    return Links(
        owner=address(f"role:{found.owner_role}") if found.owner_role else "",
        term=address(f"metric:{found.name}"),
        decision=address(f"decision:{decision.name}") if decision else "",
        tree=reverse("tree") + behind.asking({"root": found.name}),
    )


def head(found: Look, form: Typed) -> Head:
    """The last whole month, worded."""
    manner, agreed = found.manner, found.explanation.metric
    parts = (
        [agreed.id or "", TIERS.get(agreed.tier or 0, "").lower(), str(agreed.group or "")] if agreed else ["measure"]
    )
    change, why_url = None, ""
    if found.period and found.before:
        why_url = behind.why(found.name, found.before, found.period, as_of=form.as_of)
        change = moved(found.value, found.previous, found.unit, found.better, manner, why_url)
    return Head(
        value=said(found.value, found.unit, manner, behind.rows(found.name, found.period, as_of=form.as_of)),
        period=period_words(found.period, manner) if found.period else "",
        moved=change,
        standing=standing(found.status) if found.status else None,
        why=why_url,
        over=" · ".join(behind.in_words(part) for part in parts if part),
    )


def branches(found: Look, form: Typed) -> tuple[Branch, ...]:
    """The neighbours in the tree by sort; sorts without any are left out."""
    tree = found.tree
    exact, influence = "Exactly: its parts add up to the last digit.", "An influence: drawn, never added up."
    sorts = (
        Branch("Made of", exact, _beside(tree.made_of, found, form)),
        Branch("Part of", exact, _beside(tree.part_of, found, form)),
        Branch("Driven by", influence, _beside(tree.driven_by, found, form)),
        Branch("Drives", influence, _beside(tree.drives, found, form)),
    )
    return tuple(sort for sort in sorts if sort.neighbours)


def _fresh_beside(place: Workspace, found: Look) -> Iterable[Freshness]:
    """How fresh the neighbours are: they may have sources of their own."""
    tree = found.tree
    names = [n.name for n in (*tree.made_of, *tree.part_of, *tree.driven_by, *tree.drives)]
    return freshness(place, names).values() if found.build else ()


def _beside(neighbours: tuple[Neighbour, ...], found: Look, form: Typed) -> tuple[Beside, ...]:
    def one(n: Neighbour) -> Beside:
        why = behind.why(n.name, found.before, found.period, as_of=form.as_of) if found.before and found.period else ""
        return Beside(
            n.name,
            n.label,
            behind.metric(n.name, as_of=form.as_of),
            said(n.value, n.unit, found.manner, behind.rows(n.name, found.period, as_of=form.as_of)),
            moved(n.value, n.previous, n.unit, n.better, found.manner, why),
            standing(n.status) if n.status else None,
        )

    return tuple(one(n) for n in neighbours)


def made(place: Workspace, found: Look, form: Typed) -> tuple[Made, ...]:
    """The measures behind the number in the last whole month; none before the first build or without data."""
    if found.build is None or found.period is None:
        return ()
    try:
        counted = tallies(place, Asked((found.name,), start=found.period, end=found.period, as_of=form.as_of or None))
    except Refused:
        return ()

    def one(c: Counted) -> Made:
        url = "" if c.lacks else behind.rows(found.name, found.period, measure=c.column, as_of=form.as_of)
        return Made(c, url, said(c.rows, "count", found.manner, url), said(c.value, c.unit, found.manner, url))

    return tuple(one(c) for c in counted)


def offer(place: Workspace, found: Look, form: Typed) -> TrendForm:
    """What the form of the trend offers."""
    per = form.per or "month"
    grain = per if per in GRAINS else "month"
    periods = recent(place, Grain(grain), 24, as_of=form.as_of or None)

    def choices(names: tuple[str, ...]) -> tuple[Choice, ...]:
        return tuple(Choice(name, behind.in_words(name), name in form.by) for name in names)

    typed_in = tuple(name for name in form.by if name not in (*found.usual, *found.others))
    return TrendForm(
        grains=tuple(
            Switch(label, behind.metric(found.name, **form.asking(per=key, start="", end="")), key == per)
            for key, label in GRAINS.items()
        ),
        usual=choices((*found.usual, *typed_in)),
        others=choices(found.others),
        lacking=found.lacking,
        periods=tuple((name, period_words(name, found.manner)) for name in periods),
        cleared=behind.metric(found.name),
    )


urls = [path("metrics/<str:name>/", metric, name="metric")]

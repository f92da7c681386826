"""The model: every subject that was agreed, readable as a page, with what is wrong beside what it is about."""

from collections.abc import Mapping
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from fairlead.actions.agreements import SubjectPage, subjects
from fairlead.actions.agreements import subject as tell
from fairlead.actions.checking import check_model
from fairlead.actions.history import chapters
from fairlead.desk.linking import anchor
from fairlead.desk.overviews import Overview, overviews
from fairlead.desk.refusals import refusing
from fairlead.desk.rhythm import Rhythm, rhythm
from fairlead.desk.telling import Part, part
from fairlead.desk.workplace import workspace
from fairlead.model.whole import SUBJECTS, Model
from fairlead.picture.wording import Manner, moment_words
from fairlead.problem import Problem

TOLD_ELSEWHERE = frozenset({"raci"})  # the matrix of roles and processes says it


class Content(NamedTuple):
    """A line of the list of contents."""

    id: str
    title: str
    entries: int


class Page(NamedTuple):
    """A subject as it is shown: at a glance, then part by part; `before` and `after` are subjects too."""

    subject: SubjectPage
    overviews: tuple[Overview, ...]
    rhythm: Rhythm | None
    parts: tuple[Part, ...]
    contents: tuple[Content, ...]
    before: str
    after: str


@require_safe
@refusing("The model cannot be read", "scoreboard")
def listed(request: HttpRequest) -> HttpResponse:
    """Every subject with what it holds and its problems, and when the model last changed."""
    place = workspace()
    changed = chapters(place)[-1]
    shown = {
        "subjects": subjects(place),
        "problems": check_model(place),
        "changed": moment_words(changed.since, place.manner),
        "is_built": changed.is_built,
        "is_starter": place.model_folder.name != "model",
        "digest": place.model.digest,
    }
    return render(request, "model.html", shown)


@require_safe
@refusing("The model has no such subject", "model")
def one(request: HttpRequest, subject: str) -> HttpResponse:
    """One subject as a page."""
    place = workspace()
    return render(request, "subject.html", {"page": _page(subject, place.model, tell(place, subject), place.manner)})


def _page(name: str, model: Model, found: SubjectPage, manner: Manner) -> Page:
    beside = {anchor(s.name, e.name): e.problems for s in found.sections for e in s.entries}
    glance = tuple(_with_problems(overview, beside) for overview in overviews(model, name, manner))
    instead = {overview.instead for overview in glance} | TOLD_ELSEWHERE
    told = (section for section in found.sections if section.name not in instead)
    parts = tuple(one for section in told if (one := part(section, without=("in_a_minute",))).entries)
    names = list(SUBJECTS)
    place = names.index(name)
    return Page(
        subject=found,
        overviews=glance,
        rhythm=rhythm(model) if name == "cadence" else None,
        parts=parts,
        contents=(
            *(Content(overview.name, overview.title, len(overview.rows)) for overview in glance),
            *(Content(one.id, one.title, one.entries) for one in parts),
        ),
        before=names[place - 1] if place else "",
        after=names[place + 1] if place + 1 < len(names) else "",
    )


def _with_problems(overview: Overview, beside: Mapping[str, tuple[Problem, ...]]) -> Overview:
    """The overview with the problems of its entries, where it is the place they are told."""
    rows = tuple(row._replace(problems=beside.get(row.id, ())) for row in overview.rows)
    return overview._replace(rows=rows, problems=beside.get(overview.name, ()))


urls = [path("model/", listed, name="model"), path("model/<str:subject>/", one, name="subject")]

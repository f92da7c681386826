"""What the command palette finds, as one small file the browser keeps until the model changes."""

import hashlib
import json
from functools import lru_cache
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.urls import NoReverseMatch, path, reverse
from django.views.decorators.http import require_safe

from fairlead.desk.frame import ROOMS
from fairlead.desk.workplace import workspace
from fairlead.model.whole import SUBJECTS, Model
from fairlead.problem import Refused
from fairlead.values import in_words


class Entry(NamedTuple):
    """One thing to be found: by its title, by other names it goes `also` by, by what is said of it."""

    title: str
    kind: str
    url: str
    says: str
    also: str


class Listed(NamedTuple):
    """Every entry as JSON, and the tag that changes when it does."""

    body: bytes
    tag: str


@require_safe
def palette(request: HttpRequest) -> HttpResponse:
    """Every page, metric, term and subject; only pages where the model cannot be read."""
    try:
        model = workspace().model
    except Refused:
        model = Model()
    listed = _listed(model)
    unchanged = listed.tag in request.headers.get("If-None-Match", "")
    answer = HttpResponseNotModified() if unchanged else HttpResponse(listed.body, content_type="application/json")
    answer["ETag"] = listed.tag
    answer["Cache-Control"] = "private, no-cache"  # kept, and asked for anew each time: it costs a line when unchanged
    return answer


@lru_cache(maxsize=2)
def _listed(model: Model) -> Listed:
    entries = [*_pages(), *_metrics(model), *_terms(model), *_subjects()]
    body = json.dumps([entry._asdict() for entry in entries], ensure_ascii=False, separators=(",", ":")).encode()
    return Listed(body, f'"{hashlib.sha256(body).hexdigest()[:16]}"')


def _pages() -> list[Entry]:
    named = [(room, name, label) for room, pages in ROOMS for name, label in pages.items()]
    return [Entry(label, "page", url, room, "") for room, name, label in named if (url := _address(name))]


def _metrics(model: Model) -> list[Entry]:
    return [
        Entry(m.title, "metric", url, m.definition, " ".join([m.name, m.id or "", *m.aliases]).lower())
        for m in model.metrics.metrics.values()
        if (url := _address("metric", m.name) or _address("term", m.name))
    ]


def _terms(model: Model) -> list[Entry]:
    """What the dictionary holds besides metrics: stages and words, by their own names."""
    stages = [(stage.name, stage.title, stage.says) for stage in model.stages]
    words = [(word.name, in_words(word.name), word.says) for word in model.data.definitions.values()]
    measures = [(name, in_words(name), measure.says) for name, measure in model.metrics.measures.items()]
    named = {name: (label, says) for name, label, says in [*measures, *words, *stages]}
    return [
        Entry(label, "term", url, says, name)
        for name, (label, says) in named.items()
        if name not in model.metrics.metrics and (url := _address("term", name))
    ]


def _subjects() -> list[Entry]:
    named = [(subject, kind.__doc__ or "") for subject, kind in SUBJECTS.items()]
    return [
        Entry(in_words(subject), "model", url, says.splitlines()[0] if says else "", subject)
        for subject, says in named
        if (url := _address("subject", subject))
    ]


def _address(name: str, *parts: str) -> str:
    """The address of a page, empty where there is no such page."""
    try:
        return reverse(name, args=parts)
    except NoReverseMatch:
        return ""


urls = [path("palette.json", palette, name="palette")]

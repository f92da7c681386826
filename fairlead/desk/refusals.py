"""A page for something that is not there, or cannot be shown: what the verb said, and what to do."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from fairlead.actions.laws import UNKNOWN_METRIC, UNKNOWN_SUBJECT
from fairlead.problem import Refused
from fairlead.record.laws import NO_BUILD

NOT_THERE = frozenset({NO_BUILD.code, UNKNOWN_METRIC.code, UNKNOWN_SUBJECT.code})
View = Callable[..., HttpResponse]


def refusing(title: str, back: str) -> Callable[[View], View]:
    """A view whose verb may refuse: then a page says why. `back` names the page to go on from."""

    def around(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
            try:
                return view(request, *args, **named)
            except Refused as refused:
                return missing(request, refused, title, back)

        return answer

    return around


def missing(request: HttpRequest, refused: Refused, title: str, back: str) -> HttpResponse:
    """404 where a name is unknown, 503 where the workspace cannot answer."""
    status = 404 if {p.code for p in refused.problems} <= NOT_THERE else 503
    known = title if status == 404 else "This cannot be shown now"
    shown = {"problems": refused.problems, "title": known, "back": back, "status": status}
    return render(request, "missing.html", shown, status=status)

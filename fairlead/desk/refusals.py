"""A page for something that is not there, or cannot be shown: what the verb said, and what to do."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from fairlead.actions.laws import (
    MAY_NOT_WAIVE,
    NOT_MADE,
    UNKNOWN_HANDOFF,
    UNKNOWN_METRIC,
    UNKNOWN_RECORD,
    UNKNOWN_STAGE,
    UNKNOWN_SUBJECT,
)
from fairlead.desk.workplace import workspace
from fairlead.problem import Problem, Refused
from fairlead.record.laws import LAKE_DAMAGED, NO_BUILD
from fairlead.workspace import BAD_SETTING, NO_WORKSPACE

ASKED_WRONGLY, NOT_ALLOWED, NOT_THERE, NOT_YET, NOT_NOW = 400, 403, 404, 409, 503

# What the problems of a page answer with. All others are about the question.
STATUS = {
    BAD_SETTING.code: NOT_NOW,
    NO_WORKSPACE.code: NOT_NOW,
    LAKE_DAMAGED.code: NOT_NOW,
    MAY_NOT_WAIVE.code: NOT_ALLOWED,
    UNKNOWN_METRIC.code: NOT_THERE,
    UNKNOWN_RECORD.code: NOT_THERE,
    UNKNOWN_HANDOFF.code: NOT_THERE,
    UNKNOWN_STAGE.code: NOT_THERE,
    UNKNOWN_SUBJECT.code: NOT_THERE,
    NO_BUILD.code: NOT_THERE,
    NOT_MADE.code: NOT_YET,
}
AGREED = ".yaml"  # settings and model are kept in such files; a problem that stands in one is mended there

View = Callable[..., HttpResponseBase]
Teller = Callable[..., HttpResponse]


def status_of(problems: Sequence[Problem]) -> int:
    """503 where the workspace must be mended first; 404 where all is about what is not there, 409 not yet; else 400."""
    found = {_status(problem) for problem in problems}
    if NOT_NOW in found:
        return NOT_NOW
    return found.pop() if len(found) == 1 else ASKED_WRONGLY


def must_be_mended(problems: Sequence[Problem]) -> bool:
    """Whether the workspace itself is broken, so that no other question would be answered either."""
    return any(STATUS.get(problem.code) == NOT_NOW for problem in problems)


def _status(problem: Problem) -> int:
    # A warning that stands in the model, such as what a metric needs, is no fault of the model.
    agreed = problem.is_error and problem.where is not None and problem.where.file.endswith(AGREED)
    return NOT_NOW if agreed else STATUS.get(problem.code, ASKED_WRONGLY)


def refusing(title: str, back: str = "scoreboard", *, told: Teller | None = None) -> Callable[[View], View]:
    """A view that may be refused, by the workspace or by its verb: then a page says why.

    `title` is over what is not there or asked wrongly, and `back` names the page to go on from. `told` says it
    otherwise than with a page: `told(request, refused, status, **what the address names)`.
    """

    def around(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **named: Any) -> HttpResponseBase:
            status = NOT_NOW  # settings that cannot be read are nobody's question, whatever is wrong with them
            try:
                workspace()
                status = 0
                return view(request, *args, **named)
            except Refused as refused:
                status = status or status_of(refused.problems)
                if told is not None:
                    return told(request, refused, status, **named)
                return missing(request, refused, status, title, back)

        return answer

    return around


def missing(request: HttpRequest, refused: Refused, status: int, title: str, back: str = "scoreboard") -> HttpResponse:
    """The page that says why there is no other."""
    if status == NOT_NOW:
        return not_now(request, refused)
    shown = {"problems": refused.problems, "title": title, "back": back}
    return render(request, "missing.html", shown, status=status)


def not_now(request: HttpRequest, refused: Refused) -> HttpResponse:
    """503: nothing is wrong with the question; somebody has to mend the workspace first."""
    shown = {"problems": refused.problems, "title": "This cannot be shown now"}
    return render(request, "refused.html", shown, status=NOT_NOW)

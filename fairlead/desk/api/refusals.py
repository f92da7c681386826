"""Why there is no answer, always in one shape: `{"problems": [{code, severity, message, hint, file, line}]}`."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.http import HttpRequest, HttpResponse

from fairlead.actions.laws import MAY_NOT_WAIVE, NOT_MADE, UNKNOWN_FLOW
from fairlead.desk.api.shapes import Problems, problems_shown
from fairlead.desk.api.written import written
from fairlead.desk.laws import BAD_PARAMETER, FORM_EXPIRED, NO_ACCESS, NOT_FOUND, NOT_SIGNED_IN, WRONG_METHOD
from fairlead.desk.refusals import ASKED_WRONGLY, NOT_ALLOWED, STATUS
from fairlead.problem import Problem, Refused
from fairlead.record.laws import BUILD_RUNNING, NO_BUILD

BEGINNING = "/api/"
REALM = 'Bearer realm="Fairlead"'

# Nothing is wrong with the question: it cannot be answered yet, or not before somebody mends the workspace.
NOT_YET = frozenset({NO_BUILD.code, BUILD_RUNNING.code, NOT_MADE.code})
NOT_NOW = frozenset(code for code, status in STATUS.items() if status == 503)


class Missing(Exception):  # noqa: N818 - an answer, like Refused
    """What the address names is not there: 404, with the problems that say so."""

    def __init__(self, refused: Refused) -> None:
        self.problems = refused.problems
        super().__init__(str(refused))


def is_for_programs(request: HttpRequest) -> bool:
    """Whether an address belongs to the API, where answers are JSON."""
    return request.path.startswith(BEGINNING)


def refusal(problems: Sequence[Problem], status: int) -> HttpResponse:
    """The problems as an answer."""
    content = written(Problems(problems=problems_shown(problems)))
    return HttpResponse(content, status=status, content_type="application/json; charset=utf-8")


def refused(problems: Sequence[Problem]) -> HttpResponse:
    """What a verb refused: 400 is about the question, 403 is not theirs to decide, 409 waits for a build, 503 for a
    lake that is mended.
    """
    codes = {problem.code for problem in problems}
    may_not = NOT_ALLOWED if codes == {MAY_NOT_WAIVE.code} else ASKED_WRONGLY
    return refusal(problems, 503 if codes & NOT_NOW else 409 if codes & NOT_YET else may_not)


def unavailable(problems: Sequence[Problem]) -> HttpResponse:
    """The settings or the model cannot be read at all."""
    return refusal(problems, 503)


def not_signed_in() -> HttpResponse:
    """Tells nothing but how to sign in; the same for every address, every method and every wrong token."""
    answer = refusal([NOT_SIGNED_IN.broken("No valid token came with the request, and nobody is signed in.")], 401)
    answer["WWW-Authenticate"] = REALM
    return answer


def no_access() -> HttpResponse:
    return refusal([NO_ACCESS.broken("You are signed in and have no access to this workspace.")], 403)


def form_expired() -> HttpResponse:
    return refusal([FORM_EXPIRED.broken("The session's form token is missing or too old.")], 403)


def not_found(path: str) -> HttpResponse:
    return refusal([NOT_FOUND.broken(f"There is nothing at {path[:200]}.")], 404)


def wrong_method(request: HttpRequest, allowed: str) -> HttpResponse:
    told = f"This address does not answer {(request.method or '')[:20]}."
    answer = refusal([WRONG_METHOD.broken(told, hint=f"Use {allowed}.")], 405)
    answer["Allow"] = allowed
    return answer


def unreadable(messages: Sequence[str], status: int = 422) -> HttpResponse:
    """Parameters or a body that cannot be read."""
    return refusal([BAD_PARAMETER.broken(message) for message in messages], status)


@contextmanager
def missing() -> Iterator[None]:
    """What is refused within because of a name in the address is not a bad question but not there."""
    try:
        yield
    except Refused as refused:
        if {problem.code for problem in refused.problems} & (NOT_NOW | {UNKNOWN_FLOW.code}):  # no address names a flow
            raise
        raise Missing(refused) from refused
